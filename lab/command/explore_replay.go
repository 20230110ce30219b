package command

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
)

// fromSchedule makes the question that a schedule is an answer to. Its model is SCENARIO/VERSION; the scenario may have
// been given besides, from a file; a schedule of its own, in that file, is of it whatever the file is called now.
func (q *inquiry) fromSchedule(text string, own bool) error {
	k, err := question.Parse(text, func(name string) (*scenario.Scenario, error) {
		switch {
		case q.Scenario == nil:
			s, err := scenario.Load(name)
			if err != nil {
				return nil, fmt.Errorf("%w; the schedule of a scenario in a file wants the file", err)
			}
			return s, nil
		case own:
			return loadAs(q.Scenario)(name)
		}
		return q.Scenario, nil
	})
	if err != nil {
		return err
	}
	if own { // the file's name is the one that counts
		k.Scenario = q.Scenario
	}
	q.Question, q.schedule, q.opt.Lax = k.Question, k.Schedule, k.Schedule.Lax
	if err := q.build(); err != nil {
		return err
	}
	k.Schedule.Model = q.model.Name
	return nil
}

// fromFile takes from a scenario's file what it says about how to explore it. Flags that say otherwise ask another
// question, of which the file expects nothing.
func (q *inquiry) fromFile(cmd *cobra.Command, run *scenario.Run, afresh bool) error {
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
		if q.Scenario.Lab == labs.Default() && q.variant != string(pgalloc.Pinned) && !cmd.Flags().Changed("variant") {
			return fmt.Errorf("pin %s goes with variant pinned; %s has no pin", run.Pin, q.variant)
		}
	}
	return nil
}

// agrees wants the words of a file to say the same as its schedule.
func (q *inquiry) agrees(run *scenario.Run) error {
	for _, w := range []struct{ name, have, want string }{
		{"variant", run.Variant, q.Version.Variant()},
		{"pin", run.Pin, q.Version.Pin()},
		{"softirqs", run.Softirqs, q.Setting.SoftirqsText()},
		{"grace", run.Grace, q.Setting.Grace.String()},
		{"memory", run.Memory, q.Setting.Memory.String()},
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
func (q *inquiry) write(a *answer) error {
	if a.Verdict == explore.Incomplete {
		return nil
	}
	s := *q.Scenario
	s.Run = scenario.Run{
		Variant: q.Version.Variant(), Pin: q.Version.Pin(), Softirqs: q.Setting.SoftirqsText(),
		Grace: q.Setting.Grace.String(), Expect: a.verdictText(),
	}
	s.Run.Memory = memoryWord(q.Setting.Memory)
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
