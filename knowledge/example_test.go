// SPDX-License-Identifier: MIT

package knowledge_test

import (
	"context"
	"fmt"
	"strings"

	"candor/knowledge"
	"candor/postgres"
)

func ExampleService_Search() {
	ctx := context.Background()
	db, err := postgres.Open(ctx, "postgres://candor@localhost/candor")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	library := knowledge.New(knowledge.Config{DB: db})
	report, err := library.ImportReader(ctx, "help.md", strings.NewReader("# Refunds\n\nA refund takes five days."), knowledge.ImportOptions{})
	if err != nil {
		panic(err)
	}
	for _, item := range report.Items {
		fmt.Println(item.Name, item.Status, item.Error)
	}
	found, err := library.Search(ctx, knowledge.Query{Text: "how long does a refund take?"})
	if err != nil {
		panic(err)
	}
	for _, p := range found.Passages {
		fmt.Println(p.Title, p.Version, p.Text)
	}
}
