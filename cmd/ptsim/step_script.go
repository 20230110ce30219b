package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/internal/stepper"
	"ptsim/internal/translate"
	"ptsim/internal/verdicts"
)

// openStep opens what is to be stepped through: as open does, or a script. What is to be said of it comes along.
func (o *stepOptions) openStep(cmd *cobra.Command, std streams, args []string) (*stepper.Session, string, error) {
	if len(args) > 0 && !slices.Contains(scenario.Names(), args[0]) {
		text, ok, err := readText(args[0], std.in)
		if err != nil {
			return nil, "", err
		}
		if ok && !isScenario(text) {
			return o.openScript(cmd, args[0], text)
		}
		if args[0] == "-" {
			std.in = strings.NewReader(text)
		}
	}
	s, err := o.open(cmd, std, args)
	return s, "", err
}

// readText reads a file, if it is one that can be read; else whoever opens it as a scenario says why not.
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
		return "", false, fmt.Errorf("%s: more than %d bytes; expected a scenario or a script", fileName(name), scenario.MaxText)
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

// openScript translates a script, and stands at its first state with what the script does ahead.
func (o *stepOptions) openScript(cmd *cobra.Command, name, text string) (*stepper.Session, string, error) {
	parsed, err := script.Parse(fileName(name), strings.NewReader(text))
	if err != nil {
		return nil, "", fmt.Errorf("%w; a scenario has a task", err)
	}
	about := translate.About(text)
	if o.replay != "" {
		if slices.ContainsFunc(sessionWords, cmd.Flags().Changed) {
			return nil, "", errScheduleSays
		}
		model, _, _ := strings.Cut(o.replay, "@")
		_, version, _ := strings.Cut(model, "/")
		v, err := verdicts.ParseVersion(version)
		if err != nil {
			return nil, "", fmt.Errorf("--replay: model %s; expected SCENARIO/VERSION: %w", quote.Short(model), err)
		}
		r, err := translate.Script(parsed, about, v, verdicts.Setting{Softirqs: 1})
		if err != nil {
			return nil, "", err
		}
		s, err := stepper.Open(o.replay, loadOr(r.Scenario))
		if err != nil {
			return nil, "", closing(s, fmt.Errorf("--replay: %w", err))
		}
		return s, "", nil
	}
	v, set, err := o.setting(cmd, &scenario.Run{})
	if err != nil {
		return nil, "", err
	}
	r, err := translate.Script(parsed, about, v, set)
	if err != nil {
		return nil, "", err
	}
	s, err := stepper.Open(r.Schedule, loadOr(r.Scenario))
	if err != nil {
		return nil, "", closing(s, err)
	}
	if err := s.Seek(0); err != nil {
		return nil, "", closing(s, err)
	}
	note := "What the script does lies ahead: space, or n, goes along it, G to its end."
	if r.Note != "" {
		note += " It comes to: " + r.Note + "."
	}
	return s, note, nil
}
