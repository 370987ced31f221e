// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"candor/chat"
	"candor/internal/fault"
	"candor/postgres/pgtest"
)

// command runs the binary to its end and gives what it printed and its status.
func (s *site) command(t *testing.T, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), buildBinary(t), args...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited { //nolint:errorlint // exec gives it bare
		require.NoError(t, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (s *site) works(t *testing.T, args ...string) string {
	t.Helper()
	out, code := s.command(t, args...)
	require.Zero(t, code, out)
	return out
}

func TestCommands_company(t *testing.T) {
	t.Parallel()
	s := emptySite(t, pgtest.URL(t))
	out, code := s.command(t, "company", "show")
	require.Equal(t, 1, code, out)
	file := filepath.Join(t.TempDir(), "company.json")
	write := func(c chat.Company) {
		raw, err := json.Marshal(c)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, raw, 0o600))
	}
	bad := demoCompany()
	bad.TimeZone, bad.Channels = "Nowhere/At-All", nil
	write(bad)
	out, code = s.command(t, "company", "set", file)
	require.Equal(t, 1, code)
	require.Contains(t, out, "time_zone: Choose a time zone")
	require.Contains(t, out, "channels: Customers need at least two ways")
	write(demoCompany())
	require.Contains(t, s.works(t, "company", "set", file), "is in force")
	var shown chat.Company
	require.NoError(t, json.Unmarshal([]byte(s.works(t, "company", "show")), &shown))
	require.Equal(t, demoCompany(), shown)
}

func TestCommands_staff(t *testing.T) {
	t.Parallel()
	s := emptySite(t, pgtest.URL(t))
	require.Contains(t, s.works(t, "staff", "invite", "--email", "boss@example.com", "--name", "Boss", "--role", "supervisor"), "/password#cp_")
	out, code := s.command(t, "staff", "disable", "--email", "boss@example.com")
	require.Equal(t, 1, code)
	require.Contains(t, out, "last supervisor")
	s.works(t, "staff", "add", "--email", "a@example.com", "--name", "A", "--role", "agent")
	s.works(t, "staff", "role", "--email", "a@example.com", "--role", "supervisor")
	s.works(t, "staff", "disable", "--email", "boss@example.com")
	require.NotContains(t, s.works(t, "staff", "list"), "boss@example.com")
	out, code = s.command(t, "staff", "reset", "--email", "boss@example.com")
	require.Equal(t, 1, code)
	require.Contains(t, out, "disabled")
	s.works(t, "staff", "enable", "--email", "boss@example.com")
	require.Contains(t, s.works(t, "staff", "reset", "--email", "boss@example.com"), "/password#cp_")
	require.Contains(t, s.works(t, "staff", "token", "--email", "a@example.com"), "ct_")
}

func TestCommands_erase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var id string
	s.inside(t, func(ctx context.Context, a *app) {
		created, err := a.chat.Create(ctx, "en", chat.Profile{Email: "gone@example.com"})
		require.NoError(t, err)
		id = created.Conversation.PublicID
	})
	_, code := s.command(t, "erase")
	require.Equal(t, 2, code)
	require.Contains(t, s.works(t, "erase", "--email", "Gone@example.com"), "Erased: 1 of 1.")
	s.inside(t, func(ctx context.Context, a *app) {
		c, err := a.chat.Find(ctx, id)
		require.NoError(t, err)
		_, err = a.chat.Profile(ctx, c)
		require.True(t, fault.Is(err, "conversation_erased"))
	})
	_, code = s.command(t, "erase", "--email", "gone@example.com")
	require.Equal(t, 1, code)
	require.Contains(t, s.works(t, "erase", "--conversation", id), "Erased: 1 of 1.")
}
