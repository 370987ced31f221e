// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/knowledge"
	"candor/postgres/pgtest"
)

func TestImport_makes_articles_findable(t *testing.T) {
	t.Parallel()
	s := knowledge.New(knowledge.Config{DB: pgtest.DB(t)})
	report, err := s.ImportReader(t.Context(), "a.jsonl", strings.NewReader(`{"id":"a","title":"Refunds","body":"We pay refunds within five days.","lang":"en"}
{"id":"b","title":"Roaming","body":"Roaming in Europe costs nothing.","lang":"en"}
`), knowledge.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, 2, report.Created, "%+v", report)
	found, err := s.Search(t.Context(), knowledge.Query{Text: "when do I get my refund?"})
	require.NoError(t, err)
	require.Equal(t, "a", found.Passages[0].ExternalID)
	t.Logf("%+v", found)
}
