package command

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/course"
	"ptsim/internal/tui"
)

// hour is what a teacher asks for.
const hour = "hour"

// writePlan writes the plan of an hour.
func writePlan(w io.Writer, term any) error {
	plan, err := course.Plan()
	if err != nil {
		return err
	}
	width, _ := columnsOf(term)
	_, err = fmt.Fprintf(w, "An hour, for a teacher\n\n%s\n", strings.TrimRight(course.Terminal(plan, min(width, 100), nil), "\n"))
	return stdoutError(err)
}

func newLearn(std streams) *cobra.Command {
	var o face
	var of string
	cmd := &cobra.Command{
		Use:   "learn [LESSON]",
		Short: "The courses: lessons to read, to step through and to answer",
		Long: `Learn shows two courses in the terminal. The first, "tables", is that of
docs/course: from one page with two tables to what keeps an mm alive, and why.
The second, "alive", asks the same of other protocols, lab by lab, and puts them
side by side in the end. A lesson is text, runs that open in the stepper,
questions that are graded, and exercises with folded answers. LESSON is the
number or the name of a lesson; without it there is a list. --course lists one
course alone. Nothing is kept on disk.

"ptsim learn hour" prints a plan for a teacher with one hour. "ptsim quiz
--lesson N --format html" makes a sheet for a lesson.

With --plain, and where there is no terminal, it is line by line.`,
		Example: `  ptsim learn
  ptsim learn 3
  ptsim learn 1 --plain
  ptsim learn --course alive
  ptsim learn side-by-side
  ptsim learn hour`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at := -1
			if len(args) > 0 && of != "" {
				return errors.New("--course: expected no LESSON; a lesson is of one course")
			}
			if len(args) > 0 && args[0] == hour {
				return buffered(std.out, func(w io.Writer) error { return writePlan(w, std.out) })
			}
			if len(args) > 0 {
				l, err := course.Load(args[0])
				if err != nil {
					return err
				}
				at = l.Number - 1
			}
			lessons, err := tui.LoadLessons(of)
			if err != nil {
				return fmt.Errorf("--course: %w", err)
			}
			opt := o.options()
			opt.Width, _ = columnsOf(std.out)
			draw, prompt := o.screen(std)
			if draw {
				return tui.Learn(cmd.Context(), opt, lessons, at, std.in, std.out)
			}
			return tui.LearnPlain(cmd.Context(), opt, lessons, at, std.in, std.out, prompt)
		},
		ValidArgs: append(course.All(), hour),
	}
	o.flags(cmd)
	var names []string
	for _, c := range course.Courses() {
		names = append(names, c.Name)
	}
	cmd.Flags().StringVar(&of, "course", "", "list one course: "+strings.Join(names, " or "))
	_ = cmd.RegisterFlagCompletionFunc("course", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}
