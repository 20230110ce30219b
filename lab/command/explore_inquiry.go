package command

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/kern"
	weakmem "ptsim/memory"
)

// searchFlags are what a schedule says itself, or what says how to look for one.
var searchFlags = []string{"variant", "pin", "softirqs", "grace", "mode", "threads", "first", "kind", "bound", "runs", "seed", "changes", "plain", "races", "lax", "memory", "lkmm", "without", "what-if"}

// inquiry is what is to be explored, and how.
type inquiry struct {
	*exploreOptions
	question.Question
	model    *explore.Model
	opt      explore.Options
	only     kern.Kind         // of violation
	schedule *explore.Schedule // to run again
	expect   string
	save     *outFile
}

// inquire reads the flags and the scenario.
func (o *exploreOptions) inquire(cmd *cobra.Command, std streams, args []string) (*inquiry, error) {
	q := &inquiry{exploreOptions: o}
	if err := q.checkFlags(cmd); err != nil {
		return nil, err
	}
	var err error
	if len(args) == 1 {
		if q.Scenario, err = readScenario(args[0], std.in); err != nil {
			return nil, err
		}
	}
	afresh := slices.ContainsFunc(searchFlags, cmd.Flags().Changed)
	if s := q.Scenario; s != nil && o.replay == "" {
		if err := q.fromFile(cmd, &s.Run, afresh); err != nil {
			return nil, fmt.Errorf("%s: %w", s.File, err)
		}
	}
	if o.replay != "" {
		if afresh {
			return nil, errors.New("--replay: a schedule names its own scenario, variant and setting; expected no flags of a search")
		}
		if err := q.fromSchedule(o.replay, false); err != nil {
			return nil, fmt.Errorf("--replay: %w", err)
		}
	}
	if q.model == nil {
		if err := q.fromFlags(cmd); err != nil {
			return nil, err
		}
	}
	if o.minimize && q.schedule == nil {
		return nil, errors.New("--minimize goes with --replay, or with a file that holds a schedule; a search makes what it finds as short as it can")
	}
	return q, nil
}

func (q *inquiry) checkFlags(cmd *cobra.Command) error {
	q.opt = explore.Defaults()
	q.opt.Plain, q.opt.Lax, q.opt.Context = q.plain, q.lax, cmd.Context()
	q.opt.Threads = q.threads
	if q.threads == 0 {
		q.opt.Threads = runtime.GOMAXPROCS(0)
	}
	var err error
	switch {
	case q.lax && q.exploreOptions.save != "":
		err = errors.New("--lax: a file has no word for it; expected no --save")
	case !slices.Contains(modes, q.mode):
		err = fmt.Errorf("--mode: unknown mode %s; %s", quote.Short(q.mode), quote.Expected(q.mode, modes))
	}
	if err != nil {
		return err
	}
	if q.opt.Races, err = explore.ParseRaces(q.races); err != nil {
		return fmt.Errorf("--races: %w", err)
	}
	if q.opt.Memory, err = parseSize(q.memory); err != nil {
		return fmt.Errorf("--memory-limit: %w", err)
	}
	if q.only, err = parseKind(q.kind); err != nil {
		return fmt.Errorf("--kind: %w", err)
	}
	if q.only != kern.NoViolation && (q.first || q.mode != "exhaustive" && q.mode != "shortest") {
		return errors.New("--kind goes with modes exhaustive and shortest, and not with --first")
	}
	return nil
}

// weak refuses what does not go with a weak memory model.
func (q *inquiry) weak() error {
	m := q.Setting.Memory.Model
	switch {
	case q.Setting.Edits != "" && (q.checkpoint != "" || q.exploreOptions.save != ""):
		return errors.New("--what-if: what a file keeps has no word for it; expected neither --checkpoint nor --save")
	case m == weakmem.SC || q.schedule != nil:
		return nil
	case q.checkpoint != "":
		return fmt.Errorf("--memory %s: a checkpoint does not keep it; expected no --checkpoint", m)
	case q.mode != "exhaustive" && q.mode != "shortest":
		return fmt.Errorf("--memory %s: expected mode exhaustive or shortest, not %s", m, q.mode)
	}
	return nil
}

// fromFlags makes the question that the flags ask.
func (q *inquiry) fromFlags(cmd *cobra.Command) error {
	var err error
	if q.Version, err = versionOf(cmd, q.Scenario, q.variant, q.pin, q.Scenario.Run.Variant != ""); err != nil {
		return err
	}
	if q.Setting.Softirqs, err = explore.ParseSoftirqs(q.softirqs); err != nil {
		return fmt.Errorf("--softirqs: %w", err)
	}
	if q.Setting.Grace, err = explore.ParseGrace(q.grace); err != nil {
		return fmt.Errorf("--grace: %w", err)
	}
	if q.Setting.Memory, err = memoryOf(cmd, q.exploreOptions.model, q.release, q.Scenario.Run.Memory); err != nil {
		return err
	}
	if q.Setting.Edits, err = editsOf(q.whatIf); err != nil {
		return err
	}
	if err := q.weak(); err != nil {
		return err
	}
	return q.build()
}

// build makes the model.
func (q *inquiry) build() (err error) {
	q.opt.Softirqs, q.opt.Grace = q.Setting.Softirqs, q.Setting.Grace
	q.opt.Model, q.opt.LKMM = q.Setting.Memory.Model, q.Setting.Memory.Release
	q.opt.Edits = q.Setting.Options().Edits
	q.model, err = question.Model(q.Scenario, q.Version)
	return err
}

// racesFlag adds --races.
func racesFlag(cmd *cobra.Command, races *string, unless explore.Races) {
	names := []string{explore.RacesAuto.String(), explore.HappensBefore.String(), explore.Adjacent.String()}
	cmd.Flags().StringVar(races, "races", unless.String(), "how to judge data races: "+strings.Join(names, ", "))
	complete(cmd, "races", names)
}

func kindNames() []string { return kern.KindNames() }

func parseKind(name string) (kern.Kind, error) {
	if name == "" {
		return kern.NoViolation, nil
	}
	i := slices.Index(kindNames(), name)
	if i < 0 {
		return 0, fmt.Errorf("unknown kind %s; %s", quote.Short(name), quote.Expected(name, kindNames()))
	}
	return kern.Kinds()[i], nil
}
