// SPDX-License-Identifier: MIT

package guard

import "sync"

// memoSize is how many texts of each kind are kept; when there are more, all are forgotten.
const memoSize = 128

// memo keeps what passages were read as: the sentences of an answer cite the same few, and many customers ask about the same.
// Its values are only read. Safe for concurrent use.
type memo[K comparable, V any] struct {
	mu   sync.Mutex
	kept map[K]V
}

func (m *memo[K, V]) get(key K, read func() V) V {
	m.mu.Lock()
	v, ok := m.kept[key]
	m.mu.Unlock()
	if ok {
		return v
	}
	v = read()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) >= memoSize {
		m.kept = map[K]V{}
	}
	m.kept[key] = v
	return v
}

// passageKey is a text and the language in which it was read.
type passageKey struct{ raw, lang string }

var (
	glances  memo[string, glance]
	readings memo[passageKey, reading]
)
