package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/internal/stepper"
	"ptsim/internal/translate"
	"ptsim/memory"
)

// takeScript returns the text of what a name stands for, if it is a script and no scenario. What it reads from standard input it
// gives back in std, for whoever reads a scenario from there.
func takeScript(name string, std *streams) (text string, ok bool, err error) {
	if scenario.Known(name) {
		return "", false, nil
	}
	text, ok, err = readText(name, std.in)
	if err != nil {
		return "", false, err
	}
	if name == "-" {
		std.in = strings.NewReader(text)
	}
	return text, ok && !isScenario(text), nil
}

// readText reads a file, if it is one that can be read; else whoever opens it says why not. Of one that is too long it returns
// the beginning.
func readText(name string, stdin io.Reader) (text string, ok bool, err error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", false, nil
		}
		defer f.Close()
		if info, err := f.Stat(); err != nil || info.IsDir() {
			return "", false, nil
		}
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, scenario.MaxText+1))
	if err != nil {
		return "", false, fmt.Errorf("%s: cannot read: %w", fileName(name), err)
	}
	if len(b) > scenario.MaxText {
		return string(b), false, fmt.Errorf("%s: more than %d bytes; expected a scenario or a script", fileName(name), scenario.MaxText)
	}
	return string(b), true, nil
}

func fileName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// isScenario tells a scenario from a script: it has a task.
func isScenario(text string) bool {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "task" {
			return true
		}
	}
	return false
}

// translated makes a scenario of a script.
func translated(name, text string, v question.Version, set question.Setting) (*translate.Result, error) {
	parsed, err := script.Parse(fileName(name), strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%w; a scenario has a task", err)
	}
	return translate.Script(parsed, translate.About(text), v, set)
}

// openScript translates a script, and stands where it ends.
func (o *sessionFlags) openScript(cmd *cobra.Command, name, text string) (*stepper.Session, error) {
	if o.replay != "" {
		if slices.ContainsFunc(sessionWords, cmd.Flags().Changed) {
			return nil, errScheduleSays
		}
		v, err := question.VersionIn(o.replay)
		if err != nil {
			return nil, fmt.Errorf("--replay: %w", err)
		}
		r, err := translated(name, text, v, question.Setting{Softirqs: 1})
		if err != nil {
			return nil, err
		}
		s, err := stepper.Open(o.replay, loadOr(r.Scenario))
		if err != nil {
			return nil, closing(s, fmt.Errorf("--replay: %w", err))
		}
		return s, nil
	}
	v, set, err := o.setting(cmd, &scenario.Scenario{Lab: labs.Default()})
	if err != nil {
		return nil, err
	}
	switch {
	case set.Memory.Model != memory.SC:
		return nil, fmt.Errorf("--memory %s: a script runs under %s; expected that, or a scenario", set.Memory.Model, memory.SC)
	case set.Edits != "":
		return nil, errors.New("--what-if: a script runs the code as it is; expected a scenario")
	}
	r, err := translated(name, text, v, set)
	if err != nil {
		return nil, err
	}
	s, err := stepper.Open(r.Schedule, loadOr(r.Scenario))
	if err != nil {
		return nil, closing(s, err)
	}
	o.script = r
	return s, nil
}
