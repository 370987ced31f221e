// SPDX-License-Identifier: MIT

// Package gap collects what customers asked in vain, puts together what means the
// same, and helps an editor to close it: a draft from what agents answered, golden
// questions from what customers asked, and the end when the gate shows that the
// bot answers them from the article.
//
// Of a question the database holds which turn it was, when, why it failed, and to
// which gap it belongs. Its words stay sealed in the conversation: a sweep opens
// those of the newest questions, takes personal data out, compares them in memory
// and forgets them; pages open the few that they show. A gap has no text of its
// own either: it is named by one of its questions, so that nothing is left of a
// customer who is erased. No vector and no term of a question is ever stored.
//
// The work is done by a background job, one gateway at a time; a Service is safe
// for concurrent use.
package gap
