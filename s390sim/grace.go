package s390sim

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"ptsim/internal/quote"
)

// GraceLengths says how long grace periods last: all the same, or as a distribution draws. The zero value is one length of
// DefaultGracePeriod. It is a pflag.Value, and Set takes
//
//	10ms                                     always so long
//	uniform:10ms-40ms                        any length in between, each as likely
//	lognormal:19ms,0.5                       the median, and the standard deviation of the logarithm
//	quantiles:0=6ms,50=19ms,90=22ms,100=40ms what was measured, by percent; straight lines in between
//
// Any but the first may end in ,seed=7. The same seed draws the same lengths on every machine; it is 1 unless given.
type GraceLengths struct {
	text   string
	median time.Duration
	sigma  float64   // of a lognormal distribution, else 0
	points []percent // of any other distribution, else none
	seed   uint64
}

// percent is a point of a distribution: so many percent are not longer.
type percent struct {
	share  float64 // 0 to 1
	length time.Duration
}

// mostGrace is the longest grace period there may be.
const mostGrace = time.Hour

const wantGrace = "expected a positive duration such as 10ms, uniform:10ms-40ms, lognormal:19ms,0.5 or quantiles:0=6ms,50=19ms,100=40ms"

// FixedGrace is grace periods of one length.
func FixedGrace(d time.Duration) GraceLengths { return GraceLengths{text: d.String(), median: d} }

// Set reads a text as the type's comment tells.
func (g *GraceLengths) Set(text string) error {
	kind, rest, ok := strings.Cut(text, ":")
	if !ok {
		d, err := graceLength(text)
		if err != nil {
			return errors.New(wantGrace) // the flag's error has the text already
		}
		*g = FixedGrace(d)
		return nil
	}
	n := GraceLengths{text: text, seed: 1}
	words := strings.Split(rest, ",")
	if s, ok := strings.CutPrefix(words[len(words)-1], "seed="); ok {
		var err error
		if n.seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			return fmt.Errorf("seed %s; expected a number", quote.Short(s))
		}
		words = words[:len(words)-1]
	}
	var err error
	switch kind {
	case "uniform":
		err = n.uniform(words)
	case "lognormal":
		err = n.lognormal(words)
	case "quantiles":
		err = n.quantiles(words)
	default:
		err = fmt.Errorf("%s; %s", quote.Short(kind), wantGrace)
	}
	if err == nil {
		*g = n
	}
	return err
}

func graceLength(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > mostGrace {
		return 0, fmt.Errorf("%s; %s", quote.Short(s), wantGrace)
	}
	return d, nil
}

func (g *GraceLengths) uniform(words []string) error {
	from, to, ok := strings.Cut(strings.Join(words, ","), "-")
	if !ok {
		return errors.New("expected two lengths, as in uniform:10ms-40ms")
	}
	lo, err := graceLength(from)
	if err != nil {
		return err
	}
	hi, err := graceLength(to)
	if err != nil {
		return err
	}
	if hi < lo {
		return fmt.Errorf("uniform:%s-%s; expected the shorter length first", from, to)
	}
	g.points = []percent{{0, lo}, {1, hi}}
	g.median = lo + (hi-lo)/2
	return nil
}

func (g *GraceLengths) lognormal(words []string) error {
	if len(words) != 2 {
		return fmt.Errorf("lognormal: %d values; expected the median and the standard deviation of the logarithm, as in lognormal:19ms,0.5", len(words))
	}
	var err error
	if g.median, err = graceLength(words[0]); err != nil {
		return err
	}
	const most = 5
	if g.sigma, err = strconv.ParseFloat(words[1], 64); err != nil || !(g.sigma > 0 && g.sigma <= most) {
		return fmt.Errorf("lognormal: standard deviation %s; expected a number above 0, %d at most", quote.Short(words[1]), most)
	}
	return nil
}

func (g *GraceLengths) quantiles(words []string) error {
	for _, w := range words {
		at, length, _ := strings.Cut(w, "=")
		share, err := strconv.ParseFloat(at, 64)
		if err != nil || !(share >= 0 && share <= 100) {
			return fmt.Errorf("quantiles: %s; expected PERCENT=LENGTH, as in 50=19ms", quote.Short(w))
		}
		d, err := graceLength(length)
		if err != nil {
			return err
		}
		if n := len(g.points); n > 0 && (share/100 <= g.points[n-1].share || d < g.points[n-1].length) {
			return fmt.Errorf("quantiles: %s; expected percents and lengths in rising order", quote.Short(w))
		}
		g.points = append(g.points, percent{share / 100, d})
	}
	if n := len(g.points); n < 2 || g.points[0].share != 0 || g.points[n-1].share != 1 {
		return fmt.Errorf("quantiles:%s; expected the shortest length at 0 and the longest at 100", strings.Join(words, ","))
	}
	g.median = g.at(0.5)
	return nil
}

// at returns the length that a share of grace periods does not exceed.
func (g *GraceLengths) at(share float64) time.Duration {
	i := 1
	for i < len(g.points)-1 && g.points[i].share < share {
		i++
	}
	a, b := g.points[i-1], g.points[i]
	return a.length + time.Duration(float64(b.length-a.length)*(share-a.share)/(b.share-a.share))
}

// String returns the text that was set.
func (g *GraceLengths) String() string {
	if g.text == "" {
		return time.Duration(DefaultGracePeriod).String()
	}
	return g.text
}

// Type is how a flag of the type is told of.
func (g *GraceLengths) Type() string { return "lengths" }

// Median returns the length that half of the grace periods do not exceed.
func (g *GraceLengths) Median() time.Duration {
	if g.median == 0 {
		return DefaultGracePeriod
	}
	return g.median
}

// draw returns what draws the lengths, nil if they are all the same.
func (g *GraceLengths) draw() func(int64) int64 {
	if g.sigma == 0 && len(g.points) == 0 {
		return nil
	}
	rnd := rand.New(rand.NewPCG(g.seed, 0))
	return func(int64) int64 {
		if g.sigma == 0 {
			return int64(g.at(rnd.Float64()))
		}
		length := float64(g.median) * math.Exp(g.sigma*rnd.NormFloat64())
		return int64(min(max(length, 1), float64(mostGrace)))
	}
}
