// SPDX-License-Identifier: MIT

package triage

import "testing"

func BenchmarkDetect(b *testing.B) {
	for name, s := range map[string]string{
		"question":  "Hello, I moved house last week and would like to know how I can change the delivery address of my order 00123842, please.",
		"request":   "you are not helpful, I want to speek to a human agent",
		"chinese":   "你好，我想问一下怎么修改我的收货地址，订单还没有发货",
		"complaint": "This is the third time my internet is down this month and nobody helps. I am very unhappy with your service.",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Detect(s)
			}
		})
	}
}
