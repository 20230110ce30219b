package coverage

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"sync"

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

// functions reads the allocator's code.
var functions = sync.OnceValue(func() []function {
	var list []function
	err := fs.WalkDir(ptsim.Source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := ptsim.Source.ReadFile(name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				f := function{name: fn.Name.Name, file: name, first: set.Position(fn.Pos()).Line, last: set.Position(fn.End()).Line}
				ast.Inspect(fn.Body, func(n ast.Node) bool {
					if call, ok := n.(*ast.CallExpr); ok && primitive(call) {
						if at := set.Position(call.Lparen).Line; len(f.calls) == 0 || f.calls[len(f.calls)-1] != at {
							f.calls = append(f.calls, at)
						}
					}
					return true
				})
				list = append(list, f)
			}
		}
		return nil
	})
	if err != nil {
		panic("coverage: " + err.Error()) // it is part of the binary, and was compiled
	}
	return list
})

// primitive tells whether a call is one of a primitive: a function of kern that is given the CPU. WarnOnce is none: it looks
// at what the code has in hand.
func primitive(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	cpu, given := call.Args[0].(*ast.Ident)
	return ok && given && pkg.Name == "kern" && cpu.Name == "c" && sel.Sel.Name != "WarnOnce"
}

// Calls returns every call of a primitive in a package, such as "pgalloc".
func Calls(pkg string) []Call {
	var list []Call
	for _, f := range functions() {
		for _, l := range f.calls {
			if path.Dir(f.file) == pkg {
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
	for _, f := range functions() {
		entered := false
		for l := f.first; l <= f.last; l++ {
			entered = entered || at[f.file][l]
		}
		for _, l := range f.calls {
			if entered && !at[f.file][l] {
				list = append(list, Call{f.file, l, f.name})
			}
		}
	}
	return list
}
