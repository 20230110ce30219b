package command

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/question"
	"ptsim/internal/sidebyside"
	"ptsim/lab"
	"ptsim/memory"
	"ptsim/pgalloc"
)

func newBeside(std streams) *cobra.Command {
	var o sessionFlags
	var with, withPin, format string
	var models []string
	cmd := &cobra.Command{
		Use:   "beside [SCENARIO|FILE|SCRIPT]",
		Short: "Follow a schedule of one variant on another, side by side",
		Long: `Beside follows one schedule on two variants of a protocol: the same threads
do the same operations in the same order. It marks and explains the first moment
at which the two differ, and says how each ends.

The schedule is the one of --replay, or of the file or script. Without one,
beside takes the shortest schedule that breaks --variant. If no schedule breaks
it, beside says so.

--models follows the schedule under several memory models instead. A + says that
the step is possible there, with the same result. If it is not, the column says
what that model allows. Without
--replay and --memory, the schedule is the shortest that the weakest of them has.

SCENARIO comes with ptsim, FILE is a scenario or a script of your own, and - is
standard input. "ptsim compare" compares costs.`,
		Example: `  ptsim beside S1 --with active         the flaw of rfc, and how v6.6 avoids it
  ptsim beside S1 --variant rfc --with pinned/half
  ptsim beside swap/on --variant no-rmb --models sc,tso,lkmm
  ptsim beside --with fullpage --replay \
    'S1/rfc@2,precise:f:00000000:B?1-Bx4-s0!12c0-Bx4-s0'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, sidebyside.Formats()...); err != nil {
				return fmt.Errorf("--format: %w", err)
			}
			if models != nil {
				return besideModels(cmd, std, &o, args, models, format)
			}
			if with == "" {
				return errors.New("--with: no variant to put beside; expected another variant of the same protocol, such as --with active of the page tables (ptsim labs NAME lists them)")
			}
			s, err := o.openSchedule(cmd, std, args, "; there is no schedule to follow. Give one with --replay.")
			if s == nil {
				return err
			}
			defer s.Close()
			right, err := parseWith(cmd, s.Question.Scenario.Lab, with, withPin)
			if err != nil {
				return err
			}
			c, err := sidebyside.Compare(s, right)
			if err != nil {
				return err
			}
			width, _ := columnsOf(std.out)
			return buffered(std.out, func(w io.Writer) error { return stdoutError(c.Write(w, format, width)) })
		},
	}
	o.flags(cmd)
	cmd.Flags().StringSliceVar(&models, "models", nil, "memory models to follow the schedule under: "+strings.Join(memory.Models(), ", "))
	names := []string{}
	for _, v := range question.Versions() {
		names = append(names, v.String())
	}
	cmd.Flags().StringVar(&with, "with", "", "the variant that follows the schedule, as for --variant")
	cmd.Flags().StringVar(&withPin, "with-pin", "", "what pins the mm in it, if it is pinned")
	complete(cmd, "with", names)
	pins := []string{}
	for _, p := range pgalloc.Pins() {
		pins = append(pins, string(p))
	}
	complete(cmd, "with-pin", pins)
	formatFlag(cmd, &format, sidebyside.Formats()...)
	return cmd
}

// besideModels follows the schedule under several memory models.
func besideModels(cmd *cobra.Command, std streams, o *sessionFlags, args, models []string, format string) error {
	if cmd.Flags().Changed("with") || cmd.Flags().Changed("with-pin") {
		return errors.New("--models: it stays on one variant; expected no --with")
	}
	if err := checkFormat(format, "text", "json"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	var specs []memory.Spec
	for _, word := range models {
		spec, err := memory.ParseSpec(word)
		if err != nil {
			return fmt.Errorf("--models: %w", err)
		}
		specs = append(specs, spec)
	}
	if !cmd.Flags().Changed("memory") && !cmd.Flags().Changed("lkmm") { // the weakest of them: what it forbids, all forbid
		weakest := slices.MaxFunc(specs, func(a, b memory.Spec) int {
			return cmp.Compare(slices.Index(memory.Specs(), a), slices.Index(memory.Specs(), b))
		})
		o.memory, o.release = weakest.Model.String(), weakest.Release.String()
	}
	s, err := o.openSchedule(cmd, std, args, "; there is no schedule to follow. Give one with --replay.")
	if s == nil {
		return err
	}
	defer s.Close()
	m, err := sidebyside.CompareModels(cmd.Context(), s, specs)
	if err != nil {
		return err
	}
	width, _ := columnsOf(std.out)
	return buffered(std.out, func(w io.Writer) error {
		if format == "json" {
			return writeJSON(w, m)
		}
		return stdoutError(m.Write(w, width))
	})
}

// parseWith reads --with and --with-pin.
func parseWith(cmd *cobra.Command, l *lab.Lab, with, pin string) (question.Version, error) {
	v, err := question.VersionOf(l, with)
	if err != nil {
		return v, fmt.Errorf("--with: %w", err)
	}
	if !cmd.Flags().Changed("with-pin") {
		return v, nil
	}
	if v.Pin() == "" || strings.Contains(with, "/") {
		return v, fmt.Errorf("--with-pin goes with --with pinned; expected no pin for %s", v)
	}
	if v, err = question.VersionOf(l, with+"/"+pin); err != nil {
		return v, fmt.Errorf("--with-pin: %w", err)
	}
	return v, nil
}
