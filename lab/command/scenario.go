package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"ptsim/internal/labs"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
)

// noScenario is the error about a word that is neither the name of a scenario nor that of a file. Who writes an ending or a path
// means a file, and does not want to hear of all scenarios.
func noScenario(name string) error {
	stem := strings.TrimSuffix(path.Base(filepath.ToSlash(name)), path.Ext(name))
	switch {
	case path.Ext(name) != "" && scenario.Known(stem):
		return fmt.Errorf("%s: no such file; the scenario of that name is %s", name, stem)
	case path.Ext(name) != "" || filepath.IsAbs(name):
		return fmt.Errorf("%s: no such file; expected the file of a scenario, or the name of one that ptsim scenarios lists, such as S1", name)
	}
	return fmt.Errorf("%s: no such scenario, and no such file; %s", name, quote.ExpectedOf(name, scenario.Near(name), "ptsim scenarios"))
}

// readScenario reads a scenario by name, or from a file.
func readScenario(name string, stdin io.Reader) (*scenario.Scenario, error) {
	if scenario.Known(name) {
		return scenario.Load(name)
	}
	if name == "-" {
		return parseScenario("standard input", stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		var pe *fs.PathError
		if errors.Is(err, fs.ErrNotExist) {
			return nil, noScenario(name)
		}
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("%s: %w; expected a scenario", name, pe.Err)
		}
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		if l, err := labs.Get(name); err == nil {
			return nil, fmt.Errorf("%s: is a lab, and a directory here; expected a scenario of it, such as %s: ptsim labs %s lists all", name, scenario.NamesOf(l)[0], name)
		}
		return nil, fmt.Errorf("%s: is a directory; expected a scenario", name)
	}
	return parseScenario(name, f)
}

func parseScenario(name string, in io.Reader) (*scenario.Scenario, error) {
	text, err := io.ReadAll(io.LimitReader(in, scenario.MaxText+1))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read: %w", name, err)
	}
	if first, _, _ := strings.Cut(string(text), "\n"); strings.HasPrefix(first, "C ") {
		return nil, fmt.Errorf("%s: is a litmus test; expected a scenario; ptsim litmus runs such tests, and ptsim litmus --write SCENARIO makes one of a scenario", name)
	}
	s, err := scenario.Parse(name, string(text))
	if err != nil && !isScenario(string(text)) {
		if _, bad := script.Parse(name, strings.NewReader(string(text))); bad == nil {
			return nil, fmt.Errorf("%s: is a script, one order of operations, and leaves nothing to search; expected a scenario with tasks (ptsim help scenario). ptsim run, step, beside, export and serve take scripts", name)
		}
	}
	return s, err
}
