package main

import (
	"github.com/spf13/cobra"

	"ptsim/internal/course"
	"ptsim/internal/tui"
)

func newLearn(std streams) *cobra.Command {
	var o face
	cmd := &cobra.Command{
		Use:   "learn [LESSON]",
		Short: "The course: lessons to read, to step through and to answer",
		Long: `Learn shows the lessons of docs/course in the terminal: from one page with two tables to what holds an mm, and
why. A lesson is text, runs that open in the stepper, questions that are graded, and exercises whose answers are
folded. LESSON is the number or the name of one; without it there is a list. Nothing is kept on disk.

With --plain, and where there is no terminal, it is line by line.`,
		Example: `  ptsim learn
  ptsim learn 3
  ptsim learn 1 --plain`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at := -1
			if len(args) > 0 {
				l, err := course.Load(args[0])
				if err != nil {
					return err
				}
				at = l.Number - 1
			}
			lessons, err := tui.LoadLessons()
			if err != nil {
				return err
			}
			opt := o.options()
			opt.Width, _ = columnsOf(std.out)
			draw, prompt := o.screen(std)
			if draw {
				return tui.Learn(cmd.Context(), opt, lessons, at, std.in, std.out)
			}
			return tui.LearnPlain(cmd.Context(), opt, lessons, at, std.in, std.out, prompt)
		},
		ValidArgs: course.Names(),
	}
	o.flags(cmd)
	return cmd
}
