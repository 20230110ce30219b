package scenario

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/labs"
	"ptsim/lab"
)

// at completes a text at the place of the bar.
func at(t *testing.T, text string) (words []string, c Completion) {
	before, after, ok := strings.Cut(text, "|")
	require.True(t, ok)
	c = Complete(before, after)
	for _, w := range c.Words {
		words = append(words, w.Text)
	}
	return words, c
}

// What may stand at a place is what the language has there, and the names of the text.
func TestComplete(t *testing.T) {
	const start = "title x\nmm 1 users 2\nmm 2\npage 1 t0 t1\nfile f\nvma v f 1 t0\n"
	for _, c := range []struct {
		text string
		want []string
	}{
		{"ti|", []string{"title"}},
		{"x|", nil},
		{"mm |", []string{"1"}},
		{start + "mm |", []string{"3"}},
		{start + "mm 3 |", []string{"users", "pgste"}},
		{start + "mm 3 users 1 |", []string{"pgste"}},
		{start + "page |", []string{"1", "2"}},
		{start + "page 1 |", []string{"-"}},
		{start + "vma w |", []string{"f"}},
		{start + "vma w f 1 |", []string{"t0", "t1", "-"}},
		{start + "vma |", nil}, // a new name
		{start + "grace |", []string{"precise", "any"}},
		{start + "without |", []string{"lazy-flush"}},
		{start + "task |", nil}, // a new name
		{start + "task a |", []string{"on", "may"}},
		{start + "task a on |", []string{"cpu0", "cpu1"}},
		{start + "task a on cpu1 |", []string{"may"}},
		{start + "task a on cpu1 may |", []string{"fail"}},
		{start + "task a on cpu1 may fail |", nil},
		{start + "task a may |", []string{"fail"}},
		{start + "task a\n  tl|", []string{"tlbfree"}},
		{start + "task a\n  down|", []string{"down_read", "down_write"}},
		{start + "task a\n  defer |", []string{"t0", "t1"}},
		{start + "task a\n  defer t|", []string{"t0", "t1"}},
		{start + "task a\n  defer t0 |", nil},
		{start + "task a\n  take |", []string{"v"}},
		{start + "task a\n  take v |", []string{"->"}},
		{start + "task a\n  take v -> |", nil}, // a new name
		{start + "task a\n  take v -> x\n  free |", []string{"t0", "t1", "x"}},
		{start + "task a\n  take v -> x\ntask b\n  free |", []string{"t0", "t1"}}, // x is the other task's
		{start + "task a\n  free |\n  take v -> x\n", []string{"t0", "t1"}},       // and not there yet
		{start + "task a\n  down_read |", []string{"f"}},
		{start + "task a\n  fork 1 -> |", []string{"3"}},
		{start + "task a\n  fork 1 -> 3\n  mmput |", []string{"1", "2", "3"}},
		{start + "task a\n  free t0 # de|", nil}, // a comment
		{start + "task a\nfinally\n|", []string{"freed", "alive", "kept"}},
		{start + "task a\nfinally\nkept |", []string{"t0", "t1"}},
		{start + "task a\nfinally\nalive |", []string{"1", "2"}},
		{"task a\n  free |\n", nil},
		{"title a b|", nil},
	} {
		words, _ := at(t, c.text)
		assert.Equal(t, c.want, words, c.text)
	}
	_, c := at(t, start+"task a\n  retract v |")
	assert.Equal(t, "retract VMA -> TABLE", c.Form)
	assert.Contains(t, c.About, "in one atomic step")
	_, c = at(t, "mm|")
	assert.Equal(t, "mm", c.Typed)
}

