package command

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"ptsim/internal/prose"
	"ptsim/internal/quote"
	"ptsim/internal/replay"
	"ptsim/internal/report"
	"ptsim/internal/workload"
	"ptsim/s390sim"
)

// workloadOptions are the flags that choose a synthetic load.
type workloadOptions struct {
	name     string
	seed     uint64
	scale    float64
	duration time.Duration
	faults   bool
	unsafely bool
}

// workloadFlags are the names of those that go with --workload only.
var workloadFlags = []string{"seed", "scale", "duration", "faults", "no-checks"}

func (o *workloadOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.name, "workload", "", "run a synthetic load: "+strings.Join(workload.Presets(), ", ")+", or a file")
	complete(cmd, "workload", workload.Presets())
	f.Uint64Var(&o.seed, "seed", 1, "workload: the same seed gives the same run")
	f.Float64Var(&o.scale, "scale", 1, "workload: multiply the number of processes")
	f.DurationVar(&o.duration, "duration", 0, "workload: how long, in virtual time (default: its own)")
	f.BoolVar(&o.faults, "faults", false, "workload: with page and batch failures, callback floods, exits in the middle of a retract, and speculative references")
	f.BoolVar(&o.unsafely, "no-checks", false, "workload: skip the checks that cost time")
}

// unused complains of flags that need --workload, which is not there.
func (o *workloadOptions) unused(cmd *cobra.Command) error {
	for _, f := range workloadFlags {
		if cmd.Flags().Changed(f) {
			return fmt.Errorf("--%s goes with --workload", f)
		}
	}
	return nil
}

// load reads the workload and fits it to the flags.
func (o *workloadOptions) load(cmd *cobra.Command, trace string) (*workload.Spec, error) {
	if trace != "" {
		return nil, fmt.Errorf("%s: a trace and --workload %s; expected one of them", trace, o.name)
	}
	if !(o.scale > 0 && o.scale <= 1000) {
		return nil, fmt.Errorf("--scale: %v; expected more than 0, at most 1000", o.scale)
	}
	if cmd.Flags().Changed("duration") && o.duration < time.Millisecond {
		return nil, fmt.Errorf("--duration: %v; expected 1ms or more", o.duration)
	}
	s, err := workload.Load(o.name)
	if err != nil {
		return nil, fmt.Errorf("--workload: %w", err)
	}
	if o.scale != 1 {
		s.Scale(o.scale)
	}
	if o.duration > 0 {
		s.Duration = o.duration
	}
	if o.faults {
		s.Faults = workload.Faults{PageFail: 0.005, BatchFail: 0.1, Flood: 10000, FloodEvery: s.Duration / 10, ExitInRetract: 0.01, Refs: 100}
	}
	return s, nil
}

// fit lets flags that were given go before what the workload says.
func (o *workloadOptions) fit(cmd *cobra.Command, opt *workload.Options, cpus int, grace time.Duration) {
	opt.Seed = o.seed
	if cmd.Flags().Changed("cpus") {
		opt.CPUs = cpus
	}
	if cmd.Flags().Changed("grace-period") {
		opt.GracePeriod = grace
	}
	if cmd.Flags().Changed("no-checks") {
		opt.Machine.Checks = !o.unsafely
	}
	if !cmd.Flags().Changed("contents") {
		opt.Machine.Contents = false
	}
}

