package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const log = `{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:9: only root may use tracefs\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB/x","Output":"    b_test.go:10: no chromium\n"}
{"Action":"skip","Package":"p","Test":"TestB/x"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    b_test.go:10: no chromium\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Test":"TestD","Output":"    d_test.go:1: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestD"}
{"Action":"output","Package":"p","Test":"TestE","Output":"    e_test.go:1: noise\n"}
{"Action":"pass","Package":"p","Test":"TestE"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t1s\n"}
go: a line of the go command
{"Action":"skip","Package":"q"}
`

func TestSkips(t *testing.T) {
	var s skips
	var out strings.Builder
	require.NoError(t, s.read(strings.NewReader(log), &out))
	assert.Equal(t, "    d_test.go:1: wrong\nFAIL\tp\t1s\ngo: a line of the go command\n", out.String())
	assert.Equal(t, "skipped: 3 tests: no chromium (2); only root may use tracefs (1)", s.String())
	assert.Equal(t, "skipped: no test", (&skips{}).String())
}

// TestEverySkipSaysWhy wants a reason of every test of the module that skips itself. A rapid.T discards a draw with Skip:
// that is no test left out.
func TestEverySkipSaysWhy(t *testing.T) {
	found := 0
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "t" {
					switch sel.Sel.Name {
					case "SkipNow":
						t.Errorf("%s: SkipNow gives no reason", set.Position(call.Pos()))
					case "Skip", "Skipf":
						found++
						assert.NotEmptyf(t, call.Args, "%s gives no reason", set.Position(call.Pos()))
					}
				}
			}
			return true
		})
		return nil
	}))
	assert.Greater(t, found, 10)
}
