package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/levels"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/memory"
)

// playFlags are what ptsim play is asked for.
type playFlags struct {
	face
	list, solution, claim bool
	forget                bool
	moves, format         string
	repair                string
	model, release        string
}

func newPlay(std streams) *cobra.Command {
	var o playFlags
	cmd := &cobra.Command{
		Use:   "play [LEVEL]",
		Short: "Break a variant by hand: you are the scheduler",
		Long: `Play makes you the scheduler. A level is a scenario on a variant of the
allocator, and something to break: lose the page, or use the mm after it was
freed. You decide, step by step, which thread moves next. Some levels are
impossible: then the answer is --claim-impossible. Others ask for a repair: then
the answer is --repair and one of the four ways to keep something alive. The
explorer tries every schedule of the variant with that repair. Par is the
shortest schedule: the fewest switches between CPUs, then the fewest steps.

LEVEL is a name or a number; without one, play lists them. In a terminal you
play in the stepper, or line by line with --plain. There, h gives a hint, and
each hint says more; the list shows which levels you have solved (kept in the
file ptsim/levels.json of your state directory; --forget removes it). Where
there is no terminal, the moves come from --moves or from standard input: moves
such as A, B?1 or s0!12c0, with blanks or dashes between them. Bx4 is four moves
of B. A thread's letter is enough where the thread can do only one thing.
--moves also takes a whole schedule, as explore prints it.

Some levels are about memory models. Under lkmm a load may return an older store:
A?1 is A's next step reading the one before the newest. Under tso A!q writes the
oldest store of A's queue to memory. --memory plays any level under another
model: is it still possible? Its par is searched, and its stars are not kept.

JSON is one object: level (number, name, title, story, asks, goal, kind,
scenario, version, softirqs, grace, memory, answers), par (possible, switches, steps,
schedule, states; null unless the level is solved or --solution is given),
schedule, judgement (reached, sentence, switches, steps, stars, against, covers,
schedule; null with --solution), and, with --solution of a level that asks for a
repair, repairs: the judgement of each. With --list it is an array of level.

Exit codes:

  0   solved
  1   not solved
  2   a move that is not possible, or other bad input`,
		Example: `  ptsim play
  ptsim play lost
  ptsim play lost --moves 'Ax5 Bx6 s0 s0x3'
  ptsim play one-cpu --claim-impossible
  ptsim play shrinker/repair --repair wait
  ptsim play swap/stale-map --memory tso --claim-impossible
  ptsim play munmap --solution --format json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(o.format, "text", "json"); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			if o.forget {
				if len(args) > 0 || o.list || o.solution || o.claim || o.repair != "" || cmd.Flags().Changed("moves") {
					return errors.New("--forget: expected it alone")
				}
				if err := os.Remove(keptFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return cannotWrite(keptFile(), err)
				}
				return nil
			}
			if len(args) == 0 || o.list {
				if len(args) > 0 || o.solution || o.claim || o.repair != "" || cmd.Flags().Changed("moves") {
					return errors.New("play: expected a LEVEL, or --list alone")
				}
				width, tty := columnsOf(std.out)
				have := kept{}
				if tty {
					have = loadKept()
				}
				return buffered(std.out, func(w io.Writer) error { return o.writeList(w, width, have) })
			}
			l, err := levels.Get(args[0])
			if err != nil {
				if _, isFile, _ := readText(args[0], strings.NewReader("")); isFile {
					return fmt.Errorf("%s: is no level; ptsim step takes a scenario or a script of your own, and you are the scheduler there, too", args[0])
				}
				return err
			}
			if l, err = o.under(cmd, l); err != nil {
				return err
			}
			given := cmd.Flags().Changed("moves")
			repairs := cmd.Flags().Changed("repair")
			if several(o.solution, o.claim, given, repairs) {
				return errors.New("play: --moves, --claim-impossible, --repair and --solution; expected one of them")
			}
			switch {
			case o.solution:
				width, _ := columnsOf(std.out)
				return buffered(std.out, func(w io.Writer) error { return o.writeSolution(w, l, width) })
			case o.claim:
				return o.judged(std.out, l, l.Claim(), "")
			case repairs:
				j, err := l.Repair(o.repair)
				if err != nil {
					return fmt.Errorf("--repair: %w", err)
				}
				return o.judged(std.out, l, j, j.Schedule)
			case given:
				return o.judge(std.out, l, o.moves, "--moves")
			}
			if _, tty := isTerminal(std.in); (tty || o.plain) && o.format == "text" {
				return playLevel(cmd, std, &o.face, l)
			}
			text, err := readMoves(std.in)
			if err != nil {
				return err
			}
			return o.judge(std.out, l, text, "standard input")
		},
	}
	cmd.ValidArgs = levels.Names()
	f := cmd.Flags()
	o.face.flags(cmd)
	f.BoolVar(&o.list, "list", false, "list the levels")
	f.BoolVar(&o.solution, "solution", false, "show par, or that the level is impossible")
	f.BoolVar(&o.claim, "claim-impossible", false, "answer that the level cannot be solved")
	f.StringVar(&o.repair, "repair", "", "answer with a repair: "+strings.Join(levels.WayNames(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("repair", cobra.FixedCompletions(levels.WayNames(), cobra.ShellCompDirectiveNoFileComp))
	f.BoolVar(&o.forget, "forget", false, "forget which levels were solved")
	memoryFlags(cmd, &o.model, &o.release, memory.SC)
	f.Lookup("memory").DefValue = "that of the level"
	f.StringVar(&o.moves, "moves", "", "judge these moves, or this schedule")
	formatFlag(cmd, &o.format, "text", "json")
	return cmd
}

// under is the level under the memory model that the flags say.
func (o *playFlags) under(cmd *cobra.Command, l *levels.Level) (*levels.Level, error) {
	if !cmd.Flags().Changed("memory") && !cmd.Flags().Changed("lkmm") {
		return l, nil
	}
	if !cmd.Flags().Changed("memory") {
		o.model = memory.LKMM.String()
	}
	spec, err := memoryOf(cmd, o.model, o.release, "")
	if err != nil {
		return nil, err
	}
	opt := l.Question.Setting.Options()
	if spec.Model != memory.SC && opt.Softirqs == explore.SoftirqsOnCPU {
		return nil, fmt.Errorf("--memory %s: in level %s callbacks run on the CPU that queued them, which is not modelled under it", spec.Model, l.Name)
	}
	return l.Under(spec), nil
}

// several tells whether more than one is true.
func several(list ...bool) bool {
	n := 0
	for _, b := range list {
		if b {
			n++
		}
	}
	return n > 1
}

// maxMoves bounds what is read from standard input.
const maxMoves = 1 << 20

func readMoves(in io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxMoves+1))
	if err != nil {
		return "", fmt.Errorf("standard input: %w", err)
	}
	if len(text) > maxMoves {
		return "", fmt.Errorf("standard input: more than %d bytes; expected moves", maxMoves)
	}
	return string(text), nil
}

// judge takes the moves, or follows the schedule, and says what they come to.
func (o *playFlags) judge(out io.Writer, l *levels.Level, text, from string) error {
	s, err := openMoves(l, strings.TrimSpace(text))
	if err != nil {
		return closing(s, fmt.Errorf("%s: %w", from, err))
	}
	defer s.Close()
	if s.View().Step == 0 && o.format == "text" {
		if err := buffered(out, func(w io.Writer) error { introduce(w, l, s.View()); return nil }); err != nil {
			return err
		}
		return errFinding
	}
	return o.judged(out, l, l.Judge(s), s.View().Path)
}

func openMoves(l *levels.Level, text string) (*stepper.Session, error) {
	if strings.Contains(text, "@") && !strings.ContainsAny(text, " \n") {
		return stepper.Open(text, scenario.Load)
	}
	moves, err := levels.ParseMoves(text)
	if err != nil {
		return nil, err
	}
	s, err := l.Open()
	if err != nil {
		return nil, err
	}
	return s, levels.Play(s, moves)
}

// judged prints a judgement. A level that is not solved is a finding.
func (o *playFlags) judged(out io.Writer, l *levels.Level, j levels.Judgement, path string) error {
	width, _ := columnsOf(out)
	err := buffered(out, func(w io.Writer) error {
		if o.format == "json" {
			return o.writeJSON(w, l, &j, path, j.Reached, nil)
		}
		fmt.Fprintln(w, headline(l))
		if path != "" {
			fmt.Fprintf(w, "%s\n", path)
		}
		for _, line := range strings.Split(verdictOn(j), "\n") {
			fmt.Fprint(w, prose.Hang("", "  ", line, width))
		}
		return nil
	})
	if err == nil && !j.Reached {
		return errFinding
	}
	return err
}

// verdictOn says what a judgement is, and what it covers that a level is impossible.
func verdictOn(j levels.Judgement) string {
	switch {
	case !j.Reached:
		return "not solved: " + j.Sentence
	case j.Steps == 0:
		return "solved: " + strings.Join(append([]string{j.Sentence}, j.Covers...), "\n  ")
	}
	return fmt.Sprintf("solved: %s\n%s: %s %s", j.Sentence, levels.Par{Possible: true, Switches: j.Switches, Steps: j.Steps}.Text(), j.Against, stars(j.Stars))
}

func stars(n int) string { return strings.Repeat("*", n) }

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
	for _, c := range d.Changes {
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

type levelJSON struct {
	Number   int    `json:"number"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Story    string `json:"story"`
	Asks     string `json:"asks"`
	Goal     string `json:"goal"`
	Kind     string `json:"kind"`
	Scenario string `json:"scenario"`
	Version  string `json:"version"`
	Softirqs any    `json:"softirqs"`
	Grace    string `json:"grace"`
	Memory   string `json:"memory"`

	Answers []levels.Answer `json:"answers,omitempty"`
}

func jsonOf(l *levels.Level) levelJSON {
	q := l.Question
	return levelJSON{
		number(l), l.Name, l.Title, l.Story, string(l.Asks), l.Goal.Text, l.Goal.Kind.String(), scenario.FullName(q.Scenario), q.Version.String(),
		q.Setting.SoftirqsJSON(), q.Setting.Grace.String(), q.Setting.Memory.String(), l.Answers,
	}
}

func (o *playFlags) writeJSON(w io.Writer, l *levels.Level, j *levels.Judgement, path string, withPar bool, repairs map[string]levels.Judgement) error {
	out := struct {
		Level     levelJSON         `json:"level"`
		Par       *levels.Par       `json:"par"`
		Schedule  string            `json:"schedule"`
		Judgement *levels.Judgement `json:"judgement"`

		Repairs map[string]levels.Judgement `json:"repairs,omitempty"`
	}{Level: jsonOf(l), Schedule: path, Judgement: j, Repairs: repairs}
	if withPar {
		p, err := l.Par()
		if err != nil {
			return err
		}
		out.Par = &p
	}
	return writeJSON(w, out)
}
