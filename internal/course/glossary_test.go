package course

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGlossary(t *testing.T) {
	list, err := Glossary()
	require.NoError(t, err)
	assert.Greater(t, len(list), 25)
	seen := map[string]string{}
	for _, k := range list {
		assert.NotEmpty(t, k.Text, k.Name)
		assert.NotContains(t, k.Name+k.Text, "`", k.Name)
		assert.NotContains(t, k.Text, "](", k.Name)
		for _, n := range k.Names {
			assert.Empty(t, seen[strings.ToLower(n)], "%s stands for two terms", n)
			seen[strings.ToLower(n)] = k.Name
		}
	}
	for name, term := range map[string]string{
		"halves": "half", "a bits": "A, H, P bits", "p bits": "A, H, P bits", "batches": "batch", "callbacks": "callback",
		"rcu_head": "rcu_head", "context.lock": "context.lock", "grace periods": "grace period", "rcu": "RCU",
	} {
		assert.Equal(t, term, seen[name], name)
	}
	assert.NotContains(t, seen, "a bit")
	i := strings.Index(list[0].Text, "allocated")
	assert.Positive(t, i, list[0].Text)
	for _, k := range list {
		if k.Name == "mask" {
			assert.Contains(t, k.Text, "-P|-H|A-", "a bar of a mask ends no cell")
		}
	}
}

// The plan of an hour is the whole hour, and speaks of the lessons that there are.
func TestPlan(t *testing.T) {
	plan, err := Plan()
	require.NoError(t, err)
	assert.Contains(t, plan, "| 0 to ")
	assert.Contains(t, plan, " to 60 |")
	for _, lesson := range []string{"lesson 1", "lesson 2", "lesson 6"} {
		assert.Contains(t, plan, lesson)
	}
	assert.NotContains(t, plan, "##")
}
