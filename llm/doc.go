// SPDX-License-Identifier: MIT

// Package llm is the one door to the model provider: streamed chat completions
// and embeddings over the OpenAI protocol, through go-openai. It turns whatever a
// provider does into text, or into one of a few typed errors, within set limits
// of time, memory and cost.
//
// # What a caller can rely on
//
//   - Stream returns once the model has produced its first token. Until then
//     failures are retried (429, 5xx, broken connections; Retry-After honoured; a
//     budget of about a tenth of the recent calls, so that a storm is not made
//     worse), and what remains is ErrUnavailable or ErrRejected. After the first
//     token nothing is retried: a sentence could be said twice.
//   - Next gives io.EOF only after the provider said why it finished. Any other
//     end is an error: ErrCut, ErrStalled, ErrTooLong or ErrGarbled.
//   - Text is valid UTF-8 without control characters, also when a character was
//     split over tokens or arrived broken. What a model thinks before its answer
//     (reasoning fields, <think> blocks) is not part of the text.
//   - Memory is bounded: by line, by stream, by response. A stream that is closed
//     or fails cancels the request at the provider at once.
//   - A circuit breaker for chat and one for embeddings fail calls at once while
//     the provider is down, and let a single probe through to see it return.
//     Requests that the provider rejects for what they are do not trip it.
//   - No error carries the API key, the prompt or the provider's own words: only a
//     status and a short word. Nothing else is logged either.
//
// # Providers
//
// Config.BaseURL is the address up to and including the version: OpenAI
// (https://api.openai.com/v1, the default), Azure's v1 API
// (https://RESOURCE.openai.azure.com/openai/v1), vLLM and most gateways
// (http://HOST:8000/v1), Ollama (http://HOST:11434/v1), llama.cpp
// (http://HOST:8080/v1). Azure's older deployment addresses
// (/openai/deployments/NAME?api-version=...) are used when Config.AzureAPIVersion
// is set; BaseURL is then the resource's address alone and the model names are
// the deployments' names. Redirects are not followed.
//
// Providers differ in the parameters they take. Reasoning models get
// max_completion_tokens and no temperature; a provider that rejects max_tokens,
// temperature, stream_options or dimensions as unsupported is asked again without
// it, once, and remembered.
//
// # Concurrency
//
// A Client is safe for concurrent use and starts no goroutines. A Stream belongs
// to one goroutine; to interrupt it from another, cancel its context.
package llm
