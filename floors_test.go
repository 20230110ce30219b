package ptsim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floors says which package may import which of this module: a package may import those before the < on its own line,
// and whatever those may. Test files may import more.
const floors = `
	kern;
	internal/quote;
	internal/quote < internal/lines;
	kern < rcuhead;
	kern < percpuref;
	kern < zsmalloc;
	internal/checkpoint;
	internal/checkpoint, internal/quote < internal/campaign;
	memory;
	kern, internal/quote, internal/checkpoint, memory < explore;
	kern < stack;
	explore, internal/lines < lab;
	zsmalloc, lab < internal/labs/zsmalloc;
	kern < shrinker;
	shrinker, lab < internal/labs/shrinker;
	kern < zswap;
	zswap, lab < internal/labs/zswap;
	kern < mmctx;
	rcuhead, mmctx < tlbgather;
	tlbgather, internal/quote < pgalloc;
	pgalloc < s390sim;

	internal/lines < internal/ftrace;
	docs/real/guest;
	internal/chart;
	internal/record;
	s390sim, internal/ftrace < internal/replay;
	s390sim, internal/lines < internal/workload;
	internal/workload < internal/sweep;
	s390sim < internal/perfetto;
	internal/picture;
	pgalloc, internal/picture < internal/masks;
	pgalloc < internal/bench;
	pgalloc, internal/lines < internal/script;
	pgalloc, internal/lines < internal/conform;

	ptsim;
	pgalloc, lab < internal/labs/pagetable;
	stack, lab < internal/labs/stack;
	internal/labs/pagetable, internal/labs/stack, internal/labs/zsmalloc, internal/labs/shrinker, internal/labs/zswap < internal/labs;
	internal/labs, ptsim < internal/scenario;
	internal/scenario < internal/question;
	internal/question < internal/phrase;
	internal/phrase < internal/counterexample;
	internal/scenario < internal/coverage;
	internal/coverage, ptsim < internal/labs/labtest;
	memory < internal/litmus;
	internal/mutants;
	internal/skips;
	internal/nofiles;
	internal/scenario < internal/mutants/probe;
	internal/coverage, internal/phrase < internal/verdicts;
	internal/phrase, internal/verdicts < internal/explain;
	internal/explain, ptsim < internal/stepper;
	ptsim, internal/lines, internal/verdicts < internal/course;
	internal/stepper < internal/levels;
	internal/stepper, internal/masks < internal/quiz;
	internal/stepper < internal/sidebyside;
	internal/stepper, internal/picture < internal/draw;
	internal/script, internal/stepper < internal/translate;
	internal/levels, internal/quiz, internal/sidebyside, internal/course < internal/tui;
	internal/levels, internal/quiz, internal/sidebyside, internal/course < internal/web;
	internal/draw, internal/counterexample, internal/web < internal/export;
	ptsim, internal/replay, internal/record, internal/chart, internal/masks, internal/script, internal/scenario,
		internal/counterexample, internal/verdicts, internal/workload, internal/perfetto, internal/stepper,
		internal/levels, internal/quiz, internal/sidebyside, internal/export, internal/conform, internal/coverage, internal/bench, internal/campaign, internal/mutants, internal/sweep < cmd/ptsim;
	internal/litmus < cmd/ptsim;
	internal/tui, internal/translate, internal/course, internal/web < cmd/ptsim;
`

// parseFloors turns the text into the set of packages that each may import.
func parseFloors(t *testing.T) map[string][]string {
	allowed := map[string][]string{}
	for _, line := range strings.Split(floors, ";") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		below, pkg, ok := strings.Cut(line, "<")
		if !ok {
			below, pkg = "", line
		}
		pkg = strings.TrimSpace(pkg)
		if _, seen := allowed[pkg]; !seen {
			allowed[pkg] = nil
		}
		for _, b := range strings.Split(below, ",") {
			if b = strings.TrimSpace(b); b == "" {
				continue
			}
			up, known := allowed[b]
			require.Truef(t, known, "%s stands on %s, which has no floor above it in the text", pkg, b)
			allowed[pkg] = append(allowed[pkg], b)
			allowed[pkg] = append(allowed[pkg], up...)
		}
	}
	return allowed
}

