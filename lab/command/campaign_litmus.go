package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/campaign"
	"ptsim/internal/litmus"
	"ptsim/internal/prose"
	"ptsim/memory"
)

// planLitmusOptions are the flags of ptsim campaign plan litmus.
type planLitmusOptions struct {
	litmusOptions
	compare bool
	perJob  int
}

func newPlanLitmus(std streams) *cobra.Command {
	o := planLitmusOptions{litmusOptions: litmusOptions{format: "json"}}
	cmd := &cobra.Command{
		Use:   "litmus FILE|DIR|ARCHIVE...",
		Short: "Plan C litmus tests under a memory model: a job for some tests",
		Long: `Litmus plans what ptsim litmus does: a job is some of the tests, whose text is in
the plan. The merge counts their verdicts; --format tsv and json have a row for
each, as ptsim litmus prints it. With --expect, the merge compares them with the
Result: comments of the tests, and its exit code is 1 if any differ.`,
		Example: `  ptsim campaign plan litmus tests.tar.xz > plan.jsonl
  ptsim campaign plan litmus testdata/litmus --memory tso > plan.jsonl`,
		RunE: func(_ *cobra.Command, args []string) error { return o.plan(std, args) },
	}
	memoryFlags(cmd, &o.model, &o.release, memory.LKMM)
	f := cmd.Flags()
	f.BoolVar(&o.compare, "expect", false, "compare with the Result: comments")
	f.IntVar(&o.states, "states", 10_000_000, "give up on a test that has more states")
	f.IntVar(&o.perJob, "per-job", 50, "tests in a job")
	bounded(cmd, "states", 1, 1_000_000_000)
	bounded(cmd, "per-job", 1, 1_000_000)
	return cmd
}

// litmusCommon is what all tests have in common.
type litmusCommon struct {
	Memory  string `json:"memory"`
	Release string `json:"lkmm"`
	States  int    `json:"states"`
	Expect  bool   `json:"expect"`
}

// litmusAsked is a test as a job asks for it.
type litmusAsked struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// litmusFound is what came of a test.
type litmusFound struct {
	Row    litmusRow `json:"row"` // without its seconds
	Expect string    `json:"expect,omitempty"`
}

// secondsATest is about what a test takes.
const secondsATest = 0.02

func (o *planLitmusOptions) plan(std streams, args []string) error {
	if len(args) == 0 {
		return errors.New("campaign plan litmus: no tests; expected a litmus test, a folder or an archive with some")
	}
	if err := o.parse(); err != nil {
		return err
	}
	var tests []litmusAsked
	for _, arg := range args {
		info, err := os.Stat(arg)
		single := err == nil && !info.IsDir() && !strings.Contains(filepath.Base(arg), ".tar")
		err = litmus.Collect(arg, func(path, text string) error {
			tests = append(tests, litmusAsked{path, text})
			if !single {
				return nil
			}
			_, err := litmus.Parse(path, text)
			if bad := (*litmus.Error)(nil); errors.As(err, &bad) && bad.Unsupported {
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(tests) == 0 {
		return fmt.Errorf("%s: no litmus tests; expected files *.litmus", strings.Join(args, ", "))
	}
	var jobs []campaign.Job
	for i := 0; i < len(tests); i += o.perJob {
		some := tests[i:min(i+o.perJob, len(tests))]
		ask, err := json.Marshal(some)
		if err != nil {
			return err
		}
		jobs = append(jobs, campaign.Job{Name: fmt.Sprintf("tests.%d-%d", i+1, i+len(some)), Seconds: secondsATest * float64(len(some)), Bytes: 256 << 20, Ask: ask})
	}
	return printPlan(std, "litmus", litmusCommon{o.model, o.release, o.states, o.compare}, jobs)
}

// doLitmus runs tests.
func doLitmus(ctx context.Context, t campaign.Task) (answer, cost any, err error) {
	common, tests, err := asked[litmusCommon, []litmusAsked](t)
	if err != nil {
		return nil, nil, err
	}
	o := litmusOptions{model: common.Memory, release: common.Release, states: common.States, format: "json"}
	if err := o.parse(); err != nil {
		return nil, nil, err
	}
	found := []litmusFound{}
	seconds := []float64{}
	for _, test := range tests {
		row, err := o.test(ctx, io.Discard, io.Discard, test.Path, test.Text, false)
		if err != nil {
			return nil, nil, err
		}
		seconds = append(seconds, row.Seconds)
		row.Seconds = 0
		found = append(found, litmusFound{row, row.expect})
	}
	return found, seconds, nil
}

// mergeLitmus prints the verdicts of the tests.
func mergeLitmus(w io.Writer, _ int, m *campaign.Merged, format string) error {
	var common litmusCommon
	if err := json.Unmarshal(m.Plan.Common, &common); err != nil {
		return err
	}
	rows := []litmusRow{}
	for _, r := range m.Results {
		if r == nil || r.Died != "" {
			continue
		}
		var found []litmusFound
		var seconds []float64
		if err := errors.Join(json.Unmarshal(r.Answer, &found), json.Unmarshal(r.Cost, &seconds)); err != nil || len(found) != len(seconds) {
			return fmt.Errorf("job %s: its result is not that of litmus tests (%w)", r.Job, err)
		}
		for i, f := range found {
			f.Row.expect, f.Row.Seconds = f.Expect, seconds[i]
			rows = append(rows, f.Row)
		}
	}
	wrong := 0
	var differ strings.Builder
	if common.Expect {
		compared, want := 0, expectations{on: true}
		for _, r := range rows {
			if e := want.of(r.Path, r.expect); e != "" {
				if compared++; !agrees(r.Verdict, e) {
					wrong++
					fmt.Fprintf(&differ, "%s: %s, expected %s\n", r.Path, r.Verdict, e)
				}
			}
		}
		fmt.Fprintf(&differ, "compared %s: %d differ\n", prose.Count(compared, "test", "tests"), wrong)
	}
	switch format {
	case "json":
		if err := writeJSON(w, rows); err != nil {
			return err
		}
	case "tsv":
		for _, r := range rows {
			r.tsv(w)
		}
	default:
		counts := map[string]int{}
		for _, r := range rows {
			counts[r.Verdict]++
		}
		text := fmt.Sprintf("%s under %s", prose.Count(len(rows), "test", "tests"), common.Memory)
		for i, v := range []string{"Never", "Sometimes", "Always", "unsupported", "bound"} {
			if counts[v] > 0 || i < 3 {
				text += fmt.Sprintf("%s %d %s", ":,"[min(i, 1):][:1], counts[v], v)
			}
		}
		fmt.Fprintln(w, text)
		io.WriteString(w, differ.String())
	}
	if wrong > 0 {
		return errFinding
	}
	return nil
}
