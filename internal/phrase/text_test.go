package phrase_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/labs/pagetable"
	"ptsim/internal/phrase"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// Every primitive of the table is written, before and after it is taken, with names for its values and without a word of this
// package's own: an entry is all that a new one needs.
func TestEveryPrimitiveIsWritten(t *testing.T) {
	s, err := scenario.Load("munmap")
	require.NoError(t, err)
	m, err := pagetable.Build(s, pgalloc.RFC, "")
	require.NoError(t, err)
	names := phrase.New(m, s, "rfc")
	p, err := explore.NewStepper(m, explore.Defaults())
	require.NoError(t, err)
	defer p.Close()
	in := p.Instance()
	var mm kern.Addr
	in.Objects(func(cache string, a kern.Addr) {
		if cache == "mm_struct" {
			mm = a
		}
	})
	require.NotZero(t, mm)
	word := names.Word(mm)
	texts := map[string]bool{}
	for _, k := range kern.Primitives() {
		entry := kern.PrimitiveOf(k)
		d := explore.Step{Op: kern.Op{Kind: k, Addr: mm, A: 2, B: 3}, Result: 1}
		if entry.Frame {
			d.Op.Addr = 1
		}
		d.Note = names.Observe(in, &d)
		text, next, does := names.Text(&d), names.Next(in.M, d.Op), names.Does(&d)
		for _, said := range []string{text, next, does} {
			assert.NotEmpty(t, said, "%v", k)
			assert.NotContains(t, said, "{", "%v", k)
			assert.NotContains(t, said, "%!", "%v", k)
		}
		assert.False(t, texts[next], "%v is written like another: %s", k, next)
		texts[next] = true
		if entry.Shape != kern.NoWords && !entry.Frame {
			assert.Contains(t, does, "mm1", "%v", k)
		}
	}
	d := explore.Step{Op: kern.Op{Kind: kern.OpAdd, Addr: mm, A: ^uint32(0)}, Result: 4}
	assert.Equal(t, "atomic_add_return(-1, "+word+"): 4", names.Text(&d))
	assert.Equal(t, "adds -1 to "+word+", which makes 4", names.Does(&d))
	assert.Equal(t, "atomic_add_return(-1, "+word+")", names.Next(in.M, d.Op))
}

// What no object is at has a name all the same: NULL, poison, and what is behind NULL.
func TestSpecialAddresses(t *testing.T) {
	s, err := scenario.Load("munmap")
	require.NoError(t, err)
	m, err := pagetable.Build(s, pgalloc.RFC, "")
	require.NoError(t, err)
	names := phrase.New(m, s, "rfc")
	for a, want := range map[kern.Addr]string{0: "NULL", kern.ListPoison1: "LIST_POISON1", kern.ListPoison2: "LIST_POISON2", kern.FreePoison: "POISON_FREE", kern.UninitPoison: "POISON_INUSE"} {
		assert.Equal(t, want, names.Object(a))
		if a != 0 {
			assert.Equal(t, want, names.Held(&kern.Field{Name: "count"}, uint32(a)), "a number that is poison")
		}
	}
	assert.Equal(t, "word 0 behind NULL", names.Word(0))
	assert.Equal(t, "word 3 behind NULL", names.Word(3))
	assert.Equal(t, "free", names.Held(&kern.Field{Kind: kern.FieldLock}, 0))
	assert.Equal(t, "held", names.Held(&kern.Field{Kind: kern.FieldLock}, 7))
}
