// SPDX-License-Identifier: MIT

package waiting_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/internal/waiting"
)

// office is a simulated company: customers come in waves, agents come and go.
type office struct {
	service  func(*rand.Rand) float64 // seconds a case takes
	agents   int
	hands    int     // cases an agent takes at once
	stays    float64 // mean seconds an agent stays; 0: always
	away     float64 // mean seconds until they are back
	reaction float64 // mean seconds until a free agent takes the next case
	load     float64 // share of the capacity that customers need, on average
	graver   float64 // share of the customers who go ahead of all others
	patience float64 // mean seconds until a customer who waits gives up; 0: never
}

type told struct {
	at       float64
	position int
	raw      waiting.Range
	shown    *waiting.Range
	waited   float64
	served   bool
	graver   bool
	leaves   float64 // when they give up
}

type worker struct {
	until   []float64 // when each case in hand is done
	since   []float64
	present bool
	change  float64
}

// play runs the office for a number of customers and gives what each was told
// and how long they waited. The estimator sees what the program would see.
func (o office) play(seed uint64, customers int, estimate func(s waiting.State, past []waiting.Outcome, position int) (raw waiting.Range, shown *waiting.Range)) []told {
	dice := rand.New(rand.NewPCG(seed, 77))
	mean := 0.0
	for range 2000 {
		mean += o.service(dice) / 2000
	}
	share := 1.0
	if o.stays > 0 {
		share = o.stays / (o.stays + o.away)
	}
	rate := o.load * float64(o.agents*o.hands) * share / mean
	workers := make([]worker, o.agents)
	for i := range workers {
		workers[i] = worker{present: true, change: math.Inf(1)}
		if o.stays > 0 {
			workers[i].change = dice.ExpFloat64() * o.stays
		}
	}
	var all []*told
	var queue []*told
	var services []time.Duration
	var past []waiting.Outcome
	var left, stood float64 // customers who gave up, and how long all of them waited
	next := dice.ExpFloat64() / rate
	const step = 1.0
	for now := 0.0; len(past) < customers; now += step {
		for i := range workers {
			w := &workers[i]
			for j := 0; j < len(w.until); j++ {
				if w.until[j] <= now {
					services = append(services, duration(w.until[j]-w.since[j]))
					w.until, w.since = slices.Delete(w.until, j, j+1), slices.Delete(w.since, j, j+1)
					j--
				}
			}
			if now >= w.change {
				w.present = !w.present
				stay := o.stays
				if !w.present {
					stay = o.away
				}
				w.change = now + dice.ExpFloat64()*stay
			}
		}
		for i := 0; i < len(queue); i++ {
			if c := queue[i]; c.leaves <= now {
				left, stood = left+1, stood+now-c.at
				queue = slices.Delete(queue, i, i+1)
				i--
			}
		}
		free := func() *worker {
			for i := range workers {
				if w := &workers[i]; w.present && len(w.until) < o.hands {
					return w
				}
			}
			return nil
		}
		for len(queue) > 0 {
			w := free()
			if w == nil || o.reaction > 0 && dice.Float64() > step/o.reaction {
				break
			}
			c := queue[0]
			queue = queue[1:]
			w.until, w.since = append(w.until, now+o.service(dice)), append(w.since, now)
			c.waited, c.served = now-c.at, true
			stood += c.waited
			past = append(past, waiting.Outcome{Simulated: c.raw, Waited: duration(c.waited)})
		}
		// Waves: half as many customers as the mean at times, half as many again at others.
		wave := 1 + 0.5*math.Sin(2*math.Pi*now/(3*3600))
		for ; next <= now; next += dice.ExpFloat64() / (rate * wave) {
			s := waiting.State{Service: services[max(0, len(services)-200):], Ahead: rate * wave * o.graver}
			if stood > 0 {
				s.Leaving = left / stood
			}
			for _, w := range workers {
				for _, since := range w.since {
					s.Busy = append(s.Busy, duration(now-since))
				}
				if w.present {
					s.Free += o.hands - len(w.until)
				}
			}
			if len(queue) > 0 && now-queue[0].at > 60 {
				s.Free = 0
			}
			c := &told{at: now, graver: dice.Float64() < o.graver, position: len(queue) + 1, leaves: math.Inf(1)}
			if o.patience > 0 {
				c.leaves = now + dice.ExpFloat64()*o.patience
			}
			if c.graver {
				c.position = slices.IndexFunc(append(queue, c), func(other *told) bool { return other == c || !other.graver }) + 1
			}
			known := slices.Clone(past[max(0, len(past)-100):])
			for _, other := range queue {
				if so := duration(now - other.at); so > other.raw.High {
					known = append(known, waiting.Outcome{Simulated: other.raw, Waited: so})
				}
			}
			c.raw, c.shown = estimate(s, known, c.position)
			queue = slices.Insert(queue, c.position-1, c)
			all = append(all, c)
		}
	}
	list := make([]told, 0, len(all))
	for _, c := range all {
		if c.served {
			list = append(list, *c)
		}
	}
	return list
}

