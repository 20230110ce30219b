package main

import (
	"os"

	"github.com/spf13/cobra"

	"ptsim/internal/stepper"
	"ptsim/internal/tui"
)

// stepOptions are the flags of ptsim step.
type stepOptions struct {
	sessionFlags
	plain   bool
	ascii   bool
	noColor bool
}

func newStep(std streams) *cobra.Command {
	var o stepOptions
	cmd := &cobra.Command{
		Use:   "step [SCENARIO|FILE|SCRIPT]",
		Short: "Be the scheduler: step through a schedule in the terminal",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := o.open(cmd, std, args)
			if err != nil {
				return err
			}
			defer s.Close()
			return o.show(cmd, std, s)
		},
	}
	o.flags(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.plain, "plain", false, "line by line, for pipes and screen readers")
	f.BoolVar(&o.ascii, "ascii", false, "draw with plain characters")
	f.BoolVar(&o.noColor, "no-color", false, "no colours, as with NO_COLOR in the environment")
	return cmd
}

func (o *stepOptions) show(cmd *cobra.Command, std streams, s *stepper.Session) error {
	opt := tui.Options{Session: s, ASCII: o.ascii || tui.ASCII(os.Getenv), NoColour: o.noColor || os.Getenv("NO_COLOR") != ""}
	return tui.Run(cmd.Context(), opt, std.in, std.out)
}
