package stepper

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// things returns all things of a view by name, as JSON has them, and which of them bear a mark; the marks themselves are
// taken out.
func things(t *testing.T, v *View) (all map[string]string, marked map[string]bool) {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(b, &tree))
	all, marked = map[string]string{}, map[string]bool{}
	for _, kind := range []string{"pages", "mms", "batches", "rcu", "work", "files", "vmas"} {
		for _, e := range tree[kind].([]any) {
			thing := e.(map[string]any)
			name := kind + " " + thing["name"].(string)
			if thing["change"] != "" {
				marked[name] = true
			}
			if thing["freed"] == true { // how it looked last is of no interest
				all[name] = "freed"
				continue
			}
			plain, err := json.Marshal(unmarked(thing))
			require.NoError(t, err)
			all[name] = string(plain)
		}
	}
	return all, marked
}

func unmarked(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if strings.HasSuffix(k, "change") {
				delete(v, k)
			} else {
				v[k] = unmarked(v[k])
			}
		}
	case []any:
		for i := range v {
			v[i] = unmarked(v[i])
		}
	}
	return v
}

// What differs from the state before is marked and said, and nothing else.
func TestMarks(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Session) {
		rng := rand.New(rand.NewPCG(5, 5))
		before, _ := things(t, s.View())
		for !s.View().Ended {
			all := moves(s.View())
			require.NoError(t, s.Take(all[rng.IntN(len(all))]))
			v := s.View()
			now, marked := things(t, v)
			differ := 0
			for name := range now {
				assert.Equal(t, now[name] != before[name], marked[name], "%s at %s: %s, was %s", name, v.Path, now[name], before[name])
				if now[name] != before[name] {
					differ++
				}
			}
			for name := range before {
				if _, there := now[name]; !there {
					assert.Regexp(t, "^(rcu|work) ", name, "only a queue forgets")
					differ++
				}
			}
			if v.Violation != nil {
				differ++
			}
			assert.Equal(t, differ > 0, len(v.Said()) > 0, "%v at %s", v.Said(), v.Path)
			before = now
		}
	})
}
