// SPDX-License-Identifier: MIT

package web_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
)

// document loads the contract that the scripts of this package talk to.
func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../api/openapi.yaml")
	require.NoError(t, err)
	return doc
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()

	t.Run("is_valid_with_its_examples", func(t *testing.T) {
		t.Parallel()
		doc := document(t)
		require.True(t, doc.IsOpenAPI31OrLater())
		require.NoError(t, doc.Validate(t.Context(), openapi3.EnableExamplesValidation()))
		_, err := gorillamux.NewRouter(doc)
		require.NoError(t, err)
	})

	t.Run("requests_refuse_unknown_fields", func(t *testing.T) {
		t.Parallel()
		bodies := 0
		for path, item := range document(t).Paths.Map() {
			for method, op := range item.Operations() {
				if op.RequestBody == nil {
					continue
				}
				json := op.RequestBody.Value.Content.Get("application/json")
				if json == nil || json.Schema == nil {
					continue
				}
				bodies++
				requireClosed(t, method+" "+path, json.Schema.Value)
			}
		}
		require.Greater(t, bodies, 8)
	})

	t.Run("events_of_streams_have_schemas", func(t *testing.T) {
		t.Parallel()
		doc := document(t)
		streams := 0
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				ok := op.Responses.Value("200")
				if ok == nil {
					continue
				}
				stream := ok.Value.Content.Get("text/event-stream")
				if stream == nil || stream.Extensions["x-events"] == nil {
					continue
				}
				streams++
				for event, ref := range stream.Extensions["x-events"].(map[string]any) {
					name := strings.TrimPrefix(ref.(string), "#/components/schemas/")
					require.Contains(t, doc.Components.Schemas, name, "%s %s: %s", method, path, event)
				}
			}
		}
		require.Equal(t, 5, streams)
	})
}

// requireClosed fails where an object, however deep, would take a field that the contract does not name.
func requireClosed(t *testing.T, where string, s *openapi3.Schema) {
	t.Helper()
	for _, part := range s.OneOf {
		requireClosed(t, where, part.Value)
	}
	if s.Type == nil || !s.Type.Is("object") {
		return
	}
	require.NotNil(t, s.AdditionalProperties.Has, where)
	require.False(t, *s.AdditionalProperties.Has, where)
	for name, p := range s.Properties {
		requireClosed(t, where+" ."+name, p.Value)
	}
}
