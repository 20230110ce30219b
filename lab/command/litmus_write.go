package command

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/litmus"
	"ptsim/internal/question"
	"ptsim/internal/tolitmus"
)

// write prints a litmus test: what was read, or a scenario.
func (o *litmusOptions) write(cmd *cobra.Command, std streams, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("--write: expected one scenario or litmus test, not %d", len(args))
	}
	for _, name := range []string{"memory", "lkmm", "format", "expect", "why", "states"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--write runs no test; expected no --%s", name)
		}
	}
	text, err := "", error(nil)
	if strings.HasSuffix(args[0], ".litmus") {
		if o.variant != "" {
			return errors.New("--variant: a litmus test has none")
		}
		err = litmus.Collect(args[0], func(path, in string) (err error) {
			text, err = litmus.Rewrite(path, in)
			return err
		})
	} else {
		text, err = o.fromScenario(cmd, std, args[0])
	}
	if err != nil {
		return err
	}
	return buffered(std.out, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return stdoutError(err)
	})
}

// fromScenario writes a scenario as a litmus test.
func (o *litmusOptions) fromScenario(cmd *cobra.Command, std streams, name string) (string, error) {
	s, err := readScenario(name, std.in)
	if err != nil {
		return "", err
	}
	v, err := question.VersionOf(s.Lab, cmp.Or(o.variant, s.Run.Version(), s.Lab.First()))
	if err != nil {
		return "", fmt.Errorf("--variant: %w", err)
	}
	bar := newSearchProgress(std.err)
	defer bar.done()
	t, err := tolitmus.Scenario(cmd.Context(), s, v, bar.update)
	if err != nil {
		return "", err
	}
	return t.Text, nil
}
