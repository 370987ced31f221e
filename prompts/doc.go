// SPDX-License-Identifier: MIT

// Package prompts holds every text that is sent to a language model or shown to a customer: wording in eight languages, one file
// each, and the templates of the model's messages. It decides nothing and reads nothing but its own embedded files.
//
// All of it is loaded once at start-up and never changes, so every function is safe for concurrent use.
package prompts
