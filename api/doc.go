// SPDX-License-Identifier: MIT

// Package api is HTTP: it reads requests, calls the domain and writes JSON,
// streams and pages. It holds no rules and no SQL; openapi.yaml is the contract
// and every test of this package is held against it. Every route stands in
// routes.go, every error becomes a response in errors.go.
package api
