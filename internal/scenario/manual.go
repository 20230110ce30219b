package scenario

import (
	_ "embed"
	"sync"

	"ptsim/lab"
)

// Source is the file with the package's documentation, which is the manual of the language: ptsim help scenario prints it.
//
//go:embed doc.go
var Source string

// abouts says what a line that begins with a word of the language does.
var abouts = sync.OnceValue(func() map[string]string { return lab.Manual(Source) })
