// SPDX-License-Identifier: MIT

package triage

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		previous []string
		current  string
		hit      bool
	}{
		{"word for word", []string{"How do I change my address?"}, "how do i change my ADDRESS", true},
		{"rephrased once is no loop yet", []string{"How do I change my address?"}, "How can I update the address I live at?", false},
		{"rephrased twice", []string{"How do I change my address?", "How can my address be changed?"}, "I want to change the address", true},
		{"rephrased with a reproach", []string{"How do I change my delivery address?"}, "That is not what I asked. How can I change the delivery address?", true},
		{"another question", []string{"How do I change my address?"}, "How do I pay my bill?", false},
		{"other order, same question", []string{"Where is order 12345?"}, "Where is my parcel?", false},
		{"short answers", []string{"yes", "no"}, "yes", false},
		{"nothing before", nil, "How do I change my address?", false},
		{"Chinese word for word", []string{"怎么修改收货地址"}, "怎么修改收货地址？", true},
		{"Chinese other question", []string{"怎么修改收货地址"}, "发票怎么开", false},
		{"German word for word", []string{"Wie kann ich meinen Vertrag kündigen?"}, "Wie kann ich meinen Vertrag kündigen", true},
		{"Arabic word for word", []string{"كيف يمكنني تغيير العنوان"}, "كيف يمكنني تغيير العنوان؟", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := Loop(c.previous, c.current)
			require.Equal(t, c.hit, f.Hit, "%+v", f)
		})
	}
}
