// SPDX-License-Identifier: MIT

package confidence

// The thresholds follow from target shares of wrong answers. On the dev splits that the weights were
// fitted on, 10 % of the answers are wrong from 0.61 up, 25 % from 0.25 up. The questions there were
// chosen to be hard to tell apart, so that a library of distinct articles does better.
const (
	AnswerThreshold  = 0.6 // an answer is given
	ClarifyThreshold = 0.3 // a question back is worth it; below, a person is called
)

// Default returns the model that comes with the program. It was fitted with Fit on the dev splits of
// CLINC150 (in scope and out), Banking77 (near misses out of scope), CMRC 2018 in Chinese (near misses)
// and descriptions of the Dify pages in English, Japanese and Chinese asked of pages in Chinese, each
// counting alike, the best article being right or not; with the built-in embedder. On their test
// splits its mean squared error is .147, .120, .050 and .185. A company's own questions tell better:
// see `candor calibrate`.
func Default() Model {
	return Model{Weights: [size]float64{
		-5.53, // constant
		0.71,  // coverage
		-0.87, // text_norm: long questions that name a title have little of it
		1.57,  // likeness
		2.37,  // nearness
		1.50,  // title
		0.05,  // concepts
		-1.19, // unknown
		1.99,  // margin
		1.37,  // text_margin
		1.03,  // vector_margin
		0.40,  // text_agrees
		0.38,  // vector_agrees
		0.98,  // spread
		1.35,  // words
		1.39,  // foreign: shares fewer words by nature
		0.92,  // dense: many pairs of characters are of two words
	}}
}
