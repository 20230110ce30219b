package workload

import _ "embed"

// Source is the file with the package's documentation, which is the manual of the text: ptsim help workload prints it.
//
//go:embed doc.go
var Source string
