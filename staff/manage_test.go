// SPDX-License-Identifier: MIT

package staff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/internal/fault"
	"candor/postgres/pgtest"
	"candor/staff"
)

func TestManage(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	s := staff.New(db)
	boss, err := s.Add(t.Context(), "boss@example.com", "Supervisor A", staff.RoleSupervisor, password)
	require.NoError(t, err)

	t.Run("an invited person chooses a password by a link that works once", func(t *testing.T) {
		t.Parallel()
		a, secret, err := s.Invite(t.Context(), boss.ID, "invited@example.com", "Agent I", staff.RoleAgent)
		require.NoError(t, err)
		_, _, err = s.SignInByLink(t.Context(), secret)
		require.True(t, fault.Is(err, "link_not_valid"), "it is no sign-in link")
		_, _, err = s.ChoosePassword(t.Context(), secret, "short")
		require.True(t, fault.Is(err, "weak_password"))
		_, session, err := s.ChoosePassword(t.Context(), secret, "a longer password")
		require.NoError(t, err)
		got, err := s.Session(t.Context(), session)
		require.NoError(t, err)
		require.Equal(t, a.ID, got.ID)
		_, _, err = s.ChoosePassword(t.Context(), secret, "another password")
		require.True(t, fault.Is(err, "link_not_valid"))
		_, _, err = s.SignIn(t.Context(), "invited@example.com", "a longer password", "10.1.0.1")
		require.NoError(t, err)
	})

	t.Run("a reset ends what was open, and asking for one says nothing", func(t *testing.T) {
		t.Parallel()
		a, err := s.Add(t.Context(), "reset@example.com", "Agent R", staff.RoleAgent, password)
		require.NoError(t, err)
		_, session, err := s.SignIn(t.Context(), "reset@example.com", password, "10.1.0.2")
		require.NoError(t, err)
		found, secret, err := s.Forgot(t.Context(), "Reset@example.com")
		require.NoError(t, err)
		require.Equal(t, a.ID, found.ID)
		nobody, _, err := s.Forgot(t.Context(), "nobody@example.com")
		require.NoError(t, err)
		require.Zero(t, nobody.ID)
		_, err = s.Session(t.Context(), session)
		require.NoError(t, err, "asking ends nothing")
		_, _, err = s.ChoosePassword(t.Context(), secret, "a longer password")
		require.NoError(t, err)
		_, err = s.Session(t.Context(), session)
		require.True(t, fault.Is(err, "unauthenticated"))
		_, _, err = s.SignIn(t.Context(), "reset@example.com", password, "10.1.0.2")
		require.True(t, fault.Is(err, "wrong_credentials"))
	})

	t.Run("disabling ends sessions, tokens and links at once", func(t *testing.T) {
		t.Parallel()
		a, err := s.Add(t.Context(), "gone@example.com", "Agent G", staff.RoleAgent, password)
		require.NoError(t, err)
		_, session, err := s.SignIn(t.Context(), "gone@example.com", password, "10.1.0.3")
		require.NoError(t, err)
		token, err := s.CreateToken(t.Context(), boss.ID, a.ID, "reports")
		require.NoError(t, err)
		link, err := s.ResetLink(t.Context(), boss.ID, a.ID)
		require.NoError(t, err)
		require.NoError(t, s.Disable(t.Context(), boss.ID, a.ID))
		_, err = s.Session(t.Context(), session)
		require.True(t, fault.Is(err, "unauthenticated"))
		_, err = s.Token(t.Context(), token)
		require.True(t, fault.Is(err, "unauthenticated"))
		_, _, err = s.ChoosePassword(t.Context(), link, "a longer password")
		require.True(t, fault.Is(err, "link_not_valid"))
		_, err = s.ResetLink(t.Context(), boss.ID, a.ID)
		require.True(t, fault.Is(err, "account_disabled"))
		require.NoError(t, s.Enable(t.Context(), boss.ID, a.ID))
		_, err = s.Token(t.Context(), token)
		require.True(t, fault.Is(err, "unauthenticated"), "it does not come back")
		_, _, err = s.SignIn(t.Context(), "gone@example.com", password, "10.1.0.3")
		require.NoError(t, err)
	})

	t.Run("sessions and tokens can be seen and ended one by one", func(t *testing.T) {
		t.Parallel()
		a, err := s.Add(t.Context(), "many@example.com", "Agent M", staff.RoleAgent, password)
		require.NoError(t, err)
		_, one, err := s.SignIn(t.Context(), "many@example.com", password, "10.1.0.4")
		require.NoError(t, err)
		_, two, err := s.SignIn(t.Context(), "many@example.com", password, "10.1.0.4")
		require.NoError(t, err)
		list, err := s.Credentials(t.Context(), a.ID, one)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.True(t, list[1].Current)
		require.True(t, fault.Is(s.Revoke(t.Context(), boss.ID, boss.ID, list[0].ID), "credential_not_found"), "it is another account's")
		require.NoError(t, s.Revoke(t.Context(), a.ID, a.ID, list[0].ID))
		_, err = s.Session(t.Context(), two)
		require.True(t, fault.Is(err, "unauthenticated"))
		require.True(t, fault.Is(s.ChangePassword(t.Context(), a.ID, "wrong", "a longer password", one), "wrong_password"))
		require.NoError(t, s.ChangePassword(t.Context(), a.ID, password, "a longer password", one))
		_, err = s.Session(t.Context(), one)
		require.NoError(t, err, "the one that changed it goes on")
	})

	t.Run("membership is checked and kept", func(t *testing.T) {
		t.Parallel()
		a, err := s.Add(t.Context(), "member@example.com", "Agent T", staff.RoleAgent, "")
		require.NoError(t, err)
		m, err := s.Member(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, 4, m.Capacity)
		wanted := staff.Membership{Team: "billing", Skills: []string{"refunds"}, Languages: []string{"en", "de"}, Capacity: 6}
		require.NoError(t, s.SetMembership(t.Context(), boss.ID, a.ID, wanted))
		m, err = s.Member(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, wanted, m.Membership)
		f, is := fault.Of(s.SetMembership(t.Context(), boss.ID, a.ID, staff.Membership{Skills: []string{"REFUNDS"}, Capacity: 51}))
		require.True(t, is)
		require.Len(t, f.Fields, 2)
		require.True(t, fault.Is(s.SetMembership(t.Context(), boss.ID, 9999, staff.Membership{}), "account_not_found"))
	})
}

