// SPDX-License-Identifier: MIT

package prompts_test

import (
	"fmt"
	"time"

	"candor/prompts"
)

func ExampleHandoff() {
	locale := prompts.Match("en-GB")
	text, err := prompts.Handoff(locale, prompts.Notice{
		Reason: "customer_request", Reference: "C-4F7K2", Position: 2, Wait: prompts.Wait(locale, 2*time.Minute, 5*time.Minute),
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(text)
	// Output:
	// Thank you. I have passed your request and this conversation to our team, so you will not need to repeat it. Your reference is C-4F7K2 and your place in the queue is 2. A person will reply to you here. The expected wait is about 2 to 5 minutes. The assistant will not reply further unless you ask it to. You may add what it is about while you wait.
}
