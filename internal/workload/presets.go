package workload

import (
	"embed"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"ptsim/internal/quote"
)

//go:embed presets/*.txt
var presets embed.FS

// Presets returns the names of the workloads that come with the program, in alphabetical order.
func Presets() []string {
	entries, err := presets.ReadDir("presets")
	if err != nil {
		panic(err) // they are part of the program
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".txt"))
	}
	slices.Sort(names)
	return names
}

// Text returns the text of a preset.
func Text(name string) (string, bool) {
	text, err := presets.ReadFile(path.Join("presets", name+".txt"))
	return string(text), err == nil
}

// Load returns a preset by name, or reads a file: a name with a dot or a slash in it is that of a file.
func Load(name string) (*Spec, error) {
	if text, ok := Text(name); ok {
		return Parse(name, strings.NewReader(text))
	}
	if !strings.ContainsAny(name, "./") {
		return nil, fmt.Errorf("unknown workload %s; %s, or a file such as ./%s", quote.Short(name), quote.Expected(name, Presets()), name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read: %w", name, unwrapPath(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory; expected a workload", name)
	}
	return Parse(name, f)
}

func unwrapPath(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}
