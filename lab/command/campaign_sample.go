package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/campaign"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
)

// sampleOptions are the flags of ptsim campaign plan sample.
type sampleOptions struct {
	variant, pin    string
	softirqs, grace string
	races           string
	mode            string
	seeds           string
	runs, changes   int
	perJob          int
}

func newPlanSample(std streams) *cobra.Command {
	var o sampleOptions
	cmd := &cobra.Command{
		Use:   "sample SCENARIO|FILE",
		Short: "Plan random schedules: a job for some seeds",
		Long: `Sample plans random schedules of a scenario, for scenarios that are too large to be
searched whole, and to see how likely a violation is. For each seed it draws up to
--runs schedules, as "ptsim explore --mode random" or pct does, until one breaks a
rule. A job is some seeds.`,
		Example: `  ptsim campaign plan sample S2 --seeds 1-1000 --runs 10000 > plan.jsonl
  ptsim campaign plan sample S3r4 --variant pinned --mode pct --seeds 1-1000000`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.plan(cmd, std, args) },
	}
	f := cmd.Flags()
	variantFlags(cmd, &o.variant, &o.pin, string(pgalloc.RFC), "")
	f.StringVar(&o.softirqs, "softirqs", "2", "CPUs that run callbacks; or cpu: a callback runs on the CPU that queued it")
	f.StringVar(&o.grace, "grace", "precise", "what a grace period waits for: precise (every reader), or any (rcu_read_lock alone)")
	racesFlag(cmd, &o.races, explore.RacesAuto)
	f.StringVar(&o.mode, "mode", "random", "how to draw: random, pct")
	f.StringVar(&o.seeds, "seeds", "1-100", "which seeds: FROM-TO")
	f.IntVar(&o.runs, "runs", 10_000, "schedules for each seed, unless one breaks a rule before")
	f.IntVar(&o.changes, "changes", 3, "changes of priority in mode pct")
	f.IntVar(&o.perJob, "per-job", 0, "seeds in a job (default: so many that it takes about ten seconds)")
	bounded(cmd, "runs", 1, 1_000_000_000)
	bounded(cmd, "changes", 0, 1000)
	bounded(cmd, "per-job", 1, 1_000_000_000)
	complete(cmd, "softirqs", []string{"1", "2", "cpu"})
	complete(cmd, "grace", []string{"precise", "any"})
	complete(cmd, "mode", []string{"random", "pct"})
	cmd.ValidArgsFunction = scenarioArgs
	return cmd
}

// sampleCommon is what all seeds have in common.
type sampleCommon struct {
	Scenario ownScenario `json:"scenario"`
	Variant  string      `json:"variant"`
	Softirqs string      `json:"softirqs"`
	Grace    string      `json:"grace"`
	Races    string      `json:"races"`
	PCT      bool        `json:"pct"`
	Changes  int         `json:"changes"`
	Runs     int         `json:"runs"`
}

// seedsAsked are the seeds of a job.
type seedsAsked struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// seedFound is what came of a seed.
type seedFound struct {
	Seed        uint64 `json:"seed"`
	Runs        int    `json:"runs"` // schedules, with the one that broke a rule
	Transitions uint64 `json:"transitions"`
	Kind        string `json:"kind,omitempty"` // "": none broke a rule
	Schedule    string `json:"schedule,omitempty"`
}

func parseSeeds(text string) (from, to uint64, err error) {
	a, b, ok := strings.Cut(text, "-")
	from, err1 := strconv.ParseUint(a, 10, 63)
	to, err2 := strconv.ParseUint(b, 10, 63)
	if !ok || err1 != nil || err2 != nil || to < from || to-from >= 1<<40 {
		return 0, 0, fmt.Errorf("%s; expected FROM-TO, such as 1-1000", quote.Short(text))
	}
	return from, to, nil
}

// secondsARun is about what a random schedule takes.
const secondsARun = 20e-6

