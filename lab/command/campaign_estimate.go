package command

import (
	"ptsim/explore"
	"ptsim/internal/verdicts"
)

// cellSeconds is about what a cell of a scenario takes in the mean over the variants, with one softirq CPU and precise grace
// periods: measured of those where it is not next to nothing.
var cellSeconds = map[string]float64{"S3r4": 25, "S3r": 0.6, "S2f": 0.24, "S2": 0.13, "S3a": 0.05}

// cellEstimate is about what a cell takes. Shards are dealt out by it, so it is the ratio between cells that matters.
func cellEstimate(c verdicts.Cell, own bool) (seconds float64, bytes uint64) {
	seconds = 0.01
	if own {
		seconds = 0.5 // nobody knows
	}
	if known, ok := cellSeconds[c.Scenario]; ok && !own {
		seconds = known
	}
	factor := 1.0
	switch {
	case c.Setting.Softirqs == explore.SoftirqsOnCPU:
		factor = 2.5
	case c.Setting.Softirqs > 1:
		factor = 2
	}
	seconds *= factor
	return seconds, 30<<20 + uint64(seconds*float64(20<<20))
}
