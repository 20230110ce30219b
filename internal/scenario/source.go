package scenario

import (
	"fmt"
	"io/fs"
	"path"

	"ptsim"

	"ptsim/internal/labs"
	"ptsim/internal/quote"
)

// Code returns a file of protocol code, as places in it call it: within this module, or behind the import path of a lab's own package,
// of whose sources the lab brings along what it wants shown.
func Code(file string) (string, error) {
	text, err := ptsim.Source.ReadFile(file)
	for _, l := range labs.All() {
		if err != nil && l.Source != nil {
			text, err = fs.ReadFile(l.Source, path.Base(file))
		}
	}
	if err != nil {
		return "", fmt.Errorf("%s: no such source; expected one that a step is in", quote.Short(file))
	}
	return string(text), nil
}