func duration(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func exponential(mean float64) func(*rand.Rand) float64 {
	return func(dice *rand.Rand) float64 { return dice.ExpFloat64() * mean }
}

func lognormal(median, sigma float64) func(*rand.Rand) float64 {
	return func(dice *rand.Rand) float64 { return median * math.Exp(sigma*dice.NormFloat64()) }
}

// measure is the share of waits that were inside the range shown, how wide those
// ranges were as a share of the waits, and how many were shown none.
func measure(list []told) (inside, width float64, none int) {
	shown, in, wide, waited := 0, 0, 0.0, 0.0
	for _, c := range list {
		if c.shown == nil {
			none++
			continue
		}
		shown++
		wide += (c.shown.High - c.shown.Low).Seconds()
		waited += c.waited
		// A customer reads whole minutes; a wait of the same second is inside.
		if c.waited >= c.shown.Low.Seconds()-1 && c.waited <= c.shown.High.Seconds()+1 {
			in++
		}
	}
	return float64(in) / float64(shown), wide / waited, none
}

// shipped is what the program does.
func shipped(s waiting.State, past []waiting.Outcome, position int) (waiting.Range, *waiting.Range) {
	curve := waiting.Curve(s, position)
	if curve == nil {
		return waiting.Range{}, nil
	}
	raw := waiting.At(curve, position)
	corrected := waiting.Correct(raw, past, s.Mean())
	return raw, &corrected
}

var offices = []struct {
	name string
	office
}{
	{"exponential service, agents always there", office{service: exponential(300), agents: 5, hands: 1, load: 0.95}},
	{"lognormal service, agents always there", office{service: lognormal(240, 0.9), agents: 5, hands: 1, load: 0.95, reaction: 5}},
	{"exponential service, agents coming and going", office{service: exponential(300), agents: 5, hands: 1, stays: 1800, away: 600, load: 0.95, reaction: 5}},
	{"lognormal service, agents coming and going, some customers first", office{
		service: lognormal(240, 0.9), agents: 6, hands: 1, stays: 2400, away: 900, load: 0.95, reaction: 10, graver: 0.15,
	}},
	{"several cases in hand", office{service: lognormal(400, 0.8), agents: 4, hands: 3, stays: 3600, away: 900, load: 0.98, reaction: 15, graver: 0.1}},
	{"two agents", office{service: lognormal(300, 1), agents: 2, hands: 1, stays: 3600, away: 1200, load: 0.9, reaction: 20}},
}

// blind does not know that customers leave.
func blind(s waiting.State, past []waiting.Outcome, position int) (waiting.Range, *waiting.Range) {
	s.Leaving = 0
	return shipped(s, past, position)
}

// Where many give up, those who stay are told less than a queue would take in
// which all stay.
func TestRanges_where_customers_leave(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]office{
		"a third gives up":        {service: exponential(300), agents: 5, hands: 1, load: 1.3, patience: 900},
		"they leave, agents too":  {service: lognormal(240, 0.9), agents: 6, hands: 1, stays: 2400, away: 900, load: 1.3, reaction: 10, patience: 1200},
		"long queue, few give up": {service: exponential(300), agents: 5, hands: 1, load: 1.1, patience: 6000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			figures := func(estimate func(waiting.State, []waiting.Outcome, int) (waiting.Range, *waiting.Range)) (inside, width float64) {
				var all []told
				for seed := range uint64(3) {
					all = append(all, o.play(seed+1, 500, estimate)...)
				}
				inside, width, _ = measure(all)
				return inside, width
			}
			inside, width := figures(shipped)
			before, wide := figures(blind)
			t.Logf("%.1f %% inside, mean width %.2f of the mean wait; not knowing of them %.1f %% and %.2f", 100*inside, width, 100*before, wide)
			require.GreaterOrEqual(t, inside, 0.8)
			require.LessOrEqual(t, inside, 0.95)
			require.Less(t, width, wide, "the range says more")
		})
	}
}

