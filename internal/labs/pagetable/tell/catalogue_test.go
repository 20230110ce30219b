package tell

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ptsim/kern"
	"ptsim/lab"
	"ptsim/pgalloc"
	_ "ptsim/s390sim" // its functions have names if it is there

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite docs/reference/rules.md and the goldens")

const top = "../../../../"

// headings returns the anchors of a file's headings, by GitHub's rules: lower case, no punctuation, blanks to hyphens, and a
// number behind what is there already.
func headings(t *testing.T, path string) map[string]string {
	text, err := os.ReadFile(top + path)
	require.NoError(t, err)
	found := map[string]string{}
	fenced := false
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		m := regexp.MustCompile(`^#{1,6} +(.*?) *$`).FindStringSubmatch(line)
		if m == nil || fenced {
			continue
		}
		a := strings.ToLower(m[1])
		a = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(a, "")
		a = strings.ReplaceAll(a, " ", "-")
		for i := 1; found[a] != ""; i++ {
			a = strings.TrimSuffix(a, "-"+string(rune('0'+i-1))) + "-" + string(rune('0'+i))
		}
		found[a] = m[1]
	}
	return found
}

// modelled returns the kernel names of all functions that the project's packages have.
func modelled(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, pkg := range []string{"kern", "mmctx", "tlbgather", "pgalloc", "s390sim"} {
		files, err := filepath.Glob(top + pkg + "/*.go")
		require.NoError(t, err)
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			require.NoError(t, err)
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				full := "ptsim/" + pkg + "." + fn.Name.Name
				if fn.Recv != nil {
					full = "ptsim/" + pkg + ".(*T)." + fn.Name.Name
				}
				names[kern.KernelName(full)] = true
			}
		}
	}
	delete(names, "")
	require.Greater(t, len(names), 100)
	return names
}

// Every citation leads somewhere: functions to the table of functions, and that to functions of this project; mails to their
// heading in docs/thread.md; sections to headings.
func TestCitationsResolve(t *testing.T) {
	anchors := map[string]map[string]string{}
	resolve := func(link string) string {
		file, a, ok := strings.Cut(link, "#")
		require.True(t, ok, link)
		if anchors[file] == nil {
			anchors[file] = headings(t, file)
		}
		return anchors[file][a]
	}
	cited := map[string]bool{}
	for _, r := range Rules() {
		for _, v := range names() {
			if !r.Holds(v) {
				continue
			}
			cites := r.Cites(v)
			assert.NotEmptyf(t, cites, "%s in %s", r.ID, v)
			assert.Equal(t, cites, known()[r.ID].cites(variantOf(v), nil))
			for fn, list := range known()[r.ID].from[variantOf(v)].first {
				assert.ElementsMatch(t, cites, list)
				assert.Equal(t, list, known()[r.ID].cites(variantOf(v), []string{"xor", fn}))
			}
			for _, c := range cites {
				switch c.Kind {
				case lab.CiteKernel:
					name, version, ok := strings.Cut(c.Where, "(), ")
					f := function(name, variantOf(v))
					require.Truef(t, ok && f != nil, "%s: %s in %s", r.ID, c.Where, v)
					assert.Equal(t, version, f.Versions)
					assert.Empty(t, Link(c))
					cited[c.Where] = true
				case lab.CiteMail:
					assert.Equal(t, c.Where, resolve(Link(c)), r.ID)
				case lab.CiteDocs:
					assert.NotEmptyf(t, resolve(Link(c)), "%s: %s", r.ID, c.Where)
				default:
					assert.Fail(t, "no such kind", c.Kind)
				}
			}
		}
		for _, name := range r.kernel {
			found := false
			for _, v := range r.Variants {
				found = found || function(name, v) != nil
			}
			assert.Truef(t, found, "%s: none of its versions has %s()", r.ID, name)
		}
	}
	for _, f := range Functions() {
		assert.Truef(t, cited[f.Where()], "nobody cites %s", f.Where())
	}
}

func TestFunctionsAreThoseOfTheModel(t *testing.T) {
	names := modelled(t)
	version := regexp.MustCompile(`^(v\d\.\d+( to v\d\.\d+| on)?|RFC of June 2023)$`)
	seen := map[string]bool{}
	for _, f := range Functions() {
		assert.Truef(t, names[f.model()], "no function of the model stands for %s()", f.Name)
		assert.Regexp(t, version, f.Versions)
		for _, v := range f.Variants {
			assert.Falsef(t, seen[f.Name+string(v)], "%s of %s is there twice", f.Name, v)
			seen[f.Name+string(v)] = true
			// What is one version's alone is named by that version's own name.
			if len(f.Variants) > 1 {
				continue
			}
			assert.Equal(t, v.Info().Kernel, f.Versions, f.Name)
		}
	}
	assert.False(t, names["no_such_function"])
	assert.Nil(t, function("pte_free_defer", pgalloc.Classic), "there was none")
	assert.Nil(t, function("page_table_free_rcu", pgalloc.FullPage), "it is pte_free_tlb there")
}

func TestRulesAreSentences(t *testing.T) {
	ids, texts := map[string]bool{}, map[string]bool{}
	for _, r := range Rules() {
		assert.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, r.ID)
		assert.False(t, ids[r.ID] || texts[r.Text], r.ID)
		ids[r.ID], texts[r.Text] = true, true
		assert.LessOrEqual(t, len(r.Text), 240, r.ID)
		assert.True(t, strings.HasSuffix(r.Text, ".") && strings.Count(r.Text, ". ") <= 3, "a few short sentences: %s", r.Text)
		assert.NotEmpty(t, r.Variants, r.ID)
		got, ok := Lookup(r.ID)
		assert.True(t, ok)
		assert.Equal(t, r, got)
	}
	_, ok := Lookup("no-such-rule")
	assert.False(t, ok)
}

func TestDocsAreFresh(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Markdown(&b))
	path := top + "docs/reference/rules.md"
	if *update {
		require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(text), b.String(), "go test ./internal/explain -update")
	link := regexp.MustCompile(`\]\(([a-z./-]+\.md)(#[^)]*)?\)`)
	for _, m := range link.FindAllStringSubmatch(b.String(), -1) {
		if found := headings(t, "docs/reference/"+m[1]); m[2] != "" {
			assert.NotEmpty(t, found[strings.TrimPrefix(m[2], "#")], m[0])
		}
	}
}
