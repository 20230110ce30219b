package command

import (
	"fmt"
	"io"
	"strings"

	"ptsim/internal/levels"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/memory"
)

func headline(l *levels.Level) string {
	return fmt.Sprintf("level %d, %s: %s", number(l), l.Name, l.Title)
}

// introduced is how wide that is.
const introduced = 100

// introduce shows a level as it begins.
func introduce(w io.Writer, l *levels.Level, v *stepper.View) {
	fmt.Fprintf(w, "%s\n%s\n\n%s\n\n", headline(l), surroundings(l), l.Story)
	for _, a := range l.Answers {
		fmt.Fprint(w, prose.Hang(fmt.Sprintf("  --repair %-8s ", a.Way), strings.Repeat(" ", 20), prose.Capital(a.Words)+". "+a.About, introduced))
	}
	if l.Answers != nil {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "goal: %s. The moves at first:\n", l.Goal.Text)
	writeLanes(w, v)
}

// writeLanes writes who can move, and what the others wait for.
func writeLanes(out io.Writer, v *stepper.View) {
	for i := range v.Lanes {
		lane := &v.Lanes[i]
		who := fmt.Sprintf("CPU%d %s", lane.CPU, lane.Name)
		if len(lane.Moves) == 0 {
			fmt.Fprintf(out, "     %-10s %-18s (%s)\n", "-", who, lane.Why)
		}
		for _, m := range lane.Moves {
			label := m.Label
			if lane.Doing != "" && label == lane.Next {
				label = lane.Doing + ": " + label
			}
			fmt.Fprintf(out, "     %-10s %-18s %s\n", m.Text, who, label)
		}
	}
}

func number(l *levels.Level) int {
	for i, name := range levels.Names() {
		if name == l.Name {
			return i + 1
		}
	}
	return 0
}

// surroundings say what a level is played on.
func surroundings(l *levels.Level) string {
	set := l.Question.Setting
	softirqs := "2 CPUs run callbacks"
	switch set.SoftirqsText() {
	case "1":
		softirqs = "1 CPU runs callbacks"
	case "cpu":
		softirqs = "a callback runs on the CPU that queued it"
	}
	text := fmt.Sprintf("%s on %s; %s", scenario.FullName(l.Question.Scenario), l.Question.Version, softirqs)
	if set.Grace.String() != "precise" {
		text += "; grace periods wait for rcu_read_lock alone"
	}
	if set.Memory != (memory.Spec{}) {
		text += "; memory model " + set.Memory.String()
	}
	if l.Asks != levels.Break {
		text += "; " + l.Asks.Says()
	}
	return text
}

func (o *playFlags) writeSolution(w io.Writer, l *levels.Level, width int) error {
	p, err := l.Par()
	if err != nil {
		return err
	}
	repairs := map[string]levels.Judgement{}
	for _, a := range l.Answers {
		if repairs[string(a.Way)], err = l.Repair(string(a.Way)); err != nil {
			return err
		}
	}
	if o.format == "json" {
		return o.writeJSON(w, l, nil, p.Schedule, true, repairs)
	}
	fmt.Fprintln(w, headline(l))
	for _, a := range l.Answers {
		fmt.Fprint(w, prose.Hang(fmt.Sprintf("%-8s ", a.Way), strings.Repeat(" ", 9), repairs[string(a.Way)].Sentence, width))
	}
	if l.Asks == levels.Repair {
		fmt.Fprintf(w, "\n%s breaks like this: %s\n", l.Question.Version, p.Text())
	} else {
		fmt.Fprintf(w, "par: %s\n", p.Text())
	}
	if !p.Possible {
		return nil
	}
	s, err := stepper.Open(p.Schedule, scenario.Load)
	if err != nil {
		return closing(s, err)
	}
	defer s.Close()
	fmt.Fprintln(w)
	for _, t := range s.Line()[1:] {
		writeStep(w, t.View, width)
	}
	fmt.Fprintf(w, "\nptsim explore --replay '%s'\n", p.Schedule)
	return nil
}

// writeStep writes one step as a line, and what it changed as others.
func writeStep(w io.Writer, v *stepper.View, width int) {
	d := v.Did
	const column = 34
	head := fmt.Sprintf("%3d  %-8s CPU%d  %-12s ", v.Step, d.Move, d.CPU, d.Name)
	fmt.Fprint(w, prose.Hang(head, strings.Repeat(" ", column+2), d.Text, width))
	for _, c := range v.Said() {
		fmt.Fprint(w, prose.Hang(strings.Repeat(" ", column), strings.Repeat(" ", column+2), c, width))
	}
}

func (o *playFlags) writeList(w io.Writer, width int, have kept) error {
	all := levels.All()
	if o.format == "json" {
		list := []levelJSON{}
		for _, l := range all {
			list = append(list, jsonOf(l))
		}
		return writeJSON(w, list)
	}
	longest := 0
	for _, l := range all {
		longest = max(longest, len(l.Name))
	}
	for i, l := range all {
		line := fmt.Sprintf("%2d  %-*s %-32s %s", i+1, longest, l.Name, l.Title, stars(min(have[l.Name], levels.MaxStars)))
		fmt.Fprintln(w, strings.TrimRight(line, " "))
		fmt.Fprint(w, prose.Indent(surroundings(l), width, 6))
	}
	if solved, n := have.solved(); solved > 0 {
		fmt.Fprintf(w, "\n%d of %d levels solved, %d of %d stars\n", solved, len(all), n, len(all)*levels.MaxStars)
	}
	fmt.Fprint(w, "\n", prose.Hang("", "", "ptsim play LEVEL plays one. Some are impossible: --claim-impossible says so. Some ask for a repair: --repair chooses one. --solution gives up.", width))
	return nil
}
