package command

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ptsim/internal/levels"
	"ptsim/internal/tui"
)

// stepOptions are the flags of ptsim step.
type stepOptions struct {
	sessionFlags
	face
	predict bool
}

// face says how a stepper looks.
type face struct {
	plain   bool
	ascii   bool
	noColor bool
}

func (o *face) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.plain, "plain", false, "line by line, for pipes and screen readers")
	f.BoolVar(&o.ascii, "ascii", false, "draw with plain characters")
	f.BoolVar(&o.noColor, "no-color", false, "no colours, as with NO_COLOR in the environment")
}

// options are those of the screen that the flags and the environment ask for.
func (o *face) options() tui.Options {
	return tui.Options{ASCII: o.ascii || tui.ASCII(os.Getenv), NoColour: o.noColor || os.Getenv("NO_COLOR") != ""}
}

// screen tells whether there is a terminal to draw on, and whether that is wanted; if not, what to write before each line
// that is read.
func (o *face) screen(std streams) (draw bool, prompt string) {
	in, inFile := std.in.(*os.File)
	if !inFile || !term.IsTerminal(int(in.Fd())) {
		return false, ""
	}
	_, out := isTerminal(std.out)
	if out && !o.plain && os.Getenv("TERM") != "dumb" {
		return true, ""
	}
	return false, "> "
}

func newStep(std streams) *cobra.Command {
	var o stepOptions
	cmd := &cobra.Command{
		Use:   "step [SCENARIO|FILE|SCRIPT]",
		Short: "Be the scheduler: decide which thread moves next",
		Long: `Step runs the allocator's own code one primitive at a time, and you decide which
thread takes the next step. It shows the pages with their two halves and the
mask; the mms; the batches; the RCU callbacks, and which readers they wait for;
each thread, and what it is about to do or why it cannot; the code; and for each
step what happened, and the rule behind it. You can take steps back, try others,
run to the next violation, let the schedule play by itself, and put another
variant beside. ? lists the keys.

SCENARIO comes with ptsim, FILE is a scenario of your own, SCRIPT is a script as
"ptsim run" takes it, and - is standard input. Without any of them, step opens S1
on rfc, whose flaw is the subject. --replay begins with a schedule, or with the
link that the key l shows.

With --plain, and where there is no terminal, step works line by line: it reads
commands (help lists them), and says in words what changed. --plain --replay
SCHEDULE writes the whole schedule as numbered prose.`,
		Example: `  ptsim step
  ptsim step defer2 --variant rfc-as-posted
  ptsim step testdata/scripts/flaw.txt
  ptsim step --replay 'S1/rfc@2,precise:s:1592e5da:B?1-Bx6-s0!12c0-s0-Bx6-s0#9'
  printf 'B?1\nn\nstate\n' | ptsim step S1 --plain`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := o.open(cmd, std, args)
			if err != nil {
				return err
			}
			defer s.Close()
			note := ""
			if r := o.script; r != nil {
				note = "What the script does lies ahead: space, or n, goes along it, G to its end."
				if r.Note != "" {
					note += " It comes to: " + r.Note + "."
				}
				if err := s.Seek(0); err != nil {
					return err
				}
			}
			opt := o.options()
			opt.Session, opt.Message, opt.Predict = s, note, o.predict
			if o.plain && o.replay != "" {
				width, _ := columnsOf(std.out)
				return tui.Prose(s, std.out, width)
			}
			return o.show(cmd, std, opt)
		},
	}
	o.sessionFlags.flags(cmd)
	o.face.flags(cmd)
	cmd.Flags().BoolVar(&o.predict, "predict", false, "begin in predict mode, with questions before each step")
	return cmd
}

// show runs the stepper on the terminal, or line by line.
func (o *face) show(cmd *cobra.Command, std streams, opt tui.Options) error {
	draw, prompt := o.screen(std)
	opt.Width, _ = columnsOf(std.out)
	if draw {
		return tui.Run(cmd.Context(), opt, std.in, std.out)
	}
	return tui.Plain(cmd.Context(), opt, std.in, std.out, prompt)
}

// playLevel plays a level in the stepper, or line by line where the terminal can do no more. The exit code is 0 if it was
// solved.
func playLevel(cmd *cobra.Command, std streams, o *face, l *levels.Level) error {
	s, err := l.Open()
	if err != nil {
		return err
	}
	defer s.Close()
	solved, at := false, levels.Judgement{}
	opt := o.options()
	opt.Session, opt.Level = s, l
	draw, prompt := o.screen(std)
	opt.Solved = func(j levels.Judgement) {
		if solved, at = true, j; (draw || prompt != "") && !l.Elsewhere() {
			loadKept().keep(l.Name, j)
		}
	}
	if err := o.show(cmd, std, opt); err != nil {
		return err
	}
	if !solved {
		return errFinding
	}
	if !draw {
		return nil
	}
	_, err = io.WriteString(std.out, afterLevel(l, at))
	return stdoutError(err)
}

// afterLevel is what stays on the terminal when a level was solved on the whole of it: how well, and how to go on.
func afterLevel(l *levels.Level, j levels.Judgement) string {
	text := fmt.Sprintf("%s is solved: %d of %d stars, %s\n", l.Name, j.Stars, levels.MaxStars, j.Against)
	names := levels.Names()
	if n := slices.Index(names, l.Name) + 1; n < len(names) {
		text += fmt.Sprintf("ptsim play %s is the next level\n", names[n])
	}
	return text
}
