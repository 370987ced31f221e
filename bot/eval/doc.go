// SPDX-License-Identifier: MIT

// Package eval measures the bot on labelled questions: retrieval in a scratch database that goes
// through the whole pipeline, import to confidence, and is dropped afterwards. Functions are safe for
// concurrent use; each makes its own database.
package eval
