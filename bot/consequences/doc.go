// SPDX-License-Identifier: MIT

// Package consequences tells what became of the answers that rest on an article,
// and takes back what was wrong: everybody who was told of a version that is
// marked wrong is told so, once.
//
// [Service.Mark] says in one transaction that the version is wrong and who is
// concerned. Workers then write to one conversation after the other, each message
// in the transaction that notes it, so that a crash neither loses nor repeats one.
// A [Service] is safe for concurrent use, by several gateways too.
package consequences
