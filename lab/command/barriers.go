package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/barriers"
	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/lab"
	"ptsim/memory"
)

// barriersOptions are the flags of ptsim barriers.
type barriersOptions struct {
	variant, lab   string
	model, release string
	limit          uint64
	tries          int
	only           string
	format         string
}

func newBarriers(std streams) *cobra.Command {
	var o barriersOptions
	cmd := &cobra.Command{
		Use:   "barriers [SCENARIO|FILE]",
		Short: "Ask which barriers the code needs, and which one is missing",
		Long: `Barriers explores a scenario once for each barrier and each order in the code,
without it. Where that is still safe, the order is redundant here. Where it is
not, barriers shows how it breaks: the order is needed. Orders are barriers,
acquire, release, and atomics that are fully ordered. Locks and grace periods are
left as they are.

If the scenario is broken as it is, barriers looks for what mends it: the weakest
barrier or order, or else the smallest set of two. Each answer is a search of all
states. It tries only the places that the shortest wrong schedule passes.

--lab NAME asks about all scenarios of a lab in which the variant is safe: an
order is redundant if it is in each of them.

explore --what-if and step --what-if run the code with the same changes: see the
edits and schedules of --format json.

Exit codes:

  0    the code is safe, and each order has its answer
  1    the code is broken as it is
  2    bad input
  3    a limit ended a search
  130  interrupted`,
		Example: `  ptsim barriers swap/on --variant v5.14
  ptsim barriers swap/on --variant no-rmb
  ptsim barriers shrinker/early --variant v6.7
  ptsim barriers --lab swap --variant v5.14 --states 100000
  ptsim barriers S1 --variant pinned --memory lkmm --format json`,
		Args:              cobra.MaximumNArgs(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd, std, args) },
		ValidArgsFunction: scenarioArgs,
	}
	f := cmd.Flags()
	f.StringVar(&o.variant, "variant", "", "variant of the protocol; pinned/PIN also names the pin (default: the one that explore takes)")
	f.StringVar(&o.lab, "lab", "", "all scenarios of this lab: "+strings.Join(labs.Names(), ", "))
	complete(cmd, "lab", labs.Names())
	memoryFlags(cmd, &o.model, &o.release, memory.LKMM)
	f.Uint64Var(&o.limit, "states", 200_000, "states that one search may meet, about; 0 is no limit")
	f.IntVar(&o.tries, "tries", 2000, "sets of barriers to try where something is to be mended")
	bounded(cmd, "tries", 0, 1_000_000_000)
	f.StringVar(&o.only, "at", "", "only orders in this file, or in files of this folder: swap/percpu.go, percpuref")
	formatFlag(cmd, &o.format, "text", "json")
	return cmd
}

