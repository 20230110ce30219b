package explain

import (
	"os"
	"strings"
	"testing"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A step that no rule of a lab is about is told in the words of the table, so a new primitive has its sentence, its rule and its
// source from its entry.
func TestEveryPrimitiveIsTold(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/primitives.md")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(doc), "# The primitives\n"))
	none := &lab.Lab{}
	rules := map[string]string{}
	for _, k := range kern.Primitives() {
		p := kern.PrimitiveOf(k)
		assert.NotContains(t, promises(kern.Op{Kind: k}), "", "%v: an order or a lock has no words in primitive.go", k)
		f := &lab.Facts{Who: "exit", Step: &explore.Step{Op: kern.Op{Kind: k, Addr: 1}, Result: 1}, Thing: "thing1", Object: "thing1", Field: "lock", Does: p.Does}
		s := Step(f, none)
		assert.Equal(t, "exit "+p.Does+".", s.Text)
		require.Len(t, s.Cites, 1)
		assert.Equal(t, lab.Cite{Kind: lab.CiteDocs, Where: "docs/reference/primitives.md#the-primitives"}, s.Cites[0])
		assert.LessOrEqual(t, len(s.Rule), 250, s.Rule)
		assert.True(t, strings.HasPrefix(s.Rule, f.Step.Op.Name()) && strings.HasSuffix(s.Rule, ".") && !strings.Contains(s.Rule, ". "), s.Rule)
		rules[k.String()] = s.Rule
		for _, form := range p.Forms {
			op := kern.Op{Kind: k, Order: form.Order}
			assert.True(t, strings.HasPrefix(RuleOf(op), form.Kernel), RuleOf(op))
			assert.NotContains(t, promises(op), "", "%v: an order or a lock has no words in primitive.go", op)
		}
		f.Bad = &kern.Violation{Kind: kern.LockMisuse, Detail: "is in the wrong"}
		assert.Equal(t, "exit "+p.Does+"; VIOLATION: "+f.Bad.Sentence()+".", Step(f, none).Text, "%v", k)
	}
	assert.Greater(t, len(rules), 20)
	assert.Equal(t, "spin_lock() waits until nobody has the lock, and keeps what follows behind it.", rules["spin_lock"])
	assert.Equal(t, "READ_ONCE() is one access and orders nothing else.", rules["read"])
	assert.Equal(t, "local_bh_disable() keeps softirqs off this CPU.", rules["bh_disable"])
}
