package coverage

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"

	"ptsim"
	"ptsim/explore"
)

// Call is a line that calls a primitive, and that no schedule came to.
type Call struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Func string `json:"func"` // the Go function around it
}

func (c Call) String() string { return fmt.Sprintf("%s:%d", c.File, c.Line) }

// function is a function of the allocator's, and its lines that call primitives.
type function struct {
	name, file  string
	first, last int
	calls       []int
}

// read holds what functions read.
var read sync.Map

// functions reads a file of the allocator's code, once. One that is not there has none.
func functions(name string) []function {
	if list, ok := read.Load(name); ok {
		return list.([]function)
	}
	var list []function
	if text, err := ptsim.Source.ReadFile(name); err == nil {
		list = parse(name, string(text))
	}
	read.Store(name, list)
	return list
}

// parse finds functions and calls by how gofmt lays a file out: a function begins with func at the start of a line, and ends
// with a brace there or at the end of that line. go/parser, which a test compares it with, takes as long as a small search.
func parse(name, text string) []function {
	var list []function
	inside := false
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if head, ok := strings.CutPrefix(line, "func "); ok {
			if strings.HasPrefix(head, "(") {
				_, head, _ = strings.Cut(head, ") ")
			}
			fn, _, _ := strings.Cut(head, "(")
			list = append(list, function{name: fn, file: name, first: n})
			inside = true
		}
		if !inside {
			continue
		}
		f := &list[len(list)-1]
		code, _, _ := strings.Cut(line, "//")
		if primitive(code) {
			f.calls = append(f.calls, n)
		}
		if strings.HasPrefix(line, "}") || n == f.first && strings.HasSuffix(strings.TrimRight(code, " "), "}") {
			f.last, inside = n, false
		}
	}
	return list
}

// primitive tells whether a line calls one: a function of kern that is given the CPU. WarnOnce, BugOn and Assert are none: they look at
// what the code has in hand.
func primitive(line string) bool {
	for {
		_, after, found := strings.Cut(line, "kern.")
		if !found {
			return false
		}
		name, args, _ := strings.Cut(after, "(")
		cpu := strings.HasPrefix(args, "c,") || strings.HasPrefix(args, "c)")
		if cpu && name != "WarnOnce" && name != "BugOn" && name != "Assert" && strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) < 0 {
			return true
		}
		line = after
	}
}

// Calls returns every call of a primitive in a package, such as "pgalloc".
func Calls(pkg string) []Call {
	files, err := ptsim.Source.ReadDir(pkg)
	if err != nil {
		return nil
	}
	var list []Call
	for _, file := range files {
		for _, f := range functions(path.Join(pkg, file.Name())) {
			for _, l := range f.calls {
				list = append(list, Call{f.file, l, f.name})
			}
		}
	}
	return list
}

// Unreached returns the calls of primitives that are at none of the places, in functions that some place is in.
func Unreached(places []explore.Place) []Call {
	at := map[string]map[int]bool{}
	for _, p := range places {
		if at[p.File] == nil {
			at[p.File] = map[int]bool{}
		}
		at[p.File][p.Line] = true
	}
	list := []Call{}
	for _, name := range slices.Sorted(maps.Keys(at)) {
		for _, f := range functions(name) {
			entered := false
			for l := f.first; l <= f.last; l++ {
				entered = entered || at[name][l]
			}
			for _, l := range f.calls {
				if entered && !at[name][l] {
					list = append(list, Call{name, l, f.name})
				}
			}
		}
	}
	return list
}
