package command

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ptsim/internal/replay"
	"ptsim/internal/report"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// retractOptions are the flags of ptsim retract.
type retractOptions struct {
	variant, pin string
	format       string
	svg          string
	perfetto     string
	grace        s390sim.GraceLengths
	cpus         int
	contents     bool
	ascii        bool
	splats       bool

	khugepaged khugepagedOptions
	workload   workloadOptions
	native     nativeOptions

	input inputOptions

	perfettoDone func(commit bool) error
}

func newRetract(io streams, verbose *int) *cobra.Command {
	var o retractOptions
	cmd := &cobra.Command{
		Use:   "retract [TRACE...]",
		Short: "Run a recorded trace through the variants and compare them",
		Long: `Retract replays a recorded trace of page faults, mappings, forks, exits and huge
page collapses on an emulated s390 machine, once for each variant of the
allocator, and compares what they did. A collapse retracts the page tables of
every process that maps the range, as khugepaged does. With --khugepaged the
daemon also runs, for traces that contain no collapse.

TRACE is the text of tracefs, trace-cmd report or perf script, plain or packed by
gzip, xz, zstd or bzip2, or - for standard input. docs/traces.md says how to
record one, and how to convert others. Several TRACEs are the files that tracefs
has for each CPU: they are merged by time. Without TRACE, retract replays a trace
that comes with ptsim, in which six processes share memory that is collapsed.
With --workload it runs a synthetic load, in virtual time or, with --native, on
goroutines: see "ptsim workloads".

Exit codes:

  0  success
  1  the variant of --variant broke a rule; when all run, one with no known flaw
  2  bad input`,
		Example: `  ptsim retract
  ptsim retract my.trace.gz --svg pages.svg
  ptsim retract my.trace --variant pinned --pin page --format json
  ptsim retract my.trace --grace-period lognormal:19ms,0.5
  ptsim retract per_cpu/cpu*/trace
  perf script | ptsim retract -
  ptsim retract --workload fork-server --seed 7
  ptsim retract --workload containers --native --stall --variant rfc
  zcat my.trace.gz | ptsim retract - --variant active`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, io, args, *verbose)
		},
	}
	variantFlags(cmd, &o.variant, &o.pin, "all", ", or all")
	formatFlag(cmd, &o.format, "text", "json", "csv")
	cmd.Flags().StringVar(&o.svg, "svg", "", "also draw the pages over time, to this file")
	cmd.Flags().Var(&o.grace, "grace-period", "length of an RCU grace period in trace time, or a distribution: uniform:10ms-40ms, lognormal:19ms,0.5, quantiles:0=6ms,50=19ms,100=40ms")
	cmd.Flags().IntVar(&o.cpus, "cpus", 8, "CPUs of the machine; the CPUs of the trace are spread over them")
	bounded(cmd, "cpus", 1, 1024)
	cmd.Flags().BoolVar(&o.contents, "contents", true, "give page tables real contents, and check them")
	o.input.flags(cmd)
	o.khugepaged.flags(cmd)
	o.workload.flags(cmd)
	o.native.flags(cmd)
	cmd.Flags().StringVar(&o.perfetto, "perfetto", "", "also write what one variant did to this file, for ui.perfetto.dev")
	cmd.Flags().BoolVar(&o.ascii, "ascii", false, "draw with plain characters")
	o.splatsFlag(cmd)
	return cmd
}

func (o *retractOptions) splatsFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.splats, "splats", false, "show the first violations as a kernel would print them")
}

// machines says what to run the trace on.
func (o *retractOptions) machines(cmd *cobra.Command) ([]s390sim.Config, error) {
	base := s390sim.Config{CPUs: o.cpus, Checks: true, Contents: o.contents, GracePeriod: o.grace.Median().Nanoseconds()}
	if cmd.Flags().Changed("grace-period") { // else a workload may have a length of its own
		base.Grace = o.grace
	}
	var err error
	if base.Khugepaged, err = o.khugepaged.config(cmd); err != nil {
		return nil, err
	}
	var list []s390sim.Config
	if o.variant == "all" {
		if cmd.Flags().Changed("pin") {
			return nil, fmt.Errorf("--pin goes with --variant pinned; all runs the default pin")
		}
		for _, i := range pgalloc.Variants() {
			cfg := base
			cfg.Variant = i.Variant
			list = append(list, cfg)
		}
		return list, nil
	}
	v, p, err := parseVersion(cmd, o.variant, o.pin)
	if err != nil {
		return nil, err
	}
	base.Variant, base.Pin = v, p
	return append(list, base), nil
}

