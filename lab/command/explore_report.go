package command

import (
	"context"
	"fmt"
	"io"
	"strings"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/coverage"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
)

// listScenarios prints what there is to explore.
func listScenarios(w io.Writer, format string, columns int) error {
	type entry struct {
		Name  string   `json:"name"`
		Title string   `json:"title"`
		About []string `json:"about"`
	}
	var list []entry
	width := 0
	for _, name := range scenario.AllNames() {
		s, err := scenario.Load(name)
		if err != nil {
			return err
		}
		list = append(list, entry{name, s.Title, s.About})
		width = max(width, len(name))
	}
	if format == "json" {
		return writeJSON(w, list)
	}
	for _, e := range list {
		fmt.Fprint(w, prose.Hang(fmt.Sprintf("%-*s ", width, e.Name), strings.Repeat(" ", width+1), e.Title, columns))
	}
	return nil
}

// report prints the answer, keeps it if that is wanted, and returns the error that stands for its exit code.
func (q *inquiry) report(std streams, a *answer) error {
	err := buffered(std.out, func(w io.Writer) error {
		if q.format == "json" {
			return writeJSON(w, q.json(a))
		}
		return q.text(w, std.out, a)
	})
	if err == nil && q.save != nil {
		err = q.write(a)
	}
	if err != nil {
		return err
	}
	switch {
	case q.opt.Context.Err() != nil:
		return context.Canceled
	case q.expect != "":
		if a.verdictText() == q.expect {
			return nil
		}
		return errFinding
	case a.Verdict == explore.Violated:
		return errFinding
	case a.Verdict == explore.Incomplete:
		return errIncomplete
	}
	return nil
}

// answerJSON is an answer as JSON has it: null where there is nothing.
type answerJSON struct {
	Lab         string  `json:"lab"`
	Scenario    string  `json:"scenario"`
	Variant     string  `json:"variant"`
	Pin         *string `json:"pin"`
	Softirqs    any     `json:"softirqs"`
	Grace       string  `json:"grace"`
	Memory      string  `json:"memory"`
	Mode        string  `json:"mode"`
	Threads     int     `json:"threads"`
	Lax         bool    `json:"lax,omitempty"` // --lax
	Verdict     string  `json:"verdict"`
	Why         *string `json:"why"`
	Kind        *string `json:"kind"`
	Sentence    *string `json:"sentence"`
	States      uint64  `json:"states"`
	Transitions uint64  `json:"transitions"`
	RaceMoves   uint64  `json:"race_transitions"`
	Depth       int     `json:"depth"`
	Steps       *int    `json:"steps"`
	Switches    *int    `json:"switches"`
	Shortest    *bool   `json:"shortest"`
	Seconds     float64 `json:"seconds"`
	Bytes       uint64  `json:"memory_bytes"`
	Schedule    *string `json:"schedule"`
	Expect      *string `json:"expect"`
	AsExpected  *bool   `json:"as_expected"`

	Progress *verdicts.Stand    `json:"progress"` // of what was cut short: where it stood
	Covers   *coverage.Coverage `json:"covers"`   // of what is safe
}

func (q *inquiry) json(a *answer) answerJSON {
	orNull := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	j := answerJSON{
		Lab: q.Scenario.Lab.Name, Scenario: q.Scenario.Name, Variant: q.Version.Variant(), Pin: orNull(q.Version.Pin()),
		Softirqs: q.Setting.SoftirqsJSON(), Grace: q.Setting.Grace.String(), Memory: q.Setting.Memory.String(), Mode: q.modeText(a), Threads: q.searchThreads(a), Lax: q.opt.Lax,
		Verdict: string(a.Verdict), Why: orNull(a.Why), States: a.States, Transitions: a.Transitions, RaceMoves: a.RaceMoves, Depth: a.Depth,
		Seconds: a.Elapsed.Seconds(), Bytes: a.Bytes, Expect: orNull(q.expect),
		Covers: coverage.Of(q.Scenario, &a.Result), Progress: verdicts.StandOf(a.Last),
	}
	if c := a.found; c != nil {
		j.Kind, j.Sentence, j.Schedule = orNull(c.Violation.Kind.String()), orNull(c.Violation.Sentence()), orNull(c.Text)
		j.Steps, j.Switches, j.Shortest = &c.Count, &c.Switches, &a.shortest
	}
	if q.expect != "" {
		as := a.verdictText() == q.expect
		j.AsExpected = &as
	}
	return j
}

