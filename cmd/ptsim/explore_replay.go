package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
	"ptsim/pgalloc"
)

// fromSchedule makes the question that a schedule is an answer to. Its model is SCENARIO/VERSION; the scenario may have
// been given besides, from a file; a schedule of its own, in that file, is of it whatever the file is called now.
func (q *question) fromSchedule(text string, own bool) error {
	sched, err := explore.ParseSchedule(text, func(model string) (tasks, workers int, err error) {
		name, version, _ := strings.Cut(model, "/")
		if q.version, err = verdicts.ParseVersion(version); err != nil {
			return 0, 0, fmt.Errorf("model %s; expected SCENARIO/VERSION: %w", quote.Short(model), err)
		}
		if q.scenario == nil {
			if q.scenario, err = scenario.Load(name); err != nil {
				return 0, 0, fmt.Errorf("%w; the schedule of a scenario in a file wants the file", err)
			}
		}
		if q.scenario.Name != name && !own {
			return 0, 0, fmt.Errorf("a schedule of %s; expected one of %s", name, q.scenario.Name)
		}
		return len(q.scenario.Tasks), explore.Defaults().Workers, nil
	})
	if err != nil {
		return err
	}
	if q.version.Variant == pgalloc.Pinned && q.version.Pin == "" {
		q.version.Pin = pgalloc.PinHalf
	}
	q.schedule, q.opt.Lax = sched, sched.Lax
	q.setting = verdicts.Setting{Softirqs: sched.Softirqs, Grace: sched.Grace}
	if err := q.build(); err != nil {
		return err
	}
	sched.Model = q.model.Name
	return nil
}

// fromFile takes from a scenario's file what it says about how to explore it. Flags that say otherwise ask another
// question, of which the file expects nothing.
func (q *question) fromFile(cmd *cobra.Command, run *scenario.Run, afresh bool) error {
	if !afresh {
		q.expect = run.Expect
		if run.Schedule != "" {
			if err := q.fromSchedule(run.Schedule, true); err != nil {
				return fmt.Errorf("schedule: %w", err)
			}
			return q.agrees(run)
		}
	}
	for _, w := range []struct {
		flag, word string
		to         *string
	}{{"variant", run.Variant, &q.variant}, {"softirqs", run.Softirqs, &q.softirqs}, {"grace", run.Grace, &q.grace}} {
		if w.word != "" && !cmd.Flags().Changed(w.flag) {
			*w.to = w.word
		}
	}
	if run.Pin != "" && !cmd.Flags().Changed("pin") {
		q.pin = run.Pin
		if q.variant != string(pgalloc.Pinned) && !cmd.Flags().Changed("variant") {
			return fmt.Errorf("pin %s goes with variant pinned; %s has no pin", run.Pin, q.variant)
		}
	}
	return nil
}

// agrees wants the words of a file to say the same as its schedule.
func (q *question) agrees(run *scenario.Run) error {
	for _, w := range []struct{ name, have, want string }{
		{"variant", run.Variant, string(q.version.Variant)},
		{"pin", run.Pin, string(q.version.Pin)},
		{"softirqs", run.Softirqs, q.setting.SoftirqsText()},
		{"grace", run.Grace, q.setting.Grace.String()},
	} {
		if w.have != "" && w.have != w.want {
			return fmt.Errorf("%s %s; expected %s, as in the schedule", w.name, w.have, cmp.Or(w.want, "none"))
		}
	}
	return nil
}

// verdictText is what a file says to expect such an answer.
func (a *answer) verdictText() string {
	if a.Violation != nil {
		return string(a.Verdict) + " " + a.Violation.Kind.String()
	}
	return string(a.Verdict)
}

// write writes the file of --save. An incomplete search has nothing to keep.
func (q *question) write(a *answer) error {
	if a.Verdict == explore.Incomplete {
		return nil
	}
	s := *q.scenario
	s.Run = scenario.Run{
		Variant: string(q.version.Variant), Pin: string(q.version.Pin), Softirqs: q.setting.SoftirqsText(),
		Grace: q.setting.Grace.String(), Expect: a.verdictText(),
	}
	if a.found != nil {
		s.Run.Schedule = a.found.Text
	}
	text := scenario.Format(&s)
	back, err := scenario.Parse(q.exploreOptions.save, text)
	if err == nil && back.Run != s.Run {
		err = errors.New("a # in the name of the scenario")
	}
	if err != nil {
		return fmt.Errorf("--save: the schedule cannot be kept in a file: %w", err)
	}
	if _, err := q.save.WriteString(text); err != nil {
		return cannotWrite(q.exploreOptions.save, err)
	}
	return q.save.commit()
}
