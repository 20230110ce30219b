package explain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// A step that no rule of the allocator is about is told in the words of the table, so a new primitive has its sentence, its
// rule and its source from its entry.
func TestEveryPrimitiveIsTold(t *testing.T) {
	anchors := headings(t, "docs/rules.md")
	rules := map[string]string{}
	for _, k := range kern.Primitives() {
		p := kern.PrimitiveOf(k)
		f := &Facts{Who: "exit", Step: &explore.Step{Op: kern.Op{Kind: k, Addr: 1}, Result: 1}, Thing: "thing1", Word: "thing1->lock", Does: p.Does}
		s := Step(f)
		if s.ID != "primitive" { // one that a rule is about wherever it is
			_, known := Lookup(s.ID)
			assert.True(t, known, "%v: %+v", k, s)
			continue
		}
		assert.Equal(t, "exit "+p.Does+".", s.Text)
		require.Len(t, s.Cites, 1)
		_, anchor, _ := strings.Cut(s.Cites[0].Link(), "#")
		assert.Equal(t, "Primitives", anchors[anchor])
		assert.LessOrEqual(t, len(s.Rule), 250, s.Rule)
		assert.True(t, strings.HasPrefix(s.Rule, Call(k)+" ") && strings.HasSuffix(s.Rule, ".") && !strings.Contains(s.Rule, ". "), s.Rule)
		rules[k.String()] = s.Rule
		f.Bad = &kern.Violation{Kind: kern.LockMisuse, Detail: "is in the wrong"}
		assert.Equal(t, "exit "+p.Does+"; VIOLATION: "+f.Bad.Sentence()+".", Step(f).Text, "%v", k)
	}
	assert.Greater(t, len(rules), 20)
	assert.Equal(t, "spin_lock() waits until nobody has the lock, and keeps what follows behind it.", rules["spin_lock"])
	assert.Equal(t, "READ_ONCE() is one access and orders nothing else.", rules["read"])
	assert.Equal(t, "local_bh_disable() keeps softirqs off this CPU.", rules["bh_disable"])
}
