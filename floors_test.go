package ptsim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floor is a line of the map in docs/architecture.md, or of a copy of it.
var floor = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]*) \\| ([^|]+) \\|$")

// readMap returns what each package stands on, as docs/architecture.md says it.
func readMap(t *testing.T) map[string][]string {
	text, err := os.ReadFile("docs/architecture.md")
	require.NoError(t, err)
	on := map[string][]string{}
	for _, m := range floor.FindAllStringSubmatch(string(text), -1) {
		assert.NotContains(t, on, m[1], "%s has two lines in docs/architecture.md", m[1])
		on[m[1]] = []string{}
		for _, pkg := range strings.Split(m[2], ", ") {
			if pkg = strings.Trim(pkg, "` "); pkg != "" {
				on[m[1]] = append(on[m[1]], pkg)
			}
		}
	}
	return on
}

// below returns what a package may import: what it stands on, and whatever that may. A circle fails the test.
func below(t *testing.T, on map[string][]string, pkg string, above ...string) []string {
	require.NotContains(t, above, pkg, "docs/architecture.md has a circle")
	var list []string
	for _, p := range on[pkg] {
		require.Containsf(t, on, p, "docs/architecture.md: %s stands on %s, which has no line", pkg, p)
		list = append(append(list, p), below(t, on, p, append(above, pkg)...)...)
	}
	return list
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

// imports returns the packages of the module that files import, tests left out.
func imports(t *testing.T, files []string) map[string]string {
	at := map[string]string{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if name == "ptsim" || strings.HasPrefix(name, "ptsim/") {
				at[strings.TrimPrefix(name, "ptsim/")] = path
			}
		}
	}
	return at
}