func (o *sampleOptions) plan(cmd *cobra.Command, std streams, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("campaign plan sample: no scenario; expected a name, or a file")
	}
	s, err := readScenario(args[0], std.in)
	if err != nil {
		return err
	}
	version, err := versionOf(cmd, s, o.variant, o.pin, s.Run.Variant != "")
	if err != nil {
		return err
	}
	c := sampleCommon{ownScenario{s.Name, s.File, s.Source}, version.String(), o.softirqs, o.grace, o.races, o.mode == "pct", o.changes, o.runs}
	from, to, err := parseSeeds(o.seeds)
	switch {
	case err != nil:
		return fmt.Errorf("--seeds: %w", err)
	case o.mode != "random" && o.mode != "pct":
		return fmt.Errorf("--mode: %s; expected random or pct", quote.Short(o.mode))
	}
	if _, _, err := c.parse(); err != nil {
		return err
	}
	n := uint64(o.perJob)
	if n == 0 {
		n = uint64(max(1, 10/(secondsARun*float64(o.runs))))
	}
	var jobs []campaign.Job
	for a := from; a <= to; a += n {
		b := min(a+n-1, to)
		ask, err := json.Marshal(seedsAsked{a, b})
		if err != nil {
			return err
		}
		jobs = append(jobs, campaign.Job{Name: fmt.Sprintf("seeds.%d-%d", a, b), Seconds: secondsARun * float64(o.runs) * float64(b-a+1), Bytes: 64 << 20, Ask: ask})
	}
	return printPlan(std, "sample", c, jobs)
}

// parse returns the model that the schedules are of, and how it is explored.
func (c *sampleCommon) parse() (*explore.Model, explore.Options, error) {
	opt := explore.Defaults()
	s, err := c.Scenario.parse()
	if err != nil {
		return nil, opt, err
	}
	v, err := question.VersionOf(s.Lab, c.Variant)
	if err != nil {
		return nil, opt, err
	}
	if opt.Softirqs, err = explore.ParseSoftirqs(c.Softirqs); err != nil {
		return nil, opt, fmt.Errorf("--softirqs: %w", err)
	}
	if opt.Grace, err = explore.ParseGrace(c.Grace); err != nil {
		return nil, opt, fmt.Errorf("--grace: %w", err)
	}
	if opt.Races, err = explore.ParseRaces(c.Races); err != nil {
		return nil, opt, fmt.Errorf("--races: %w", err)
	}
	m, err := question.Model(s, v)
	return m, opt, err
}

// doSeeds draws schedules.
func doSeeds(ctx context.Context, t campaign.Task) (answer, cost any, err error) {
	common, ask, err := asked[sampleCommon, seedsAsked](t)
	if err != nil {
		return nil, nil, err
	}
	m, opt, err := common.parse()
	if err != nil {
		return nil, nil, err
	}
	opt.Context = ctx
	list := []seedFound{}
	for seed := ask.From; seed <= ask.To && ctx.Err() == nil; seed++ {
		r, err := explore.Random(m, opt, explore.Sampling{Runs: common.Runs, Seed: seed, PCT: common.PCT, Changes: common.Changes})
		if err != nil {
			return nil, nil, err
		}
		f := seedFound{Seed: seed, Runs: r.Finals, Transitions: r.Transitions}
		if r.Verdict == explore.Violated {
			f.Runs++
			f.Kind, f.Schedule = r.Violation.Kind.String(), r.Schedule.Text()
		}
		list = append(list, f)
	}
	return list, nil, nil
}

// sampleKind is what seeds came to a kind of violation.
type sampleKind struct {
	Kind     string `json:"kind"`
	Seeds    int    `json:"seeds"`
	Least    int    `json:"least_runs"` // schedules until it was found
	Median   int    `json:"median_runs"`
	Most     int    `json:"most_runs"`
	Seed     uint64 `json:"seed"`     // the first that found it
	Schedule string `json:"schedule"` // of that

	after []int
}