// packages returns the folders of the module that hold Go code, and the files of each that are no tests.
func packages(t *testing.T) map[string][]string {
	files := map[string][]string{}
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != "." && (strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, ".go") {
			dir := filepath.ToSlash(filepath.Dir(path))
			files[dir] = append(files[dir], path)
		}
		return nil
	}))
	return files
}

func pkgName(dir string) string {
	if dir == "." {
		return "ptsim"
	}
	return dir
}

func TestImportsGoOneWay(t *testing.T) {
	allowed := parseFloors(t)
	for dir, files := range packages(t) {
		pkg := pkgName(dir)
		may, known := allowed[pkg]
		if !assert.Truef(t, known, "%s is on no floor", pkg) {
			continue
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, spec := range f.Imports {
				name, err := strconv.Unquote(spec.Path.Value)
				require.NoError(t, err)
				if name != "ptsim" && !strings.HasPrefix(name, "ptsim/") {
					continue
				}
				below := strings.TrimPrefix(name, "ptsim/")
				assert.Truef(t, slices.Contains(may, below), "%s imports %s, which is not below it", path, below)
			}
		}
	}
	for pkg := range allowed {
		dir := pkg
		if pkg == "ptsim" {
			dir = "."
		}
		_, err := os.Stat(dir)
		assert.NoErrorf(t, err, "the floors name %s", pkg)
	}
}

// TestAllocatorKeepsNothingShared wants the allocator's code to have no atomics and no locks of its own: what CPUs share
// goes through kern. Counts that are a CPU's own, and hooks, it cannot tell from state.
func TestAllocatorKeepsNothingShared(t *testing.T) {
	for _, dir := range []string{"tlbgather", "pgalloc"} {
		for _, path := range packages(t)[dir] {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, spec := range f.Imports {
				assert.NotContainsf(t, []string{`"sync"`, `"sync/atomic"`}, spec.Path.Value, "%s: shared state goes through kern", path)
			}
		}
	}
}

// TestEveryPackageHasItsEssay wants a package comment of some length, and an Example for each package that others import.
func TestEveryPackageHasItsEssay(t *testing.T) {
	for dir, files := range packages(t) {
		longest, examples, command := 0, 0, false
		for _, path := range files {
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			require.NoError(t, err)
			if f.Doc != nil && !strings.HasSuffix(path, "_test.go") {
				longest = max(longest, len(f.Doc.Text()))
			}
			command = command || f.Name.Name == "main"
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(fn.Name.Name, "Example") {
					examples++
				}
			}
		}
		want := 900
		if command {
			want = 100
		}
		assert.Greaterf(t, longest, want, "%s: the package comment is no essay", dir)
		if dir != "." && !command {
			assert.Positivef(t, examples, "%s has no Example", dir)
		}
	}
}

// TestPropertyTestsLeaveNoFiles wants internal/nofiles in every package whose tests use rapid.
func TestPropertyTestsLeaveNoFiles(t *testing.T) {
	uses, has := map[string]bool{}, map[string]bool{}
	for dir, files := range packages(t) {
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				uses[dir] = uses[dir] || strings.Contains(string(text), "\"pgregory.net/"+"rapid\"")
				has[dir] = has[dir] || strings.Contains(string(text), "_ \"ptsim/internal/"+"nofiles\"")
			}
		}
	}
	for dir := range uses {
		assert.Equalf(t, uses[dir], has[dir] && uses[dir], "%s: its tests use rapid and do not import internal/nofiles", dir)
	}
	assert.NotEmpty(t, uses)
}