// TestImportsGoOneWay holds the code to the map, and the map to the code.
func TestImportsGoOneWay(t *testing.T) {
	on := readMap(t)
	all := packages(t)
	for dir, files := range all {
		pkg := pkgName(dir)
		if !assert.Containsf(t, on, pkg, "docs/architecture.md has no line for %s", pkg) {
			continue
		}
		may, does := below(t, on, pkg), imports(t, files)
		for name, path := range does {
			assert.Containsf(t, may, name, "%s imports %s, on which %s does not stand in docs/architecture.md", path, name, pkg)
		}
		for _, name := range on[pkg] {
			assert.Containsf(t, does, name, "docs/architecture.md: %s stands on %s, and does not import it", pkg, name)
			for _, other := range on[pkg] {
				assert.NotContainsf(t, below(t, on, other), name, "docs/architecture.md: %s reaches %s through %s", pkg, name, other)
			}
		}
	}
	for pkg := range on {
		assert.Truef(t, pkg == "ptsim" || all[pkg] != nil, "docs/architecture.md has a line for %s, which is not there", pkg)
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

// atStart is what no package imports, since it does work at every start of the program, and what to take instead.
var atStart = map[string]string{
	"encoding/gob": "internal/checkpoint has JSON", "encoding/xml": "html.EscapeString",
	"github.com/yuin/goldmark/extension": "internal/course has tables of its own",
}

// TestStartIsCheap wants nothing to be built before it is wanted: no import of atStart, and no regular expression that is compiled
// whether somebody asks for it or not.
func TestStartIsCheap(t *testing.T) {
	for _, files := range packages(t) {
		for _, path := range files {
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			if strings.HasSuffix(path, "_test.go") || f.Name.Name == "main" {
				continue
			}
			for _, spec := range f.Imports {
				name, err := strconv.Unquote(spec.Path.Value)
				require.NoError(t, err)
				assert.Emptyf(t, atStart[name], "%s imports %s, which costs time at every start", path, name)
			}
			for _, d := range f.Decls {
				if d, ok := d.(*ast.GenDecl); ok {
					ast.Inspect(d, func(n ast.Node) bool {
						if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "MustCompile" {
							t.Errorf("%s compiles a regular expression at every start; sync.OnceValue does it when it is wanted", path)
						}
						_, isFunc := n.(*ast.FuncLit)
						return !isFunc
					})
				}
			}
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

// TestProtocolsNameTheirFunctions wants each package of protocol code to say that its functions are the kernel's: kern knows no package
// above it.
func TestProtocolsNameTheirFunctions(t *testing.T) {
	for dir, files := range packages(t) {
		if dir == "." || dir == "explore" || dir == "lab" || strings.ContainsRune(dir, '/') {
			continue
		}
		primitives, names := dir == "kern", false
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			primitives = primitives || strings.Contains(string(text), "\"ptsim/kern\"")
			names = names || strings.Contains(string(text), "NameFunctions(\"ptsim/"+dir+"\"") || dir == "kern" && strings.Contains(string(text), "NameFunctions(self")
		}
		assert.Equalf(t, primitives, names, "%s: a package in kern's primitives calls kern.NameFunctions from init, see mmctx/functions.go", dir)
	}
}

// TestKernKnowsNobodyAboveIt wants the library's floors to name no protocol: neither its packages nor its kinds of violation.
func TestKernKnowsNobodyAboveIt(t *testing.T) {
	var above []string
	for dir := range packages(t) {
		if !slices.Contains([]string{"kern", "rcuhead", "explore", "lab", "memory", "."}, dir) && !strings.ContainsRune(dir, '/') {
			above = append(above, dir+".", "ptsim/"+dir)
		}
	}
	require.Contains(t, above, "pgalloc.")
	for _, dir := range []string{"kern", "rcuhead", "explore", "lab"} {
		for _, path := range packages(t)[dir] {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			require.NoError(t, err)
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					for _, name := range above {
						assert.Falsef(t, strings.Contains(lit.Value, name) || strings.Contains(lit.Value, "mm_"), "%s: %s names %s", path, lit.Value, name)
					}
				}
				return true
			})
		}
	}
}

// ofEveryLab are the packages that serve every lab. What one of them must know of a protocol, the lab tells it: by the fields of lab.Lab.
var ofEveryLab = []string{"kern", "rcuhead", "explore", "memory", "lab", "internal/scenario", "internal/question", "internal/phrase",
	"internal/counterexample", "internal/coverage", "internal/verdicts", "internal/explain", "internal/stepper", "internal/levels",
	"internal/sidebyside", "internal/draw", "internal/course", "internal/quiz", "internal/tui", "internal/web", "internal/export"}

// TestWhoKnowsTheAllocator wants them to import no protocol, no lab and no face of one protocol. masks, run, retract, compare, record and
// the like are the page tables' own.
func TestWhoKnowsTheAllocator(t *testing.T) {
	protocols := []string{"pgalloc", "mmctx", "tlbgather", "s390sim", "stack", "zsmalloc", "zswap", "shrinker", "swap", "percpuref", "internal/masks"}
	for _, dir := range ofEveryLab {
		files := packages(t)[dir]
		require.NotEmpty(t, files, dir)
		for name, path := range imports(t, files) {
			assert.Falsef(t, slices.Contains(protocols, name) || strings.HasPrefix(name, "internal/labs/"), "%s imports %s; expected a field of lab.Lab", path, name)
		}
	}
}

// TestWordsOfThePageTables wants no word of the page tables in a string of the packages that serve every lab. Drawings are left out: the
// cards of an mm, a file and a mapping are kinds of drawing (lab.Scene), and their labels are the kernel's. So is internal/quiz/describe.go, which
// says in sentences what a drawing shows.
func TestWordsOfThePageTables(t *testing.T) {
	word := regexp.MustCompile(`mm_count|mm_users|pgtable_list|page_table|pte_free|__tlb|tlbfree|PageActive|i_mmap|context\.lock|mmgrab|mmdrop|khugepaged|pt_mm|mmu_table|PP\|HH`)
	for _, dir := range ofEveryLab {
		if slices.Contains([]string{"internal/draw", "internal/tui", "internal/sidebyside", "internal/course"}, dir) {
			continue
		}
		for _, path := range packages(t)[dir] {
			if strings.HasSuffix(path, "_test.go") || path == filepath.Join("internal", "quiz", "describe.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					assert.Falsef(t, word.MatchString(lit.Value), "%s: %s; expected it in internal/labs/pagetable", path, lit.Value)
				}
				return true
			})
		}
	}
}