func TestRanges_hold_what_they_say(t *testing.T) {
	t.Parallel()
	for _, o := range offices {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			var all []told
			for seed := range uint64(3) {
				all = append(all, o.play(seed+1, 700, shipped)...)
			}
			inside, width, none := measure(all)
			t.Logf("%.1f %% of %d waits were inside the range shown; mean width %.2f of the mean wait; %d were shown none", 100*inside, len(all)-none, width, none)
			require.GreaterOrEqual(t, inside, 0.8)
			require.Less(t, width, 4.0, "a range that holds everything says nothing")
			require.Less(t, none, len(all)/10)
		})
	}

	t.Run("the control: what recent waits were does not hold, nor does a simulation that learns nothing", func(t *testing.T) {
		t.Parallel()
		recent := func(_ waiting.State, past []waiting.Outcome, _ int) (waiting.Range, *waiting.Range) {
			if len(past) < 10 {
				return waiting.Range{}, nil
			}
			var waits []time.Duration
			for _, o := range past[max(0, len(past)-50):] {
				waits = append(waits, o.Waited)
			}
			slices.Sort(waits)
			return waiting.Range{}, &waiting.Range{Low: waits[len(waits)/10], High: waits[len(waits)*9/10]}
		}
		unlearned := func(s waiting.State, _ []waiting.Outcome, position int) (waiting.Range, *waiting.Range) {
			curve := waiting.Curve(s, position)
			if curve == nil {
				return waiting.Range{}, nil
			}
			raw := waiting.At(curve, position)
			return raw, &raw
		}
		o := offices[2]
		before, _, _ := measure(o.play(1, 700, recent))
		raw, _, _ := measure(o.play(1, 700, unlearned))
		t.Logf("%.1f %% by recent waits, %.1f %% by simulation alone", 100*before, 100*raw)
		require.Less(t, before, 0.8)
		require.Less(t, raw, 0.8)
	})
}

func TestCurve(t *testing.T) {
	t.Parallel()
	var service []time.Duration
	for i := range 20 {
		service = append(service, time.Duration(i+1)*30*time.Second)
	}
	busy := waiting.State{Service: service, Busy: []time.Duration{time.Minute, 2 * time.Minute}}

	t.Run("says nothing while too little is known or nobody is at work", func(t *testing.T) {
		t.Parallel()
		require.Nil(t, waiting.Curve(waiting.State{Service: service[:9], Free: 1}, 1))
		require.Nil(t, waiting.Curve(waiting.State{Service: service}, 1))
	})

	t.Run("is longer further back, shorter with more hands, and the same for the same state", func(t *testing.T) {
		t.Parallel()
		curve := waiting.Curve(busy, 30)
		require.Len(t, curve, 30)
		for i := range curve[1:] {
			require.GreaterOrEqual(t, curve[i+1].Low, curve[i].Low)
			require.GreaterOrEqual(t, curve[i+1].High, curve[i].High)
		}
		more := busy
		more.Free = 2
		require.Less(t, waiting.Curve(more, 30)[29].High, curve[29].High)
		require.Zero(t, waiting.Curve(more, 1)[0].High, "a free hand takes the first at once")
		ahead := busy
		ahead.Ahead = 1.0 / 300
		require.Greater(t, waiting.Curve(ahead, 30)[29].High, curve[29].High)
		require.Equal(t, curve, waiting.Curve(busy, 30))
	})

	t.Run("agrees with the closed formula: n exponential services shared by c agents", func(t *testing.T) {
		t.Parallel()
		s := waiting.State{Busy: make([]time.Duration, 5)}
		for i := range 1000 { // the quantiles of an exponential with a mean of 300 s
			s.Service = append(s.Service, time.Duration(-300*math.Log(1-(float64(i)+0.5)/1000)*1e9))
		}
		// The wait at place n is Erlang(n, c/mean): mean n·60 s, deviation √n·60 s.
		for _, n := range []float64{20, 100} {
			got := waiting.At(waiting.Curve(s, int(n)), int(n))
			low, high := 60*(n-1.2816*math.Sqrt(n)), 60*(n+1.2816*math.Sqrt(n))
			require.InEpsilon(t, low, got.Low.Seconds(), 0.1)
			require.InEpsilon(t, high, got.High.Seconds(), 0.1)
		}
	})

	t.Run("grows in proportion behind the last place that is simulated", func(t *testing.T) {
		t.Parallel()
		curve := waiting.Curve(busy, 5000)
		require.Len(t, curve, waiting.MaxPosition)
		require.Equal(t, 2*curve[waiting.MaxPosition-1].High, waiting.At(curve, 2*waiting.MaxPosition).High)
	})
}

func TestCorrect(t *testing.T) {
	t.Parallel()
	simulated := waiting.Range{Low: 2 * time.Minute, High: 4 * time.Minute}
	outcomes := func(waited time.Duration) (list []waiting.Outcome) {
		for range 30 {
			list = append(list, waiting.Outcome{Simulated: simulated, Waited: waited})
		}
		return list
	}
	unlearned := waiting.Correct(simulated, nil, time.Minute)
	require.Less(t, unlearned.Low, simulated.Low)
	require.Greater(t, unlearned.High, simulated.High)
	late := waiting.Correct(simulated, outcomes(8*time.Minute), time.Minute)
	require.InDelta(t, 8, late.High.Minutes(), 0.1)
	early := waiting.Correct(simulated, outcomes(time.Minute), time.Minute)
	require.InDelta(t, 1, early.Low.Minutes(), 0.1)
	for _, r := range []waiting.Range{unlearned, late, early} {
		require.LessOrEqual(t, r.Low, r.High)
	}
}