func (o *barriersOptions) run(cmd *cobra.Command, std streams, args []string) error {
	if err := checkFormat(o.format, "text", "json"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	spec, err := memoryOf(cmd, o.model, o.release, "")
	if err != nil {
		return err
	}
	if spec.Model == memory.SC {
		return fmt.Errorf("--memory sc: there nothing needs a barrier; expected %s or %s", memory.LKMM, memory.TSO)
	}
	list, err := o.scenarios(std, args)
	if err != nil {
		return err
	}
	l := list[0].Lab
	v, err := question.VersionOf(l, cmp.Or(o.variant, list[0].Run.Version(), l.First()))
	if err != nil {
		return fmt.Errorf("--variant: %w", err)
	}
	bar := newSearchProgress(std.err)
	defer bar.done()
	f := &barriers.Finder{}
	var safe []safeCase
	ans := barriersJSON{Version: v.String(), Memory: spec.String(), Scenarios: []barriersCase{}, Orders: []orderJSON{}, Mended: []mendedJSON{}}
	for _, s := range list {
		m, err := question.Model(s, v)
		if err != nil {
			return err
		}
		opt := explore.Defaults()
		opt.Model, opt.LKMM, opt.Context, opt.Progress = spec.Model, spec.Release, cmd.Context(), bar.update
		q := barriers.Question{Name: scenario.FullName(s), Model: m, Opt: opt, Limit: o.limit}
		if cmd.Context().Err() != nil {
			ans.Scenarios = append(ans.Scenarios, barriersCase{Scenario: q.Name, Why: textOrNull(interruptedWhy)})
			continue
		}
		c, orders, mended, err := o.asIs(q)
		if err != nil {
			if len(list) == 1 {
				return err
			}
			c = barriersCase{Scenario: q.Name, Why: textOrNull(oneLine(err))}
		}
		ans.Scenarios = append(ans.Scenarios, c)
		switch {
		case mended != nil && len(list) == 1:
			ans.Mended = append(ans.Mended, *mended)
		case c.is(explore.Safe):
			safe = append(safe, safeCase{q, *c.States, orders})
		}
	}
	var lines [][]barriers.Site
	slices.SortStableFunc(safe, func(a, b safeCase) int { return cmp.Compare(a.states, b.states) }) // a small one that breaks is told first, and cheaper
	for _, c := range safe {
		f.Questions, lines = append(f.Questions, c.q), append(lines, c.orders)
	}
	if len(f.Questions) > 0 {
		if err := o.orders(cmd.Context(), f, lines, &ans); err != nil {
			return err
		}
	}
	bar.done()
	ans.stopped = cmd.Context().Err() != nil
	err = buffered(std.out, func(w io.Writer) error {
		if o.format == "json" {
			return writeJSON(w, ans)
		}
		width, _ := columnsOf(std.out)
		return ans.write(w, width)
	})
	if err != nil {
		return err
	}
	return ans.exit()
}

// safeCase is a scenario that is safe as it is: of each order in it, one may ask what it is for.
type safeCase struct {
	q      barriers.Question
	states uint64
	orders []barriers.Site
}

// scenarios are those that are asked about.
func (o *barriersOptions) scenarios(std streams, args []string) ([]*scenario.Scenario, error) {
	switch {
	case o.lab == "" && len(args) == 0:
		return nil, fmt.Errorf("no scenario; expected one, or --lab with one of %s", strings.Join(labs.Names(), ", "))
	case o.lab != "" && len(args) > 0:
		return nil, fmt.Errorf("--lab: it is about all its scenarios; expected no %s", args[0])
	case o.lab == "":
		s, err := readScenario(args[0], std.in)
		if err != nil {
			return nil, err
		}
		return []*scenario.Scenario{s}, nil
	}
	l, err := labs.Get(o.lab)
	if err != nil {
		return nil, fmt.Errorf("--lab: %w", err)
	}
	return loadAll(l)
}

func loadAll(l *lab.Lab) (list []*scenario.Scenario, err error) {
	for _, name := range scenario.NamesOf(l) {
		s, err := scenario.Load(name)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("--lab: %s has no scenarios", l.Name)
	}
	return list, nil
}

// asIs explores a scenario as it is, and looks for what mends it if it is broken.
func (o *barriersOptions) asIs(q barriers.Question) (c barriersCase, lines []barriers.Site, mended *mendedJSON, err error) {
	f := &barriers.Finder{Questions: []barriers.Question{q}}
	r, lines, err := f.AsIs(0)
	if err != nil {
		return c, nil, nil, err
	}
	c = barriersCase{Scenario: q.Name, Verdict: textOrNull(string(r.Verdict)), States: &r.States, Why: textOrNull(r.Why)}
	if r.Verdict != explore.Violated || o.lab != "" {
		return c, lines, nil, nil
	}
	m, err := f.Mend(0, r, o.tries)
	if err != nil {
		return c, nil, nil, err
	}
	mended = &mendedJSON{Interrupted: m.Interrupted, Scenario: q.Name, Broken: broken(q.Name, m.Broken), Sets: [][]barrierJSON{}, Singles: m.Singles, Pairs: m.Pairs, Cut: m.Cut, Unknown: m.Unknown, States: m.States}
	for _, set := range m.Sets {
		var list []barrierJSON
		for _, b := range set {
			list = append(list, barrierJSON{siteJSON{[]string{b.Name()}, b.Func, b.Place.File, b.Place.Line}, b.Next, b.Edit.String(), b.String()})
		}
		mended.Sets = append(mended.Sets, list)
	}
	return c, lines, mended, nil
}

// orders asks about each line that orders in some of the safe scenarios.
func (o *barriersOptions) orders(ctx context.Context, f *barriers.Finder, lines [][]barriers.Site, ans *barriersJSON) error {
	var all []barriers.Site
	at := map[string][]int{}
	for i, list := range lines {
		for _, s := range list {
			key := s.Without().String()
			if at[key] = append(at[key], i); len(at[key]) == 1 {
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b barriers.Site) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	for _, s := range all {
		if o.only != "" && s.File != o.only && !strings.HasPrefix(s.File, strings.TrimSuffix(o.only, "/")+"/") {
			continue
		}
		in := at[s.Without().String()]
		j := orderJSON{siteJSON: siteJSON{s.Names, s.Func, s.File, s.Line}, where: barriers.Where(s.Place)}
		for _, i := range in {
			j.Scenarios = append(j.Scenarios, f.Questions[i].Name)
		}
		if ctx.Err() == nil {
			a, err := f.Without(s, in)
			switch {
			case err != nil:
				return err
			case a.Needed != nil:
				j.answer("needed", a)
				b := broken(f.Questions[a.Needed.Question].Name, a.Needed)
				j.Without = &b
			case ctx.Err() != nil: // the search was interrupted
			case a.Cut:
				j.answer("unknown", a)
			default:
				j.answer("redundant", a)
			}
		}
		ans.Orders = append(ans.Orders, j)
	}
	return nil
}
