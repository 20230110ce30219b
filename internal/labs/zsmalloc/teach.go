package zsmalloc

import (
	_ "embed"

	"ptsim/lab"
)

//go:embed lesson.md
var lesson string

func lessons() []lab.Lesson { return []lab.Lesson{{Slug: "zsmalloc", Text: lesson}} }
