package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/bench"
	"ptsim/internal/prose"
	"ptsim/internal/report"
	"ptsim/pgalloc"
)

// benchOptions are the flags of ptsim bench.
type benchOptions struct {
	variant, pin, format string
	fill, shared         bool
	threads              int
	rounds, chunks       int
}

func newBench(std streams) *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure what a table costs in each variant, in processor time",
		Long: `Bench runs the allocator itself, natively, with no checks and no observer. It
measures how much processor time a table costs, from its allocation until it is
free, on four paths:

  list   freed at once; each half of a page is on the list in turn
  fresh  freed at once, with its page: every table takes a new page
  tlb    freed through the gather, 256 at a time, after a grace period
  defer  freed by pte_free_defer, 256 at a time, after a grace period

The variants and paths take turns in many short chunks. Bench reports the
quickest chunk, so a busy machine does no harm. A grace period ends at once. The
number in parentheses is the ratio to classic in the same run (classic has no
defer). docs/perf/against-c compares the same code with the kernel's C.`,
		Example: `  ptsim bench
  ptsim bench --fill
  ptsim bench --variant active --threads 2
  ptsim bench --format csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd, std) },
	}
	variantFlags(cmd, &o.variant, &o.pin, "all", ", or all")
	formatFlag(cmd, &o.format, "text", "json", "csv")
	cmd.Flags().BoolVar(&o.fill, "fill", false, "fill a fresh page with invalid entries, as the kernel does")
	cmd.Flags().IntVar(&o.threads, "threads", 1, "how many CPUs work at the same time, each on its own mm")
	cmd.Flags().BoolVar(&o.shared, "one-mm", false, "all CPUs on one mm")
	cmd.Flags().IntVar(&o.rounds, "rounds", 5, "how many turns each variant gets")
	cmd.Flags().IntVar(&o.chunks, "chunks", 20, "how many chunks of 4096 tables are in a turn")
	bounded(cmd, "threads", 1, runtime.NumCPU())
	bounded(cmd, "rounds", 1, 10_000)
	bounded(cmd, "chunks", 1, 1_000_000)
	return cmd
}

// versions returns the versions to measure; classic comes along, for the ratios.
func (o *benchOptions) versions(cmd *cobra.Command) ([]pgalloc.Config, error) {
	if o.variant != "all" {
		v, p, err := parseVersion(cmd, o.variant, o.pin)
		if err != nil {
			return nil, err
		}
		if v == pgalloc.RFCAsPosted {
			return nil, fmt.Errorf("--variant: %s loses pages, so there is nothing to measure for long; expected another variant", v)
		}
		if v == pgalloc.Classic {
			return []pgalloc.Config{{Variant: v}}, nil
		}
		return []pgalloc.Config{{Variant: pgalloc.Classic}, {Variant: v, Pin: p}}, nil
	}
	if cmd.Flags().Changed("pin") {
		return nil, fmt.Errorf("--pin goes with --variant pinned")
	}
	var list []pgalloc.Config
	for _, i := range pgalloc.Variants() {
		switch i.Variant {
		case pgalloc.RFCAsPosted:
		case pgalloc.Pinned:
			for _, p := range pgalloc.Pins() {
				list = append(list, pgalloc.Config{Variant: i.Variant, Pin: p})
			}
		default:
			list = append(list, pgalloc.Config{Variant: i.Variant})
		}
	}
	return list, nil
}

// benchRow is one figure, as JSON and CSV have it.
type benchRow struct {
	Variant     string        `json:"variant"`
	Path        string        `json:"path"`
	Fill        bool          `json:"fill"`
	Threads     int           `json:"threads"`
	Nanoseconds report.Figure `json:"nanoseconds"`      // not known if the threads never ran at the same time
	ToClassic   report.Figure `json:"ratio_to_classic"` // not known on a path that classic does not have
}

func (o *benchOptions) run(cmd *cobra.Command, std streams) error {
	if err := checkFormat(o.format, "text", "json", "csv"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	versions, err := o.versions(cmd)
	if err != nil {
		return err
	}
	var configs []bench.Config
	for _, v := range versions {
		configs = append(configs, bench.Config{Allocator: v, Contents: o.fill, Threads: o.threads, SharedMM: o.shared})
	}
	bar := newProgress(std.err, 0)
	results, err := bench.Race(cmd.Context(), configs, bench.Paths(), o.rounds, o.chunks, bar.share)
	bar.done()
	stopped := errors.Is(err, context.Canceled)
	if err != nil && !stopped {
		return err
	}
	classic := map[string]float64{}
	var rows []benchRow
	reached := map[[2]string]bool{}
	for _, r := range results {
		if r.Allocator.Variant == pgalloc.Classic {
			classic[r.Path] = r.Nanoseconds
		}
		row := benchRow{versionName(r.Allocator), r.Path, o.fill, o.threads, report.NotReached, report.NotReached}
		reached[[2]string{row.Variant, row.Path}] = r.Chunks > 0
		if r.Nanoseconds > 0 {
			row.Nanoseconds, row.ToClassic = report.Round(r.Nanoseconds), report.Ratio(r.Nanoseconds, classic[r.Path])
		}
		rows = append(rows, row)
	}
	if err := buffered(std.out, func(w io.Writer) error { return o.write(w, rows, reached, stopped) }); err != nil {
		return err
	}
	return err
}

// versionName is the variant, with its pin behind a slash if that is not the default.
func versionName(cfg pgalloc.Config) string {
	if cfg.Pin != "" && cfg.Pin != pgalloc.PinHalf {
		return string(cfg.Variant) + "/" + string(cfg.Pin)
	}
	return string(cfg.Variant)
}

func (o *benchOptions) write(w io.Writer, rows []benchRow, reached map[[2]string]bool, stopped bool) error {
	switch o.format {
	case "json":
		return writeJSON(w, rows)
	case "csv":
		return stdoutError(report.WriteCSV(w, rows))
	}
	if stopped {
		fmt.Fprintf(w, "INTERRUPTED: %s\n", report.SoFar)
	}
	fmt.Fprintf(w, "%-20s", "ns per table (ratio)")
	for _, p := range bench.Paths() {
		fmt.Fprintf(w, "%15s", p.Name)
	}
	cells := map[[2]string]string{}
	var variants []string
	for _, r := range rows {
		if at := [2]string{r.Variant, r.Path}; reached[at] {
			cells[at] = cellOf(r)
		}
		if !slices.Contains(variants, r.Variant) {
			variants = append(variants, r.Variant)
		}
	}
	for _, v := range variants {
		fmt.Fprintf(w, "\n%-20s", v)
		for _, p := range bench.Paths() {
			fmt.Fprintf(w, "%15s", cmp.Or(cells[[2]string{v, p.Name}], "-"))
		}
	}
	fmt.Fprintf(w, "\n\n%s\n", o.about(stopped))
	return nil
}

func cellOf(r benchRow) string {
	switch {
	case !r.Nanoseconds.Known():
		return "?"
	case !r.ToClassic.Known():
		return r.Nanoseconds.Decimals(1)
	}
	return r.Nanoseconds.Decimals(1) + " (" + r.ToClassic.Decimals(2) + ")"
}

func (o *benchOptions) about(stopped bool) string {
	parts := []string{"processor time, the quickest of " + prose.Group(o.rounds*o.chunks) + " chunks"}
	if stopped {
		parts[0] = "processor time, the quickest chunk so far"
	}
	if o.threads > 1 {
		parts = append(parts, strconv.Itoa(o.threads)+" threads"+map[bool]string{true: " on one mm"}[o.shared])
		parts = append(parts, "?: they never ran at the same time")
	}
	if o.fill {
		parts = append(parts, "fresh pages are filled")
	}
	return strings.Join(parts, "; ")
}