// sampleReport is a campaign of seeds as JSON has it.
type sampleReport struct {
	Scenario    string       `json:"scenario"`
	Variant     string       `json:"variant"`
	Softirqs    string       `json:"softirqs"`
	Grace       string       `json:"grace"`
	Drawn       string       `json:"drawn"` // random or pct
	RunsASeed   int          `json:"runs_per_seed"`
	Seeds       int          `json:"seeds"`
	Schedules   int          `json:"schedules"`
	Transitions uint64       `json:"transitions"`
	Clean       int          `json:"seeds_without_violation"`
	Kinds       []sampleKind `json:"kinds"`

	command string // that runs a schedule again
}

// mergeSample prints how many seeds found what.
func mergeSample(w io.Writer, width int, m *campaign.Merged, format string) error {
	var c sampleCommon
	if err := json.Unmarshal(m.Plan.Common, &c); err != nil {
		return err
	}
	rep := sampleReport{Scenario: c.Scenario.Name, Variant: c.Variant, Softirqs: c.Softirqs, Grace: c.Grace, Drawn: "random", RunsASeed: c.Runs, Kinds: []sampleKind{}}
	if c.PCT {
		rep.Drawn = "pct"
	}
	if rep.command = "ptsim explore --minimize --replay"; !slices.Contains(scenario.Names(), c.Scenario.Name) {
		rep.command = "ptsim explore " + c.Scenario.File + " --minimize --replay"
	}
	kinds := map[string]*sampleKind{}
	for _, r := range m.Results {
		if r == nil || r.Died != "" {
			continue
		}
		var list []seedFound
		if err := json.Unmarshal(r.Answer, &list); err != nil {
			return fmt.Errorf("job %s: %w", r.Job, err)
		}
		for _, f := range list {
			rep.Seeds++
			rep.Schedules += f.Runs
			rep.Transitions += f.Transitions
			if f.Kind == "" {
				rep.Clean++
				continue
			}
			k := kinds[f.Kind]
			if k == nil {
				k = &sampleKind{Kind: f.Kind, Seed: f.Seed, Schedule: f.Schedule}
				kinds[f.Kind] = k
			}
			k.after = append(k.after, f.Runs)
		}
	}
	for _, k := range kinds {
		slices.Sort(k.after)
		k.Seeds, k.Least, k.Median, k.Most = len(k.after), k.after[0], k.after[len(k.after)/2], k.after[len(k.after)-1]
		rep.Kinds = append(rep.Kinds, *k)
	}
	slices.SortFunc(rep.Kinds, func(a, b sampleKind) int {
		return cmp.Or(cmp.Compare(b.Seeds, a.Seeds), strings.Compare(a.Kind, b.Kind))
	})
	if format == "json" {
		return writeJSON(w, rep)
	}
	return rep.text(w, width)
}

func (r *sampleReport) text(w io.Writer, width int) error {
	say := func(indent, format string, args ...any) {
		fmt.Fprint(w, prose.Hang(indent, indent+"  ", fmt.Sprintf(format, args...), width))
	}
	say("", "%s on %s, softirqs %s, grace %s: %s, %s, drawn by %s", r.Scenario, r.Variant, r.Softirqs, r.Grace,
		prose.Count(r.Seeds, "seed", "seeds"), prose.Count(r.Schedules, "schedule", "schedules"), r.Drawn)
	for _, k := range r.Kinds {
		say("", "%s: %s, 1 in %s schedules; found after %s to %s, the median %s", k.Kind, prose.Count(k.Seeds, "seed", "seeds"),
			prose.Group((r.Schedules+k.Seeds/2)/k.Seeds), prose.Group(k.Least), prose.Group(k.Most), prose.Group(k.Median))
		fmt.Fprintf(w, "  seed %d: %s '%s'\n", k.Seed, r.command, k.Schedule)
	}
	say("", "no violation: %s", prose.Count(r.Clean, "seed", "seeds"))
	return nil
}