// Every form of the language is completed from nothing, word by word, into a line that Parse takes for what it is.
func TestCompleteKnowsTheWholeLanguage(t *testing.T) {
	seen := map[string]bool{}
	for part, before := range map[part]string{inSetup: "", inTask: "task a\n", inFinally: "task a\nfinally\n"} {
		words, c := at(t, before+"|")
		for i, w := range words {
			seen[w] = true
			assert.True(t, strings.HasPrefix(c.Words[i].Form, w), w)
			_, in := at(t, before+w+" |")
			assert.Equal(t, c.Words[i].Form, in.Form, w)
			errs := Check("f.scn", before+w+" ? ? ? ? ? ?")
			for _, e := range errs {
				assert.NotContains(t, e.What, "unknown word", "%s in part %d", w, part)
				assert.NotContains(t, e.What, "unknown operation", "%s in part %d", w, part)
			}
		}
	}
	l := labs.Default()
	for _, v := range l.Verbs {
		assert.True(t, seen[lab.Word(v.Form)], v.Form)
		assert.Less(t, len(v.About), 300, v.Form)
	}
	for w := range headerWords {
		assert.True(t, seen[w], w)
	}
	for _, n := range l.Nouns {
		assert.True(t, seen[lab.Word(n.Form)], n.Form)
	}
	assert.Equal(t, "page_table_free(): at once", l.Verb("free").About)
	assert.Equal(t, l.Verb("link").About, l.Verb("unlink").About)
	assert.Contains(t, l.Verb("up_write").About, "i_mmap_rwsem")
}

// What may stand at a place of a scenario of another lab is what that lab has there.
func TestCompleteKnowsOtherLabs(t *testing.T) {
	const start = "lab stack\ntitle x\nstack s\nnode a on s\n"
	for _, c := range []struct {
		text string
		want []string
	}{
		{"la|", []string{"lab"}},
		{"lab st|", []string{"stack"}},
		{start + "no|", []string{"node"}},
		{start + "mm|", nil},
		{start + "pi|", nil}, // its versions have no pins
		{start + "variant |", []string{"treiber", "counted", "llist"}},
		{start + "node b |", []string{"on"}},
		{start + "node b on |", []string{"s"}},
		{start + "node b on s |", nil},
		{start + "task t\n  p|", []string{"push", "pop"}},
		{start + "task t\n  pop |", []string{"s"}},
		{start + "task t\n  pop s |", []string{"->"}},
		{start + "task t\n  pop s -> x\n  push s |", []string{"a", "x"}},
		{start + "task t\n  pop s -> x\ntask u\n  push s |", []string{"a"}},
		{start + "task t\n  pop s -> x\nfinally\n  |", []string{"on"}},
		{start + "task t\n  pop s -> x\nfinally\n  on s |", []string{"a"}},
	} {
		words, _ := at(t, c.text)
		assert.Equal(t, c.want, words, c.text)
	}
}

// Check finds what Parse finds, and the lines that are wrong behind it.
func TestCheck(t *testing.T) {
	lines := func(text string) (at []int) {
		for _, e := range Check("f.scn", text) {
			at = append(at, e.Line)
		}
		return at
	}
	assert.Equal(t, []int{2, 4, 5, 7}, lines("title x\nmm nothing\ntask a\n  fly t0\n  free\n  mmput 1\n  mmput x\n"))
	assert.Equal(t, []int{1, 3}, lines("task a b\n  mmput 1\n  nothing\ntitle y\n")[:2], "what follows a task is in it, whatever is wrong with its name")
	assert.Equal(t, []int{2, 0}, lines("title x\nnothing\n"))
	assert.Len(t, lines("title x\ntask a\n"+strings.Repeat("nothing\n", 50)), MaxErrors)
	assert.Equal(t, []int{3}, lines("title x\ntask a\n  either 2\n  free t\n  or\n  free t\n  end\n")[:1])
	assert.Len(t, lines("title x\ntask a\n  either 2\n  ipi\n  or\n  ipi\n  end\n"), 1, "the branches of it are not wrong, too")
	for _, name := range Names() {
		s, err := Load(name)
		require.NoError(t, err)
		assert.Empty(t, Check(s.File, s.Source), name)
		// Whatever is cut out of it, the first error is the one that Parse tells.
		all := strings.Split(s.Source, "\n")
		for i := range all {
			text := strings.Join(append(append([]string{}, all[:i]...), all[i+1:]...), "\n")
			_, err := Parse("f.scn", text)
			errs := Check("f.scn", text)
			if err == nil {
				assert.Empty(t, errs)
				continue
			}
			require.NotEmpty(t, errs, text)
			assert.Equal(t, err.Error(), errs[0].Error())
		}
	}
}