func TestManage_the_last_supervisor_stays(t *testing.T) {
	t.Parallel()
	s := staff.New(pgtest.DB(t))
	one, err := s.Add(t.Context(), "one@example.com", "One", staff.RoleSupervisor, "")
	require.NoError(t, err)
	require.True(t, fault.Is(s.Disable(t.Context(), one.ID, one.ID), "last_supervisor"))
	require.True(t, fault.Is(s.SetRole(t.Context(), one.ID, one.ID, staff.RoleAgent), "last_supervisor"))
	two, err := s.Add(t.Context(), "two@example.com", "Two", staff.RoleSupervisor, "")
	require.NoError(t, err)

	// Both try to remove the other at the same moment: one of them stays.
	errs := make(chan error, 2)
	go func() { errs <- s.Disable(t.Context(), one.ID, two.ID) }()
	go func() { errs <- s.SetRole(t.Context(), two.ID, one.ID, staff.RoleCompliance) }()
	refused := 0
	for range 2 {
		if err := <-errs; err != nil {
			require.True(t, fault.Is(err, "last_supervisor"), "%v", err)
			refused++
		}
	}
	require.Equal(t, 1, refused)

	entries, err := s.Audit(t.Context(), staff.AuditFilter{Family: "staff", Limit: 10})
	require.NoError(t, err)
	require.Len(t, entries, 3, "two added, one removed; what was refused is not there")
	require.NotNil(t, entries[0].ByID)
	require.Nil(t, entries[2].ByID, "made at a terminal")
}
