package command

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ptsim/internal/report"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

func newCompare(std streams) *cobra.Command {
	o := retractOptions{variant: "all"}
	var html string
	cmd := &cobra.Command{
		Use:   "compare [TRACE...]",
		Short: "What each variant and each pin costs, side by side",
		Long: `Compare runs one trace, or one synthetic load, through all variants of the
allocator and all pins of pinned. It counts every lock and every atomic
operation, and prints the figures side by side: memory, compared with fullpage
and with the least possible (half a page for each live table); wasted halves,
and for how long; locks and atomics per table; callbacks; and how long pins keep
mms that have exited.

"ptsim beside" follows one schedule on two variants.

Exit codes:

  0  success
  1  a variant with no known flaw broke a rule`,
		Example: `  ptsim compare
  ptsim compare --workload database --seed 7
  ptsim compare --workload jvm --html jvm.html
  ptsim compare my.trace.gz --format csv`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.compare(cmd, std, args, html) },
	}
	formatFlag(cmd, &o.format, "text", "json", "csv")
	cmd.Flags().StringVar(&html, "html", "", "also write a report with pictures to this file")
	cmd.Flags().Var(&o.grace, "grace-period", "length of an RCU grace period, or a distribution: see ptsim retract --help")
	cmd.Flags().IntVar(&o.cpus, "cpus", 8, "CPUs of the machine")
	bounded(cmd, "cpus", 1, 1024)
	cmd.Flags().BoolVar(&o.contents, "contents", false, "give page tables real contents, and check them")
	o.input.flags(cmd)
	o.khugepaged.flags(cmd)
	o.workload.flags(cmd)
	o.splatsFlag(cmd)
	return cmd
}

// everyVersion returns a machine for each version and pin.
func (o *retractOptions) everyVersion(cmd *cobra.Command) ([]s390sim.Config, error) {
	base, err := o.machines(cmd)
	if err != nil {
		return nil, err
	}
	var list []s390sim.Config
	for _, cfg := range base {
		cfg.Count = true
		if cfg.Variant != pgalloc.Pinned {
			list = append(list, cfg)
			continue
		}
		for _, p := range pgalloc.Pins() {
			cfg.Pin = p
			list = append(list, cfg)
		}
	}
	return list, nil
}

func (o *retractOptions) compare(cmd *cobra.Command, std streams, names []string, html string) error {
	if err := checkFormat(o.format, "text", "json", "csv"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	machines, err := o.everyVersion(cmd)
	if err != nil {
		return err
	}
	defer o.finish(cmd.Context())()
	var page *outFile
	if html != "" {
		if page, err = createOut(html); err != nil {
			return err
		}
		defer page.discard()
	}
	var rep *report.Report
	if o.workload.name != "" {
		rep, err = o.runWorkload(cmd, std, first(names), machines, 0)
	} else {
		rep, err = o.runTrace(cmd, std, names, machines, 0)
	}
	if err != nil {
		return err
	}
	rows := rep.Costs()
	if page != nil {
		if err := rep.WriteHTML(page, rows); err != nil {
			return err
		}
		if err := page.commit(); err != nil {
			return err
		}
	}
	err = buffered(std.out, func(w io.Writer) error {
		switch o.format {
		case "json":
			return writeJSON(w, rows)
		case "csv":
			return stdoutError(report.WriteCSV(w, rows))
		}
		width, _ := columnsOf(std.out)
		rep.WriteCosts(w, rows, width, o.splats)
		return nil
	})
	switch {
	case err != nil:
		return err
	case rep.Stopped:
		return context.Canceled
	}
	return o.verdict(rep)
}
