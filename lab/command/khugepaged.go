package command

import (
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"ptsim/s390sim"
)

// khugepagedOptions are the flags of the daemon.
type khugepagedOptions struct {
	on          bool
	pagesToScan int
	scanSleep   time.Duration
	maxPtesNone int
}

func (o *khugepagedOptions) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.on, "khugepaged", false, "run khugepaged: it scans address spaces in turn and collapses their files")
	cmd.Flags().IntVar(&o.pagesToScan, "pages-to-scan", s390sim.DefaultPagesToScan, "khugepaged: pages to scan at each wakeup")
	cmd.Flags().DurationVar(&o.scanSleep, "scan-sleep", s390sim.DefaultScanSleep, "khugepaged: sleep between two wakeups")
	cmd.Flags().IntVar(&o.maxPtesNone, "max-ptes-none", s390sim.DefaultMaxPtesNone, "khugepaged: pages of a segment that may be missing from memory")
	bounded(cmd, "pages-to-scan", 1, math.MaxInt32)
	bounded(cmd, "max-ptes-none", 0, s390sim.DefaultMaxPtesNone)
}

// config returns the daemon's settings, nil without --khugepaged.
func (o *khugepagedOptions) config(cmd *cobra.Command) (*s390sim.KhugepagedConfig, error) {
	if !o.on {
		for _, f := range []string{"pages-to-scan", "scan-sleep", "max-ptes-none"} {
			if cmd.Flags().Changed(f) {
				return nil, fmt.Errorf("--%s goes with --khugepaged", f)
			}
		}
		return nil, nil
	}
	if o.scanSleep < time.Millisecond {
		return nil, fmt.Errorf("--scan-sleep: %v; expected 1ms or more", o.scanSleep)
	}
	return &s390sim.KhugepagedConfig{PagesToScan: o.pagesToScan, ScanSleep: o.scanSleep.Nanoseconds(), MaxPtesNone: o.maxPtesNone}, nil
}