func (q *inquiry) modeText(a *answer) string {
	if a.replayed {
		return "replay"
	}
	return q.mode
}

// searchThreads is how many threads searched: only the exhaustive search can use more than one.
func (q *inquiry) searchThreads(a *answer) int {
	if q.modeText(a) == "exhaustive" {
		return q.opt.Threads
	}
	return 1
}

// text prints an answer for people. term is the stream that w ends up on.
func (q *inquiry) text(w io.Writer, term any, a *answer) error {
	width, _ := columnsOf(term)
	say := func(format string, args ...any) {
		fmt.Fprint(w, prose.Hang("", "  ", fmt.Sprintf(format, args...), width))
	}
	say("%s on %s, %s", scenario.FullName(q.Scenario), q.Version, q.surroundings())
	say("%s", q.figures(a))
	switch a.Verdict {
	case explore.Safe:
		if a.others {
			say("safe: no schedule comes to %s, but some come to other violations", q.kind)
		} else {
			fmt.Fprintln(w, "safe: no schedule breaks it")
		}
		q.writeCoverage(w, a, width)
	case explore.Incomplete:
		say("incomplete: nothing found, but %s", a.Why)
		if text := stood(a.Last); text != "" {
			say("where it stood: %s", text)
		}
	default:
		say("violated by %s: %s", q.how(a), a.found.Length())
		fmt.Fprintln(w)
		if err := a.found.Write(w, counterexample.Options{Width: width, All: *q.verbose > 0, Command: q.command()}); err != nil {
			return err
		}
	}
	if q.expect != "" {
		if have := a.verdictText(); have == q.expect {
			say("as expected: %s", have)
		} else {
			say("NOT as expected: %s should be %s, and is %s", q.Scenario.File, q.expect, have)
		}
	}
	if q.save != nil && a.Verdict == explore.Incomplete {
		say("nothing saved in %s: the search is incomplete", q.exploreOptions.save)
	}
	return nil
}

// surroundings says what is around the scenario.
func (q *inquiry) surroundings() string {
	if q.opt.Lax {
		return q.Setting.Words() + ", broken rules of the context let happen"
	}
	return q.Setting.Words()
}

// figures says what the work was.
func (q *inquiry) figures(a *answer) string {
	if a.replayed && a.States == 0 {
		return "one schedule, run again"
	}
	text := fmt.Sprintf("%s, %s, depth %d", prose.Count(a.States, "state", "states"), prose.Count(a.Transitions, "transition", "transitions"), a.Depth)
	if n := q.searchThreads(a); n > 1 {
		text += fmt.Sprintf(", %d threads", n)
	}
	return text + fmt.Sprintf(", %.3f s, %s", a.Elapsed.Seconds(), size(a.Bytes))
}

// how says what kind of schedule is shown.
func (q *inquiry) how(a *answer) string {
	switch {
	case a.shortest:
		return "the shortest schedule"
	case q.first:
		return "the first schedule found"
	case a.replayed && !q.minimize:
		return "the schedule"
	}
	return "a schedule made short by trial"
}

// command is what runs a schedule of this question again.
func (q *inquiry) command() string {
	words := []string{"ptsim", "explore"}
	if !scenario.Known(scenario.FullName(q.Scenario)) || !strings.HasPrefix(q.Scenario.File, "testdata/") {
		words = append(words, q.Scenario.File)
	}
	return strings.Join(append(words, "--replay"), " ")
}
