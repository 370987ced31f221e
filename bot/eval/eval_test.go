// SPDX-License-Identifier: MIT

package eval_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/bot/confidence"
	"candor/bot/eval"
	"candor/postgres/pgtest"
)

func write(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return path
}

func TestRetrieval(t *testing.T) {
	t.Parallel()
	kb := write(t, "kb.jsonl",
		`{"id":"refund","title":"Refunds","body":"A refund takes five days.","lang":"en"}`,
		`{"id":"roaming","title":"Roaming","body":"Roaming in Europe costs nothing.","lang":"en"}`,
		`{"id":"bill","title":"发票","body":"每月五号可以下载电子发票。","lang":"zh"}`)
	queries := write(t, "queries.jsonl",
		`{"query":"how long does a refund take","relevant":["refund"],"lang":"en","split":"test"}`,
		`{"query":"roaming costs in Europe","relevant":["roaming"],"lang":"en","split":"test"}`,
		`{"query":"what is the capital of Mongolia","relevant":[],"lang":"en","split":"test"}`,
		`{"query":"怎么下载电子发票","relevant":["bill"],"lang":"zh","split":"test"}`)
	done := 0
	report, rows, err := eval.Retrieval(t.Context(), kb, queries, eval.Options{DatabaseURL: pgtest.Server(t), Progress: func(n, total int) { done = n }})
	require.NoError(t, err)
	require.Equal(t, 4, done)

	require.Equal(t, 3, report.All.InScope)
	require.Equal(t, 1, report.All.OutScope)
	require.InDelta(t, 1, report.All.R1, 1e-9)
	require.InDelta(t, 1, report.All.MRR, 1e-9)
	require.InDelta(t, 1, report.All.AUROC, 1e-9)
	require.Len(t, report.Languages, 2)
	require.Equal(t, confidence.Answer, rows[0].Decision)
	require.Equal(t, confidence.Handoff, rows[2].Decision)

	var out bytes.Buffer
	require.NoError(t, eval.WriteRows(&out, rows))
	var first map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes()[:bytes.IndexByte(out.Bytes(), '\n')], &first))
	require.Equal(t, "how long does a refund take", first["query"])
	require.Equal(t, "refund", first["ranked"].([]any)[0])
	require.Equal(t, "answer", first["decision"])
	require.Len(t, first, 4)
	out.Reset()
	require.NoError(t, report.Write(&out))
	require.Contains(t, out.String(), "zh")
}

func TestRetrieval_says_what_is_wrong(t *testing.T) {
	t.Parallel()
	good := write(t, "kb.jsonl", `{"id":"a","title":"A","body":"alpha","lang":"en"}`)
	bad := write(t, "bad.jsonl", `{"id":"a","title":"A","body":"alpha"}`, `{"id":`)
	queries := write(t, "q.jsonl", `{"query":"alpha","relevant":["a"],"lang":"en"}`)
	o := eval.Options{DatabaseURL: pgtest.Server(t)}
	_, _, err := eval.Retrieval(t.Context(), bad, queries, o)
	require.ErrorContains(t, err, "line 2")
	_, _, err = eval.Retrieval(t.Context(), good, bad, o)
	require.ErrorContains(t, err, "line 2")
	_, _, err = eval.Retrieval(t.Context(), good, "absent.jsonl", o)
	require.Error(t, err)
	_, _, err = eval.Retrieval(t.Context(), good, queries, eval.Options{DatabaseURL: "not an address"})
	require.Error(t, err)
}
