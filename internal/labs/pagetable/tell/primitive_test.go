package tell

import (
	"strings"
	"testing"

	"ptsim/explore"
	"ptsim/internal/explain"
	"ptsim/kern"
	"ptsim/lab"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A step that no rule of the allocator is about is told in the words of the table, so a new primitive has its sentence, its
// rule and its source from its entry.
func TestEveryPrimitiveIsTold(t *testing.T) {
	anchors := headings(t, "docs/reference/primitives.md")
	rules := map[string]string{}
	for _, k := range kern.Primitives() {
		p := kern.PrimitiveOf(k)
		f := &lab.Facts{Who: "exit", Step: &explore.Step{Op: kern.Op{Kind: k, Addr: 1}, Result: 1}, Thing: "thing1", Object: "thing1", Field: "lock", Does: p.Does}
		s := Step(f)
		if s.ID != "primitive" { // one that a rule is about wherever it is
			_, known := Lookup(s.ID)
			assert.True(t, known, "%v: %+v", k, s)
			continue
		}
		assert.Equal(t, "exit "+p.Does+".", s.Text)
		require.Len(t, s.Cites, 1)
		_, anchor, _ := strings.Cut(Link(s.Cites[0]), "#")
		assert.Equal(t, "The primitives", anchors[anchor])
		assert.LessOrEqual(t, len(s.Rule), 250, s.Rule)
		assert.True(t, strings.HasPrefix(s.Rule, f.Step.Op.Name()) && strings.HasSuffix(s.Rule, ".") && !strings.Contains(s.Rule, ". "), s.Rule)
		rules[k.String()] = s.Rule
		for _, form := range p.Forms {
			op := kern.Op{Kind: k, Order: form.Order}
			assert.True(t, strings.HasPrefix(explain.RuleOf(op), form.Kernel), explain.RuleOf(op))
		}
		f.Bad = &kern.Violation{Kind: kern.LockMisuse, Detail: "is in the wrong"}
		assert.Equal(t, "exit "+p.Does+"; VIOLATION: "+f.Bad.Sentence()+".", Step(f).Text, "%v", k)
	}
	assert.Greater(t, len(rules), 20)
	assert.Equal(t, "spin_lock() waits until nobody has the lock, and keeps what follows behind it.", rules["spin_lock"])
	assert.Equal(t, "READ_ONCE() is one access and orders nothing else.", rules["read"])
	assert.Equal(t, "local_bh_disable() keeps softirqs off this CPU.", rules["bh_disable"])
}
