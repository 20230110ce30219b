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
