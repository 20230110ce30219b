package command

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"ptsim/internal/prose"
	"ptsim/internal/report"
	"ptsim/internal/workload"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// nativeOptions are the flags of a native run.
type nativeOptions struct {
	on    bool
	time  time.Duration
	stall bool
}

// nativeStall is how long --stall holds a CPU up: some hundred grace periods of a native run.
const nativeStall = 2 * time.Millisecond

func (o *nativeOptions) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.on, "native", false, "workload: run it on goroutines as CPUs, with real atomics and grace periods, for stress")
	cmd.Flags().DurationVar(&o.time, "for", 10*time.Second, "native: real time for each variant")
	cmd.Flags().BoolVar(&o.stall, "stall", false, "native: sometimes hold a CPU up in a callback, for longer than a grace period")
}

// check complains of flags that do not go together.
func (o *nativeOptions) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	if !o.on {
		for _, f := range []string{"for", "stall"} {
			if changed(f) {
				return fmt.Errorf("--%s goes with --native", f)
			}
		}
		return nil
	}
	if !changed("workload") {
		return fmt.Errorf("--native goes with --workload")
	}
	for _, f := range []string{"svg", "grace-period", "duration", "perfetto"} {
		if changed(f) {
			return fmt.Errorf("--%s: a native run has no virtual time", f)
		}
	}
	if o.time < time.Millisecond {
		return fmt.Errorf("--for: %v; expected 1ms or more", o.time)
	}
	return nil
}

// nativeRow is what a native run came to, as JSON and CSV have it.
type nativeRow struct {
	Variant          string             `json:"variant"`
	Seconds          report.Figure      `json:"seconds"`
	CPUs             int                `json:"cpus"`
	Operations       report.Figure      `json:"operations"`
	TableOps         report.Figure      `json:"table_operations"`
	OpsPerSecond     report.Figure      `json:"table_operations_per_second"`
	Processes        report.Figure      `json:"processes"`
	Retracts         report.Figure      `json:"retracts"`
	FreedDeferred    report.Figure      `json:"freed_deferred"`
	ContextLocks     report.Figure      `json:"context_locks"`
	Contended        report.Figure      `json:"contended"`
	ContendedShare   report.Figure      `json:"contended_share"`
	GracePeriods     report.Figure      `json:"grace_periods"`
	Callbacks        report.Figure      `json:"callbacks"`
	Stalls           report.Figure      `json:"stalls"`
	PageFailures     report.Figure      `json:"page_failures"`
	BatchFailures    report.Figure      `json:"batch_failures"`
	Violations       report.Figure      `json:"violations_total"`
	ViolationDetails []report.Violation `json:"violations"`
}

func nativeRowOf(o *workload.NativeOutcome, cpus int) nativeRow {
	f := &o.Figures
	r := nativeRow{
		Variant: o.Name, Seconds: report.Round(o.Seconds), CPUs: cpus, Operations: report.Whole(o.Operations), TableOps: report.Whole(f.Alloc.TableOps()),
		OpsPerSecond: report.Ratio(float64(f.Alloc.TableOps()), o.Seconds), Processes: report.Whole(o.Processes), Retracts: report.Whole(f.Retracts), FreedDeferred: report.Whole(f.Alloc.FreedDeferred),
		ContextLocks: report.Whole(f.Steps.ContextLocks), Contended: report.Whole(f.Steps.Contended), ContendedShare: report.NotReached,
		GracePeriods: report.Whole(f.GracePeriods), Callbacks: report.Whole(f.Callbacks), Stalls: report.Whole(f.Steps.Stalls), PageFailures: report.Whole(f.Steps.PageFailures),
		BatchFailures: report.Whole(f.Steps.BatchFailures), Violations: report.Whole(o.Total), ViolationDetails: []report.Violation{},
	}
	if n := f.Steps.ContextLocks; n > 0 {
		r.ContendedShare = report.Figure(float64(f.Steps.Contended) / float64(n))
	}
	switch {
	case o.Seconds == 0: // interrupted before its turn
		report.Forget(&r)
		r.ViolationDetails = nil
	case o.Stuck: // its figures cannot be read while a CPU is still at work
		report.Forget(&r)
		r.Seconds, r.Violations = report.Round(o.Seconds), report.Whole(o.Total)
	case o.Stopped && o.Total == 0: // that there is none is known at the end
		r.Violations, r.ViolationDetails = report.NotReached, nil
	}
	for _, v := range o.Violations {
		r.ViolationDetails = append(r.ViolationDetails, report.ViolationOf(v))
	}
	return r
}

