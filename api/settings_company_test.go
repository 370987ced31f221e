// SPDX-License-Identifier: MIT

package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"candor/staff"
)

// fills types into the field of that name.
func (b window) fills(t *testing.T, field, value string) {
	t.Helper()
	inWindow[bool](t, b, `
		const el = await until("the field", () => document.querySelector('[data-field="' + `+quoted(field)+` + '"]'));
		el.value = `+quoted(value)+`;
		el.dispatchEvent(new Event("input", { bubbles: true }));
		el.dispatchEvent(new Event("change", { bubbles: true }));
		return true`)
}

func TestSettings_all_of_the_company_in_a_browser(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.window(t, "Supervisor Browser", staff.RoleSupervisor)
	b.reads(t, "How cases reach agents")
	b.fills(t, "assignment", "round_robin")
	b.fills(t, "silent_minutes", "5000")
	b.fills(t, "targets.priorities.urgent.ack_minutes", "-3")
	b.press(t, "Save")
	b.reads(t, "Nothing was saved yet")
	require.Equal(t, []string{"silent_minutes", "targets.priorities.urgent.ack_minutes"}, inWindow[[]string](t, b, `
		return [...document.querySelectorAll("[aria-invalid]")].map((el) => {
			const message = document.getElementById(el.id + "-e");
			return message.textContent && message.checkVisibility() ? el.dataset.field : "hidden: " + el.dataset.field;
		}).sort()`), "each beside its field, and in sight")
	b.fills(t, "silent_minutes", "7")
	b.fills(t, "targets.priorities.urgent.ack_minutes", "2")
	b.fills(t, "targets.resolution_minutes", "480")
	inWindow[bool](t, b, `document.querySelector('[data-field="second_eyes"]').click(); return true`)
	b.picture(t, "company_all")
	b.press(t, "Save")
	b.reads(t, "Saved as version 1.")
	c := w.Chat.Company()
	require.True(t, c.TakesTurns())
	require.True(t, c.SecondEyes)
	require.Equal(t, 7, c.SilentMinutes)
	require.Equal(t, 2, c.Targets.For("urgent").AckMinutes)
	require.Equal(t, 480, c.Targets.For("low").ResolutionMinutes)
	b.fills(t, "assignment", "automatic")
	b.fills(t, "silent_minutes", "")
	b.press(t, "Save")
	b.reads(t, "Saved as version 2.")
	require.Zero(t, w.Chat.Company().SilentMinutes)
	require.Empty(t, w.Chat.Company().Assignment)
	b.keepsPolicy(t)
	b.fits(t)
}
