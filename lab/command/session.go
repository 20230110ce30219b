package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/translate"
	"ptsim/memory"
	"ptsim/pgalloc"
)

// sessionFlags say what is to be stepped through.
type sessionFlags struct {
	variant, pin    string
	softirqs, grace string
	memory, release string
	whatIf          []string
	replay          string

	script *translate.Result // what was opened, if it is a script whose schedule lies behind the session
}

// firstScenario is what is stepped through if nothing is said.
const firstScenario = "S1"

// sessionWords are the flags that a schedule or a file says itself.
var sessionWords = []string{"variant", "pin", "softirqs", "grace", "memory", "lkmm", "what-if"}

// errScheduleSays refuses to be told what a schedule is of.
var errScheduleSays = errors.New("--replay: a schedule names its own scenario, variant and setting; expected no --" + strings.Join(sessionWords, ", --"))

func (o *sessionFlags) flags(cmd *cobra.Command) {
	variantFlags(cmd, &o.variant, &o.pin, string(pgalloc.RFC), "")
	f := cmd.Flags()
	f.StringVar(&o.softirqs, "softirqs", "2", "CPUs that run callbacks; or cpu: a callback runs on the CPU that queued it, between any two steps")
	f.StringVar(&o.grace, "grace", "precise", "what a grace period waits for: precise (every reader), or any (rcu_read_lock alone)")
	memoryFlags(cmd, &o.memory, &o.release, memory.SC)
	whatIfFlag(cmd, &o.whatIf)
	f.StringVar(&o.replay, "replay", "", "begin with this schedule, at its end or at #STEP; it names its scenario and variant")
	complete(cmd, "softirqs", []string{"1", "2", "cpu"})
	complete(cmd, "grace", []string{"precise", "any"})
	cmd.ValidArgsFunction = scenarioArgs
}

// scenarioArgs completes scenarios, and files. It is not ValidArgs: with those a shell is told to offer no files.
func scenarioArgs(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := slices.DeleteFunc(scenario.AllNames(), func(name string) bool { return !strings.HasPrefix(name, begun) })
	return names, cobra.ShellCompDirectiveDefault
}

// open makes the session that the flags and the scenario or the script, if one is given, ask for. A schedule that has gone stale is an
// error that says from where on.
func (o *sessionFlags) open(cmd *cobra.Command, std streams, args []string) (*stepper.Session, error) {
	said := slices.ContainsFunc(sessionWords, cmd.Flags().Changed)
	var s *scenario.Scenario
	var err error
	if len(args) > 0 {
		text, isScript, err := takeScript(args[0], &std)
		if err != nil {
			return nil, err
		}
		if isScript {
			return o.openScript(cmd, args[0], text)
		}
		if s, err = readScenario(args[0], std.in); err != nil {
			return nil, err
		}
	}
	if o.replay != "" {
		if said {
			return nil, errScheduleSays
		}
		opened, err := stepper.Open(o.replay, loadOr(s))
		if err != nil {
			return nil, closing(opened, fmt.Errorf("--replay: %w", err))
		}
		return opened, nil
	}
	if s == nil {
		if s, err = scenario.Load(firstScenario); err != nil {
			return nil, err
		}
	}
	if s.Run.Schedule != "" && !said {
		opened, err := stepper.Open(s.Run.Schedule, loadAs(s))
		if err != nil {
			return nil, closing(opened, fmt.Errorf("%s: schedule: %w", s.File, err))
		}
		return opened, nil
	}
	v, set, err := o.setting(cmd, s)
	if err != nil {
		return nil, err
	}
	return stepper.New(stepper.Question{Scenario: s, Version: v, Setting: set})
}

// setting is the version and its surroundings: what the flags say, or else the file.
func (o *sessionFlags) setting(cmd *cobra.Command, s *scenario.Scenario) (question.Version, question.Setting, error) {
	var set question.Setting
	run := &s.Run
	for _, w := range []struct {
		flag, word string
		to         *string
	}{{"variant", run.Variant, &o.variant}, {"pin", run.Pin, &o.pin}, {"softirqs", run.Softirqs, &o.softirqs}, {"grace", run.Grace, &o.grace}} {
		if w.word != "" && !cmd.Flags().Changed(w.flag) {
			*w.to = w.word
		}
	}
	v, err := versionOf(cmd, s, o.variant, o.pin, s.Run.Variant != "")
	if err != nil {
		return v, set, err
	}
	if set.Softirqs, err = explore.ParseSoftirqs(o.softirqs); err != nil {
		return v, set, fmt.Errorf("--softirqs: %w", err)
	}
	if set.Grace, err = explore.ParseGrace(o.grace); err != nil {
		return v, set, fmt.Errorf("--grace: %w", err)
	}
	if set.Memory, err = memoryOf(cmd, o.memory, o.release, run.Memory); err != nil {
		return v, set, err
	}
	set.Edits, err = editsOf(o.whatIf)
	return v, set, err
}

// loadOr finds a scenario by name: the one given, if there is one.
func loadOr(s *scenario.Scenario) func(string) (*scenario.Scenario, error) {
	if s == nil {
		return scenario.Load
	}
	return func(string) (*scenario.Scenario, error) { return s, nil }
}

// loadAs finds the scenario that a schedule in its own file is of, whatever the file is called now.
func loadAs(s *scenario.Scenario) func(string) (*scenario.Scenario, error) {
	return func(name string) (*scenario.Scenario, error) {
		renamed := *s
		renamed.Name = name[strings.LastIndexByte(name, '/')+1:]
		return &renamed, nil
	}
}

// closing closes a session that is of no use, and returns the error.
func closing(s *stepper.Session, err error) error {
	if s != nil {
		s.Close()
	}
	return err
}