// runNative runs a workload natively, one version after the other, and prints what came of it.
func (o *retractOptions) runNative(cmd *cobra.Command, std streams, trace string, machines []s390sim.Config) error {
	s, err := o.workload.load(cmd, trace)
	if err != nil {
		return err
	}
	cpus := 4
	if cmd.Flags().Changed("cpus") {
		cpus = o.cpus
	}
	var runs []*workload.NativeOutcome
	stopped := false
	bar := newProgress(std.err, 0)
	for i, cfg := range machines {
		opt := workload.NativeOptions{Seed: o.workload.seed, CPUs: cpus, For: o.native.time, Machine: cfg}
		opt.Machine.History = nativeHistory
		opt.Machine.Contents = cmd.Flags().Changed("contents") && o.contents
		opt.Machine.Checks = !o.workload.unsafely
		if o.native.stall {
			opt.Stall = nativeStall
		}
		bar.share(float64(i) / float64(len(machines)))
		out, err := workload.Native(cmd.Context(), s, opt)
		if err != nil {
			bar.done()
			return err
		}
		runs = append(runs, out)
		if stopped = out.Stopped; stopped {
			for _, cfg := range machines[i+1:] {
				runs = append(runs, &workload.NativeOutcome{Name: pgalloc.Name(cfg.Variant, cfg.Pin), Variant: cfg.Variant, Stopped: true})
			}
			break
		}
	}
	bar.done()
	err = buffered(std.out, func(w io.Writer) error { return o.writeNative(w, std.out, runs, cpus, stopped) })
	if err != nil {
		return err
	}
	if stopped {
		return context.Canceled
	}
	for _, r := range runs {
		if o.isFinding(r.Variant, r.Total) {
			return errFinding
		}
	}
	return nil
}

// nativeHistory is how many events a CPU of a native run remembers: what others do while one is held up.
const nativeHistory = 4096

func (o *retractOptions) writeNative(w io.Writer, term any, runs []*workload.NativeOutcome, cpus int, stopped bool) error {
	var rows []nativeRow
	for _, r := range runs {
		rows = append(rows, nativeRowOf(r, cpus))
	}
	switch o.format {
	case "json":
		return writeJSON(w, rows)
	case "csv":
		return stdoutError(report.WriteCSV(w, rows))
	}
	width, _ := columnsOf(term)
	if stopped {
		fmt.Fprintln(w, "INTERRUPTED: "+report.SoFar)
	}
	fmt.Fprintf(w, "workload: %s, natively on %s, %v for each variant\n\n", o.workload.title(), prose.Count(cpus, "CPU", "CPUs"), o.native.time)
	fmt.Fprintf(w, "%-18s %8s %10s %9s %9s %11s %9s %7s %10s\n", "", "seconds", "M tables/s", "processes", "retracts", "lock taken", "callbacks", "stalls", "violations")
	for i := range rows {
		r := &rows[i]
		if runs[i].Stuck {
			fmt.Fprintf(w, "%-18s %8s %s %10s\n", r.Variant, r.Seconds.Decimals(1), "a CPU did not come back after the violation", r.Violations)
			continue
		}
		share := (100 * r.ContendedShare).Decimals(3)
		if r.ContendedShare.Known() {
			share += "%"
		}
		fmt.Fprintf(w, "%-18s %8s %10s %9s %9s %11s %9s %7s %10s\n", r.Variant, r.Seconds.Decimals(1), (r.OpsPerSecond / 1e6).Decimals(2),
			r.Processes.Grouped(), r.Retracts.Grouped(), share, r.Callbacks.Grouped(), r.Stalls.Grouped(), r.Violations.Grouped())
	}
	fmt.Fprintf(w, "\nM tables/s: tables allocated and freed, in millions a second, every step counted and all checks on.\n")
	fmt.Fprintf(w, "lock taken: how often context.lock was found taken.\n")
	for _, r := range runs {
		if r.Total == 0 {
			continue
		}
		fmt.Fprint(w, "\n", prose.Hang("", "  ", report.Told(r.Name, r.Variant, r.Total), width))
		fmt.Fprint(w, r.Violations[0].Splat())
	}
	return nil
}