// runAll runs a workload on several machines, as many at once as there are processors.
func runAll(ctx context.Context, s *workload.Spec, list []workload.Options, progress func(done float64)) ([]*workload.Outcome, error) {
	out := make([]*workload.Outcome, len(list))
	errs := make([]error, len(list))
	parts := make([]atomic.Int64, len(list)) // of a million
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range min(len(list), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				o := list[i]
				o.Progress = func(done, all time.Duration) {
					parts[i].Store(int64(float64(done) / float64(all) * 1e6))
					if mu.TryLock() {
						sum := 0.0
						for j := range parts {
							sum += float64(parts[j].Load()) / 1e6
						}
						progress(sum / float64(len(list)))
						mu.Unlock()
					}
				}
				out[i], errs[i] = workload.Run(ctx, s, o)
				parts[i].Store(1e6)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// runWorkload runs the workload on all machines and puts it as a report.
func (o *retractOptions) runWorkload(cmd *cobra.Command, std streams, trace string, machines []s390sim.Config, verbose int) (*report.Report, error) {
	if verbose > 0 {
		return nil, fmt.Errorf("--verbose goes with a trace, not with --workload")
	}
	s, err := o.workload.load(cmd, trace)
	if err != nil {
		return nil, err
	}
	if !cmd.Flags().Changed("grace-period") {
		o.grace = s390sim.FixedGrace(s.GracePeriod)
	}
	if s.Khugepaged != nil {
		o.khugepaged.on = true
	}
	var list []workload.Options
	for _, cfg := range machines {
		opt := workload.Options{Machine: cfg}
		if !o.workload.unsafely {
			opt.Machine.History = historyEvents
		}
		o.workload.fit(cmd, &opt, o.cpus, o.grace.Median())
		list = append(list, opt)
	}
	// What lives longest is large and holds no pointers: collecting more often than by default costs little, and saves memory.
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	bar := newProgress(std.err, 0)
	runs, err := runAll(cmd.Context(), s, list, bar.share)
	bar.done()
	if err != nil {
		return nil, err
	}
	rep := o.report(report.Workload, o.workload.title(), &replay.Result{})
	for _, w := range runs {
		rep.Events = max(rep.Events, w.Events)
		rep.Stopped = rep.Stopped || w.Stopped
		rep.Outcomes = append(rep.Outcomes, asOutcome(w))
	}
	return rep, nil
}

// finish has the program wait, when it is interrupted, until what it returns is called: a synthetic load stops soon, and its
// figures so far shall be seen however busy the machine is. A trace may wait for input for ever.
func (o *retractOptions) finish(ctx context.Context) (release func()) {
	if o.workload.name == "" {
		return func() {}
	}
	return mustTidy(ctx)
}

// historyEvents is how many events a CPU remembers, in case that something goes wrong.
const historyEvents = 512

func (o *workloadOptions) title() string {
	t := fmt.Sprintf("%s, seed %d", o.name, o.seed)
	if o.scale != 1 {
		t += fmt.Sprintf(", scale %g", o.scale)
	}
	if o.faults {
		t += ", with faults"
	}
	return t
}

func asOutcome(w *workload.Outcome) replay.Outcome {
	return replay.Outcome{
		Name: w.Name, Variant: w.Variant, Figures: w.Figures, Curve: w.Curve, Violations: w.Violations, Total: w.Total,
		Seconds: math.Round(w.Seconds*1e6) / 1e6, Events: w.Events, Stopped: w.Stopped,
	}
}

func newWorkloads(std streams) *cobra.Command {
	return &cobra.Command{
		Use:     "workloads [NAME]",
		Short:   "List the synthetic workloads, or print one",
		Example: "  ptsim workloads\n  ptsim workloads database > mine.txt",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return buffered(std.out, func(w io.Writer) error {
				if len(args) == 1 {
					text, ok := workload.Text(args[0])
					if !ok {
						return fmt.Errorf("unknown workload %s; %s", quote.Short(args[0]), quote.Expected(args[0], workload.Presets()))
					}
					_, err := io.WriteString(w, text)
					return err
				}
				width, _ := columnsOf(std.out)
				for _, name := range workload.Presets() {
					s, err := workload.Load(name)
					if err != nil {
						return err
					}
					fmt.Fprint(w, prose.Hang(fmt.Sprintf("%-12s ", name), "  ", s.Describe(), width))
					fmt.Fprint(w, prose.Indent(s.About, width, 2))
				}
				return nil
			})
		},
	}
}
