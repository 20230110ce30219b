package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/campaign"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
)

// splitOptions are the flags of ptsim campaign plan split.
type splitOptions struct {
	variant, pin    string
	softirqs, grace string
	parts           int
	all, plain      bool
	memory          string
}

func newPlanSplit(std streams) *cobra.Command {
	var o splitOptions
	cmd := &cobra.Command{
		Use:   "split SCENARIO|FILE",
		Short: "Plan one search that is too large for a machine: one job per part",
		Long: `Split plans one exhaustive search: it searches the first transitions, and makes a
job of what is behind each state where it stopped. All jobs together visit every
state. Each has its own memory, so a state that several jobs reach is visited in
each of them: "ptsim campaign merge" says how many states the jobs visited.

Data races are judged by adjacent accesses.`,
		Example: `  ptsim campaign plan split S3r4 --variant pinned --parts 200 > plan.jsonl
  ptsim campaign plan split S2 --softirqs cpu --all > plan.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.plan(cmd, std, args) },
	}
	f := cmd.Flags()
	variantFlags(cmd, &o.variant, &o.pin, string(pgalloc.RFC), "")
	f.StringVar(&o.softirqs, "softirqs", "2", "CPUs that run callbacks; or cpu: a callback runs on the CPU that queued it")
	f.StringVar(&o.grace, "grace", "precise", "what a grace period waits for: precise (every reader), or any (rcu_read_lock alone)")
	f.IntVar(&o.parts, "parts", 100, "at least so many jobs, unless the search is too small")
	bounded(cmd, "parts", 1, 1_000_000)
	f.BoolVar(&o.all, "all", false, "go on after a violation, and tell all kinds")
	f.BoolVar(&o.plain, "plain", false, "make every primitive a step of its own; there are many more states")
	f.StringVar(&o.memory, "memory-limit", "", "memory for the states of one job, such as 500M or 2G (default: no limit)")
	complete(cmd, "softirqs", []string{"1", "2", "cpu"})
	complete(cmd, "grace", []string{"precise", "any"})
	cmd.ValidArgsFunction = scenarioArgs
	return cmd
}

// splitCommon is what the parts of a search have in common.
type splitCommon struct {
	Scenario ownScenario `json:"scenario"`
	Variant  string      `json:"variant"`
	Softirqs string      `json:"softirqs"`
	Grace    string      `json:"grace"`
	All      bool        `json:"all"`
	Plain    bool        `json:"plain"`
	Memory   uint64      `json:"memory_limit,omitempty"`
	Depth    int         `json:"depth"` // where it is split
}

// partAsked is a part as a job asks for it; without a schedule, it is what is above all parts.
type partAsked struct {
	Schedule string `json:"schedule,omitempty"`
	Awake    bool   `json:"awake,omitempty"`
	Apart    bool   `json:"apart,omitempty"`
}

// partFound is what came of a part.
type partFound struct {
	Verdict     explore.Verdict `json:"verdict"`
	States      uint64          `json:"states"`
	Transitions uint64          `json:"transitions"`
	Depth       int             `json:"depth"` // its own
	Kinds       []string        `json:"kinds"`
	Sentence    string          `json:"sentence,omitempty"`
	Schedule    string          `json:"schedule,omitempty"`
}

// partCost is what of that depends on the machine.
type partCost struct {
	Elapsed time.Duration `json:"elapsed"`
	Bytes   uint64        `json:"bytes"`
	Why     string        `json:"why,omitempty"` // it is incomplete
}

// deepest is how deep a search is split at most.
const deepest = 64

func (o *splitOptions) plan(cmd *cobra.Command, std streams, args []string) error {
	if len(args) == 0 {
		return errors.New("campaign plan split: no scenario; expected a name, or a file")
	}
	s, err := readScenario(args[0], std.in)
	if err != nil {
		return err
	}
	version, err := versionOf(cmd, s, o.variant, o.pin, s.Run.Variant != "")
	if err != nil {
		return err
	}
	c := splitCommon{Scenario: ownScenario{s.Name, s.File, s.Source}, Variant: version.String(), Softirqs: o.softirqs, Grace: o.grace, All: o.all, Plain: o.plain}
	if c.Memory, err = parseSize(o.memory); err != nil {
		return fmt.Errorf("--memory-limit: %w", err)
	}
	m, opt, err := c.parse()
	if err != nil {
		return err
	}
	opt.Context = cmd.Context()
	var parts []explore.Part
	for c.Depth = 1; ; c.Depth++ {
		var top explore.Result
		if top, parts, err = explore.Split(m, opt, c.Depth); err != nil {
			return err
		}
		if top.CutShort {
			return context.Canceled
		}
		if len(parts) >= o.parts || len(parts) == 0 || c.Depth == deepest {
			break
		}
	}
	var jobs []campaign.Job
	add := func(name string, a partAsked) error {
		ask, err := json.Marshal(a)
		jobs = append(jobs, campaign.Job{Name: name, Seconds: partSeconds, Bytes: c.Memory, Ask: ask})
		return err
	}
	if err := add("top", partAsked{}); err != nil {
		return err
	}
	for i, p := range parts {
		if err := add(fmt.Sprintf("part-%d", i+1), partAsked{p.Schedule.Text(), p.Awake, p.Apart}); err != nil {
			return err
		}
	}
	return printPlan(std, "split", c, jobs)
}

// partSeconds is the estimate for a part: nobody knows, and it is the same for all.
const partSeconds = 10

// parse returns the model that is searched, and how.
func (c *splitCommon) parse() (*explore.Model, explore.Options, error) {
	sample := sampleCommon{Scenario: c.Scenario, Variant: c.Variant, Softirqs: c.Softirqs, Grace: c.Grace, Races: explore.Adjacent.String()}
	m, opt, err := sample.parse()
	opt.All, opt.Plain, opt.Memory = c.All, c.Plain, c.Memory
	return m, opt, err
}

// doPart searches a part.
func doPart(ctx context.Context, t campaign.Task) (answer, cost any, err error) {
	common, ask, err := asked[splitCommon, partAsked](t)
	if err != nil {
		return nil, nil, err
	}
	m, opt, err := common.parse()
	if err != nil {
		return nil, nil, err
	}
	opt.Context = ctx
	var r explore.Result
	if ask.Schedule == "" {
		r, _, err = explore.Split(m, opt, common.Depth)
	} else {
		var sched *explore.Schedule
		sched, err = explore.ParseSchedule(ask.Schedule)
		if err == nil {
			r, err = explore.Behind(m, opt, explore.Part{Schedule: sched, Awake: ask.Awake, Apart: ask.Apart})
		}
	}
	if errors.Is(err, explore.ErrRules) {
		err = fmt.Errorf("%w: ptsim campaign plan split --plain", err)
	}
	if err != nil {
		return nil, nil, err
	}
	f := partFound{Verdict: r.Verdict, States: r.States, Transitions: r.Transitions, Depth: r.Depth, Kinds: slices.Sorted(maps.Keys(r.Kinds))}
	if r.Verdict == explore.Violated {
		tr, err := explore.Replay(m, opt, r.Schedule, nil) // which knows the functions
		if err != nil {
			return nil, nil, err
		}
		if tr.Violation == nil {
			return nil, nil, errors.New("the schedule that was found does not lead to the violation")
		}
		f.Sentence, f.Schedule = tr.Violation.Sentence(), r.Schedule.Text()
	}
	return f, partCost{r.Elapsed, r.Bytes, r.Why}, nil
}

// splitReport is a search that was split, as JSON has it.
type splitReport struct {
	Scenario    string      `json:"scenario"`
	Variant     string      `json:"variant"`
	Softirqs    string      `json:"softirqs"`
	Grace       string      `json:"grace"`
	Verdict     string      `json:"verdict"`
	Why         string      `json:"why,omitempty"`
	Kinds       []string    `json:"kinds"`
	Found       []partFound `json:"found"` // by the parts that found something
	Parts       int         `json:"parts"`
	Visits      uint64      `json:"state_visits"` // a state that several parts reach counts in each
	Largest     uint64      `json:"largest_part"`
	Transitions uint64      `json:"transitions"`

	command string
}

// mergeSplit prints what the parts of a search come to together.
func mergeSplit(w io.Writer, width int, m *campaign.Merged, format string) error {
	var c splitCommon
	if err := json.Unmarshal(m.Plan.Common, &c); err != nil {
		return err
	}
	rep := splitReport{Scenario: c.Scenario.Name, Variant: c.Variant, Softirqs: c.Softirqs, Grace: c.Grace, Verdict: string(explore.Safe), Parts: len(m.Results) - 1,
		Kinds: []string{}, Found: []partFound{}, command: "ptsim explore --minimize --replay"}
	if !slices.Contains(scenario.Names(), c.Scenario.Name) {
		rep.command = "ptsim explore " + c.Scenario.File + " --minimize --replay"
	}
	kinds := map[string]bool{}
	open := 0
	for _, r := range m.Results {
		if r == nil || r.Died != "" {
			open++
			continue
		}
		var f partFound
		var cost partCost
		if err := errors.Join(json.Unmarshal(r.Answer, &f), json.Unmarshal(r.Cost, &cost)); err != nil {
			return fmt.Errorf("job %s: %w", r.Job, err)
		}
		rep.Visits += f.States
		rep.Largest = max(rep.Largest, f.States)
		rep.Transitions += f.Transitions
		for _, k := range f.Kinds {
			kinds[k] = true
		}
		switch f.Verdict {
		case explore.Violated:
			rep.Found = append(rep.Found, f)
		case explore.Incomplete:
			open++
			rep.Why = cost.Why
		}
	}
	rep.Kinds = append(rep.Kinds, slices.Sorted(maps.Keys(kinds))...)
	switch {
	case len(rep.Found) > 0:
		rep.Verdict = string(explore.Violated)
	case open > 0:
		rep.Verdict = string(explore.Incomplete)
		text := fmt.Sprintf("%s without a verdict", prose.Count(open, "part is", "parts are"))
		if rep.Why != "" {
			text += "; " + rep.Why
		}
		rep.Why = text
	}
	if format == "json" {
		if err := writeJSON(w, rep); err != nil {
			return err
		}
	} else {
		rep.text(w, width)
	}
	switch explore.Verdict(rep.Verdict) {
	case explore.Violated:
		return errFinding
	case explore.Incomplete:
		return errIncomplete
	}
	return nil
}

func (r *splitReport) text(w io.Writer, width int) {
	say := func(format string, args ...any) {
		fmt.Fprint(w, prose.Hang("", "  ", fmt.Sprintf(format, args...), width))
	}
	say("%s on %s, softirqs %s, grace %s, in %s", r.Scenario, r.Variant, r.Softirqs, r.Grace, prose.Count(r.Parts, "part", "parts"))
	say("%s to %s; a state that several parts reach counts in each; the largest part has %s", prose.Count(r.Visits, "visit", "visits"), "states", prose.Group(r.Largest))
	switch explore.Verdict(r.Verdict) {
	case explore.Safe:
		say("safe: no schedule breaks it; data races by adjacent accesses alone")
	case explore.Incomplete:
		say("incomplete: nothing found, but %s", r.Why)
	default:
		say("violated in %s: %s", prose.Count(len(r.Found), "part", "parts"), strings.Join(r.Kinds, ", "))
		say("%s", r.Found[0].Sentence)
		fmt.Fprintf(w, "  %s '%s'\n", r.command, r.Found[0].Schedule)
	}
}
