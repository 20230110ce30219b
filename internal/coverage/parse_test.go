package coverage

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim"
)

// What parse reads by the layout of a file is what Go's own parser says.
func TestParse(t *testing.T) {
	calls := 0
	require.NoError(t, fs.WalkDir(ptsim.Source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := ptsim.Source.ReadFile(name)
		require.NoError(t, err)
		var want []function
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			f := function{name: fn.Name.Name, file: name, first: set.Position(fn.Pos()).Line, last: set.Position(fn.End()).Line}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && callsPrimitive(call) {
					if at := set.Position(call.Lparen).Line; len(f.calls) == 0 || f.calls[len(f.calls)-1] != at {
						f.calls = append(f.calls, at)
					}
				}
				return true
			})
			calls += len(f.calls)
			want = append(want, f)
		}
		assert.Equal(t, want, parse(name, string(text)))
		return nil
	}))
	assert.Greater(t, calls, 50)
}

func callsPrimitive(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	cpu, given := call.Args[0].(*ast.Ident)
	return ok && given && pkg.Name == "kern" && cpu.Name == "c" &&
		!slices.Contains([]string{"WarnOnce", "BugOn", "Assert"}, sel.Sel.Name)
}
