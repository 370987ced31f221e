// SPDX-License-Identifier: MIT

package seal_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"candor/internal/seal"
	"candor/postgres/pgtest"
)

func open(t *testing.T, db *pgxpool.Pool, master string) *seal.Keystore {
	t.Helper()
	key, err := seal.ParseMasterKey(master)
	require.NoError(t, err)
	keys, err := seal.Open(t.Context(), db, key)
	require.NoError(t, err)
	return keys
}

func TestKeystore(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	master, err := seal.NewMasterKey()
	require.NoError(t, err)
	keys := open(t, db, master)

	t.Run("opens what another gateway sealed", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, keys.Create(t.Context(), "ann"))
		ours, err := keys.Key(t.Context(), "ann")
		require.NoError(t, err)
		sealed, commitment, err := ours.Seal("c/1/m/1", []byte("my number is 12"))
		require.NoError(t, err)
		require.NotContains(t, string(sealed), "number")

		theirs, err := open(t, db, master).Key(t.Context(), "ann")
		require.NoError(t, err)
		content, again, err := theirs.Open("c/1/m/1", sealed)
		require.NoError(t, err)
		require.Equal(t, "my number is 12", string(content))
		require.Equal(t, commitment, again)
	})

	t.Run("text moved to another place does not open", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, keys.Create(t.Context(), "bea"))
		key, err := keys.Key(t.Context(), "bea")
		require.NoError(t, err)
		sealed, _, err := key.Seal("c/1/m/1", []byte("x"))
		require.NoError(t, err)
		_, _, err = key.Open("c/1/m/2", sealed)
		require.Error(t, err)
	})

	t.Run("equal texts do not show in their commitments", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, keys.Create(t.Context(), "cyd"))
		key, err := keys.Key(t.Context(), "cyd")
		require.NoError(t, err)
		_, first, err := key.Seal("p", []byte("yes"))
		require.NoError(t, err)
		_, second, err := key.Seal("p", []byte("yes"))
		require.NoError(t, err)
		require.NotEqual(t, first, second)
	})

	t.Run("a destroyed key is gone for good", func(t *testing.T) {
		t.Parallel()
		require.NoError(t, keys.Create(t.Context(), "dov"))
		require.NoError(t, keys.Destroy(t.Context(), "dov"))
		require.NoError(t, keys.Destroy(t.Context(), "dov"))
		_, err := keys.Key(t.Context(), "dov")
		require.ErrorIs(t, err, seal.ErrDestroyed)
		require.Error(t, keys.Create(t.Context(), "dov"), "its name cannot be used again")
	})

	t.Run("the blind index is the same on every gateway", func(t *testing.T) {
		t.Parallel()
		ours, err := keys.Index("a@example.com")
		require.NoError(t, err)
		theirs, err := open(t, db, master).Index("a@example.com")
		require.NoError(t, err)
		require.Equal(t, ours, theirs)
		other, err := keys.Index("b@example.com")
		require.NoError(t, err)
		require.NotEqual(t, ours, other)
	})

	t.Run("another master key is refused in words", func(t *testing.T) {
		t.Parallel()
		other, err := seal.NewMasterKey()
		require.NoError(t, err)
		key, err := seal.ParseMasterKey(other)
		require.NoError(t, err)
		_, err = seal.Open(t.Context(), db, key)
		require.ErrorContains(t, err, "made with another one")
	})
}

func TestParseMasterKey_refuses_what_is_none(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "not base64!", "aGVsbG8="} {
		_, err := seal.ParseMasterKey(text)
		require.ErrorContains(t, err, "candor keygen")
	}
}