func (o *retractOptions) run(cmd *cobra.Command, std streams, names []string, verbose int) error {
	if err := checkFormat(o.format, "text", "json", "csv"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	if err := o.native.check(cmd); err != nil {
		return err
	}
	machines, err := o.machines(cmd)
	if err != nil {
		return err
	}
	defer o.finish(cmd.Context())()
	if o.native.on {
		return o.runNative(cmd, std, first(names), machines)
	}
	if o.perfetto != "" && verbose > 0 {
		return fmt.Errorf("--perfetto and --verbose; expected one of them")
	}
	if o.perfetto != "" {
		done, err := o.tracePerfetto(machines)
		if err != nil {
			return err
		}
		defer done(false)
		o.perfettoDone = done
	}
	var svg *outFile
	if o.svg != "" {
		if svg, err = createOut(o.svg); err != nil {
			return err
		}
		defer svg.discard()
	}
	var rep *report.Report
	if o.workload.name != "" {
		rep, err = o.runWorkload(cmd, std, first(names), machines, verbose)
	} else {
		rep, err = o.runTrace(cmd, std, names, machines, verbose)
	}
	if err != nil {
		return err
	}
	if o.perfettoDone != nil {
		if err := o.perfettoDone(true); err != nil {
			return err
		}
	}
	if svg != nil {
		if err := rep.Plot().SVG(svg); err != nil {
			return err
		}
		if err := svg.commit(); err != nil {
			return err
		}
	}
	if err := buffered(std.out, func(w io.Writer) error { return o.write(w, std.out, rep) }); err != nil {
		return err
	}
	if rep.Stopped {
		return context.Canceled
	}
	return o.verdict(rep)
}

// first is the first of names, "" if there is none.
func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// runTrace replays a trace.
func (o *retractOptions) runTrace(cmd *cobra.Command, std streams, names []string, machines []s390sim.Config, verbose int) (*report.Report, error) {
	collectLate()
	if err := o.workload.unused(cmd); err != nil {
		return nil, err
	}
	in, err := o.input.open(names, std.in)
	if err != nil {
		return nil, err
	}
	defer in.close()
	opt := replay.Options{Machines: machines}
	bar := newProgress(std.err, in.size)
	opt.Progress = bar.update
	if verbose > 0 {
		log := newLog(std.err, verbose)
		opt.Sequential = true
		opt.Listen = func(i int, r *replay.Replay) func(*s390sim.Event) {
			return log.machine(r.Machine().Sys.Name(), r)
		}
	}
	res, err := replay.Run(cmd.Context(), in.Reader, opt)
	bar.done()
	if err == nil {
		err = res.Empty
	}
	if err != nil {
		return nil, err
	}
	return o.report(report.Trace, in.title, res), nil
}

// report is what the machines came to.
func (o *retractOptions) report(kind report.Kind, title string, res *replay.Result) *report.Report {
	return &report.Report{Kind: kind, Title: title, Grace: &o.grace, Khugepaged: o.khugepaged.on, Result: res}
}

// write prints a report. term is the stream it ends up on.
func (o *retractOptions) write(w io.Writer, term any, r *report.Report) error {
	switch o.format {
	case "json":
		return writeJSON(w, r.Rows())
	case "csv":
		return stdoutError(report.WriteCSV(w, r.Rows()))
	}
	width, tty := columnsOf(term)
	return r.WriteText(w, report.TextOptions{Width: width, ASCII: o.ascii, Color: tty, Splats: o.splats})
}

// verdict is errFinding if a version violated a rule that should not have.
func (o *retractOptions) verdict(r *report.Report) error {
	for i := range r.Outcomes {
		if o.isFinding(r.Outcomes[i].Variant, r.Outcomes[i].Total) {
			return errFinding
		}
	}
	return nil
}

// isFinding tells whether so many violations of a version are a finding. When all versions run side by side, those that are
// known to be flawed are expected to have some; who names a version asks about it.
func (o *retractOptions) isFinding(v pgalloc.Variant, violations int) bool {
	return violations > 0 && (o.variant != "all" || v.Info().Flawed == "")
}
