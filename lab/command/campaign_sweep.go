package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"ptsim/internal/campaign"
	"ptsim/internal/prose"
	"ptsim/internal/sweep"
)

// sweepOptions are the flags of ptsim campaign plan sweep.
type sweepOptions struct {
	grid      sweep.Grid
	lifetimes []string
	seed      uint64
}

func newPlanSweep(std streams) *cobra.Command {
	o := sweepOptions{grid: sweep.Default()}
	for _, l := range o.grid.Lifetimes {
		o.lifetimes = append(o.lifetimes, sweep.LifetimeText(l))
	}
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Plan the costs of variants over a grid of loads: one job per load",
		Long: `Sweep plans a grid of synthetic loads: all combinations of the values of the flags.
A job runs one load, in virtual time, on every variant with every pin, and counts
pages, locks, and atomic operations. docs/costs.md shows the result of the default
grid, which takes a few minutes.`,
		Example: `  ptsim campaign plan sweep > plan.jsonl
  ptsim campaign plan sweep --processes 1000 --lifetime 1ms,forever > plan.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.plan(std) },
	}
	f := cmd.Flags()
	f.IntSliceVar(&o.grid.Processes, "processes", o.grid.Processes, "processes at once")
	f.IntSliceVar(&o.grid.Tables, "tables", o.grid.Tables, "page tables of a process")
	f.StringSliceVar(&o.lifetimes, "lifetime", o.lifetimes, "mean lifetimes of a process, such as 100ms, or forever")
	f.Float64SliceVar(&o.grid.Collapses, "collapse", o.grid.Collapses, "collapses of a segment, a second")
	f.DurationSliceVar(&o.grid.Graces, "grace-period", o.grid.Graces, "lengths of a grace period")
	f.IntSliceVar(&o.grid.CPUs, "cpus", o.grid.CPUs, "CPUs of the machine")
	f.Uint64Var(&o.seed, "seed", 1, "the same seed gives the same runs")
	return cmd
}

// sweepCommon is what all loads have in common.
type sweepCommon struct {
	Seed uint64 `json:"seed"`
}

func (o *sweepOptions) plan(std streams) error {
	o.grid.Lifetimes = nil
	for _, text := range o.lifetimes {
		l, err := sweep.ParseLifetime(text)
		if err != nil {
			return fmt.Errorf("--lifetime: %w", err)
		}
		o.grid.Lifetimes = append(o.grid.Lifetimes, l)
	}
	if err := checkEach("--processes", o.grid.Processes, 1, 100_000); err != nil {
		return err
	}
	if err := checkEach("--tables", o.grid.Tables, 1, 10_000); err != nil {
		return err
	}
	if err := checkEach("--cpus", o.grid.CPUs, 1, 512); err != nil {
		return err
	}
	if err := checkEach("--collapse", o.grid.Collapses, 0, 1e6); err != nil {
		return err
	}
	if err := checkEach("--grace-period", o.grid.Graces, 100*time.Microsecond, 10*time.Second); err != nil {
		return err
	}
	if err := checkEach("--lifetime", o.grid.Lifetimes, 0, time.Hour); err != nil {
		return err
	}
	var jobs []campaign.Job
	for _, p := range o.grid.Points() {
		ask, err := json.Marshal(p)
		if err != nil {
			return err
		}
		jobs = append(jobs, campaign.Job{Name: p.Name(), Seconds: p.Seconds(), Bytes: 64 << 20, Ask: ask})
	}
	return printPlan(std, "sweep", sweepCommon{o.seed}, jobs)
}

// checkEach wants values within limits, and at least one.
func checkEach[T int | float64 | time.Duration](flag string, values []T, least, most T) error {
	if len(values) == 0 {
		return fmt.Errorf("%s: no values; expected at least one", flag)
	}
	seen := map[T]bool{}
	for _, v := range values {
		if !(v >= least && v <= most) {
			return fmt.Errorf("%s: %v; expected %v to %v", flag, v, least, most)
		}
		if seen[v] {
			return fmt.Errorf("%s: %v twice; expected values that differ", flag, v)
		}
		seen[v] = true
	}
	return nil
}

// doPoint runs a load on all variants.
func doPoint(ctx context.Context, t campaign.Task) (answer, cost any, err error) {
	common, p, err := asked[sweepCommon, sweep.Point](t)
	if err != nil {
		return nil, nil, err
	}
	rows, err := sweep.Run(ctx, p, common.Seed)
	return rows, nil, err
}

var sweepFormats = []string{"text", "json", "markdown", "csv", "svg"}

// mergeSweep prints what the loads cost.
func mergeSweep(w io.Writer, width int, m *campaign.Merged, format string) error {
	rep := sweep.Report{}
	for i, r := range m.Results {
		if r == nil || r.Died != "" {
			continue
		}
		var res sweep.Result
		if err := json.Unmarshal(m.Plan.Jobs[i].Ask, &res.Point); err != nil {
			return fmt.Errorf("job %s: %w", r.Job, err)
		}
		if err := json.Unmarshal(r.Answer, &res.Rows); err != nil {
			return fmt.Errorf("job %s: %w", r.Job, err)
		}
		rep.Results = append(rep.Results, res)
	}
	switch format {
	case "json":
		return writeJSON(w, rep.Results)
	case "csv":
		return stdoutError(rep.WriteCSV(w))
	case "markdown":
		return stdoutError(rep.Markdown(w))
	case "svg":
		return stdoutError(rep.SVG(w))
	}
	points, runs := rep.Runs()
	fmt.Fprintf(w, "%s, %s\n", prose.Count(points, "load", "loads"), prose.Count(runs, "run", "runs"))
	for _, p := range rep.Parts() {
		fmt.Fprint(w, "\n"+prose.Hang("", "", p.Title, width)+prose.Table(p.Rows, "  ", width))
	}
	return nil
}
