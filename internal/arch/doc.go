// SPDX-License-Identifier: MIT

// Package arch holds no code, only tests: they read the repository's own files and fail where they break its rules.
// The rules are tables at the top of each test file, and each check is also run on a small made-up tree that breaks it,
// so that a check which cannot fail is noticed. Nothing here starts a goroutine.
package arch
