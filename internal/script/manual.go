package script

import _ "embed"

// Source is the file with the package's documentation, which is the manual of the language: ptsim help script prints it.
//
//go:embed doc.go
var Source string
