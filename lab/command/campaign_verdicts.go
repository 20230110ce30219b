package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/campaign"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
	"ptsim/memory"
)

func newPlanVerdicts(std streams) *cobra.Command {
	var o matrixOptions
	cmd := &cobra.Command{
		Use:   "verdicts [FILE...]",
		Short: "Plan ptsim verdicts: one job per cell",
		Long: `Verdicts plans what ptsim verdicts does: a job for each scenario, variant, and
setting. "ptsim campaign merge" prints the same table.`,
		Example: `  ptsim campaign plan verdicts > plan.jsonl
  ptsim campaign plan verdicts --scenario S1,S3r4 --variant pinned`,
		RunE: func(_ *cobra.Command, files []string) error { return o.plan(std, files) },
	}
	o.flags(cmd)
	return cmd
}

// matrixCommon is what the cells of a matrix have in common.
type matrixCommon struct {
	Races  string        `json:"races"`
	Memory uint64        `json:"memory_limit,omitempty"`
	Own    []ownScenario `json:"scenarios,omitempty"`
}

// ownScenario is the text of a scenario.
type ownScenario struct {
	Name string `json:"name"`
	File string `json:"file"`
	Text string `json:"text"`
}

func (o *ownScenario) parse() (*scenario.Scenario, error) { return scenario.Parse(o.File, o.Text) }

// cellAsked is a cell as a job asks for it.
type cellAsked struct {
	Scenario string `json:"scenario"`
	Variant  string `json:"variant"` // with its pin
	Softirqs string `json:"softirqs"`
	Grace    string `json:"grace"`
	Memory   string `json:"memory,omitempty"`
}

func (o *matrixOptions) plan(std streams, files []string) error {
	cells, opt, err := o.cells(std, files)
	if err != nil {
		return err
	}
	common := matrixCommon{Races: opt.Races.String(), Memory: opt.Memory}
	for _, s := range opt.Own {
		common.Own = append(common.Own, ownScenario{s.Name, s.File, s.Source})
	}
	var jobs []campaign.Job
	for _, c := range cells {
		own := slices.ContainsFunc(opt.Own, func(s *scenario.Scenario) bool { return s.Name == c.Scenario })
		ask, err := json.Marshal(cellAsked{c.Scenario, c.Version.String(), c.Setting.SoftirqsText(), c.Setting.Grace.String(), memoryWord(c.Setting.Memory)})
		if err != nil {
			return err
		}
		seconds, bytes := cellEstimate(c, own)
		name := fileWord(c.Scenario) + "." + fileWord(c.Version.String()) + "." + strings.ReplaceAll(c.Setting.Link(), ",", ".")
		jobs = append(jobs, campaign.Job{Name: name, Seconds: seconds, Bytes: bytes, Ask: ask})
	}
	return printPlan(std, "verdicts", common, jobs)
}

// memoryWord names a weak memory model; sequential consistency is no word.
func memoryWord(s memory.Spec) string {
	if s.Model == memory.SC {
		return ""
	}
	return s.String()
}

// fileWord is a name as a part of the name of a file.
func fileWord(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
}

// parse returns the cell that a job asks for.
func (a *cellAsked) parse() (c verdicts.Cell, err error) {
	c.Scenario = a.Scenario
	if c.Version, err = question.ParseVersion(a.Variant); err != nil {
		return c, err
	}
	if c.Setting.Softirqs, err = explore.ParseSoftirqs(a.Softirqs); err != nil {
		return c, err
	}
	if a.Memory != "" {
		if c.Setting.Memory, err = memory.ParseSpec(a.Memory); err != nil {
			return c, err
		}
	}
	c.Setting.Grace, err = explore.ParseGrace(a.Grace)
	return c, err
}

// parse returns how the cells are searched.
func (m *matrixCommon) parse() (opt verdicts.Options, err error) {
	opt.Memory = m.Memory
	if opt.Races, err = explore.ParseRaces(m.Races); err != nil {
		return opt, err
	}
	for i := range m.Own {
		s, err := m.Own[i].parse()
		if err != nil {
			return opt, err
		}
		opt.Own = append(opt.Own, s)
	}
	return opt, nil
}

// cellCost is what of an outcome depends on the machine.
type cellCost struct {
	Elapsed time.Duration     `json:"elapsed"`
	Bytes   uint64            `json:"bytes"`
	Last    *explore.Progress `json:"last,omitempty"`
}

// longCell is from how many estimated seconds on a cell keeps how far it is.
const longCell = 20

// doVerdict answers a cell. The answer is its outcome, without what depends on the machine.
func doVerdict(ctx context.Context, t campaign.Task) (answer, cost any, err error) {
	common, ask, err := asked[matrixCommon, cellAsked](t)
	if err != nil {
		return nil, nil, err
	}
	opt, err := common.parse()
	if err != nil {
		return nil, nil, err
	}
	cell, err := ask.parse()
	if err != nil {
		return nil, nil, err
	}
	opt.Threads, opt.Context = 1, ctx
	if t.Job.Seconds >= longCell {
		if opt.Folder, err = verdicts.OpenFolder(t.Search, 0); err != nil {
			return nil, nil, err
		}
		defer func() {
			if e := opt.Folder.Close(); err == nil && e != nil {
				err = e
			}
		}()
	}
	out, err := verdicts.Run([]verdicts.Cell{cell}, opt)
	if err != nil {
		return nil, nil, err
	}
	o := out[0]
	c := cellCost{o.Elapsed, o.Bytes, o.Last}
	o.Elapsed, o.Bytes, o.Last = 0, 0, nil
	return o, c, nil
}

// mergeVerdicts prints what ptsim verdicts prints.
func mergeVerdicts(w io.Writer, width int, m *campaign.Merged, format string) error {
	out := make([]verdicts.Outcome, len(m.Results))
	for i, r := range m.Results {
		var ask cellAsked
		if err := json.Unmarshal(m.Plan.Jobs[i].Ask, &ask); err != nil {
			return fmt.Errorf("job %s: %w", m.Plan.Jobs[i].Name, err)
		}
		cell, err := ask.parse()
		if err != nil {
			return fmt.Errorf("job %s: %w", m.Plan.Jobs[i].Name, err)
		}
		o := &out[i]
		o.Cell = cell
		switch {
		case r == nil:
		case r.Died != "":
			o.Verdict, o.Why = explore.Incomplete, r.Died
		default:
			var c cellCost
			if err := json.Unmarshal(r.Answer, o); err != nil {
				return fmt.Errorf("job %s: %w", r.Job, err)
			}
			if err := json.Unmarshal(r.Cost, &c); err != nil {
				return fmt.Errorf("job %s: %w", r.Job, err)
			}
			o.Elapsed, o.Bytes, o.Last = c.Elapsed, c.Bytes, c.Last
		}
	}
	return stdoutError(verdicts.Write(w, out, format, width))
}
