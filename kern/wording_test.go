package kern_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

func TestFill(t *testing.T) {
	got := kern.Fill("adds {int A} to {word}: {ret}.", func(form, name string) string { return "<" + form + "|" + name + ">" })
	assert.Equal(t, "adds <int|A> to <|word>: <|ret>.", got)
	assert.Equal(t, "nothing to fill", kern.Fill("nothing to fill", nil))
}

// Every primitive says how it is called and what it does, in parts that a reader of the table knows: no reader needs words of
// its own for a new one.
func TestEveryPrimitiveHasItsWords(t *testing.T) {
	forms, names := kern.Parts()
	for _, k := range kern.Primitives() {
		p := kern.PrimitiveOf(k)
		assert.NotEmpty(t, p.Call, "Call of %v", k)
		assert.NotEmpty(t, p.Does, "Does of %v", k)
		assert.False(t, strings.HasSuffix(p.Does, "."), "%v: %q is a part of a sentence", k, p.Does)
		for what, text := range map[string]string{"Call": p.Call, "Returns": p.Returns, "Does": p.Does} {
			assert.Equal(t, strings.Count(text, "{"), strings.Count(text, "}"), "%s of %v", what, k)
			kern.Fill(text, func(form, name string) string {
				assert.Contains(t, forms, form, "%s of %v: %q", what, k, text)
				assert.Contains(t, names, name, "%s of %v: %q", what, k, text)
				assert.False(t, what == "Call" && slices.Contains([]string{"ret", "now"}, name), "%v: Call is said before the step is taken: %q", k, text)
				return ""
			})
		}
		if p.Shape != kern.NoWords {
			assert.Regexp(t, `\{(word|object|page)\}`, p.Does, "%v touches words, and does not say which", k)
		}
	}
}

// In another order a primitive is called by another name.
func TestFormsHaveTheirNames(t *testing.T) {
	read := kern.Op{Kind: kern.OpRead}
	assert.Equal(t, "READ_ONCE({word})", read.Call())
	read.Order = kern.Acquire
	assert.Equal(t, "smp_load_acquire({word})", read.Call())
	assert.Equal(t, "smp_load_acquire", read.Name())
	assert.Equal(t, "read (acquire)(0x0, 0x0, 0x0)", read.String())
	assert.Equal(t, kern.Acquire, read.Ordering())
	for _, k := range kern.Primitives() {
		for _, f := range kern.PrimitiveOf(k).Forms {
			op := kern.Op{Kind: k, Order: f.Order}
			assert.Equal(t, f.Kernel, op.Name())
			assert.True(t, strings.HasPrefix(op.Call(), f.Kernel+"("), "%s: %s", f.Kernel, op.Call())
			assert.NotEqual(t, f.Order, kern.PrimitiveOf(k).Order, "%s is the usual form", f.Kernel)
		}
	}
}
