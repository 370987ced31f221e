// SPDX-License-Identifier: MIT

// Package web holds what a browser gets: pages rendered by html/template and made live by small ES modules, their styles, and the
// widget that a company puts on its own site. Everything is embedded, nothing is built, nothing comes from another host.
//
// Values of this package are read-only after New and safe for concurrent use.
package web
