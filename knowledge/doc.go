// SPDX-License-Identifier: MIT

// Package knowledge takes articles in and gives grounded passages out: versions, the live index,
// embeddings and hybrid search.
//
// An article has versions, of which at most one is published. Publishing happens in two steps: the
// text is cut into chunks and embedded outside of any transaction, then one transaction switches the
// live index over, so that the old version serves until the new one is complete. The tables of chunks,
// vectors and term counts hold published versions only.
//
// A Service is safe for concurrent use and starts no goroutine; what runs in the background runs in
// River's workers (see AddWorkers). Publications of different articles never wait for each other:
// statistics are kept as sums of inserted rows, not in counters.
package knowledge
