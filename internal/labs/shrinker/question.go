package shrinker

import (
	"ptsim/lab"
	protocol "ptsim/shrinker"
)

// Where a shrinker may stand.
const (
	found   = "it is on the list, and a walker gets a reference"
	shut    = "it is on the list, and a walker gets no reference"
	unseen  = "it is off the list, and is not freed yet"
	isFreed = "it is freed"
)

func questions() []lab.Question {
	return []lab.Question{{
		Topic: "shrinker", About: "where a shrinker stands", Look: "Look at its count first, then whether it is on shrinker_list.", Ask: shrinkerQuestion,
	}}
}

// shrinkerQuestion asks where a shrinker stands that an operation or a callback has moved.
func shrinkerQuestion(m *lab.Move) *lab.Asked {
	if m.Broken != "" || !m.Whole {
		return nil
	}
	for i := range m.After {
		sh := &m.After[i]
		if sh.Kind != protocol.ShrinkerCache {
			continue
		}
		before, after := stands(m.Before, lab.Find(m.Before, sh.Name)), stands(m.After, sh)
		if before == after {
			continue
		}
		var wrong []string
		for _, s := range []string{found, shut, unseen, isFreed} {
			if s != after {
				wrong = append(wrong, s)
			}
		}
		return &lab.Asked{Prompt: "Where does " + sh.Name + " stand?", Right: after, Wrong: wrong, Rules: []string{rule[after]}}
	}
	return nil
}

// rule is what decides each answer.
var rule = map[string]string{found: "count-last", shut: "try-get", unseen: "unlink-last", isFreed: "grace-before-free"}

// stands says where a shrinker stands.
func stands(things []lab.Thing, sh *lab.Thing) string {
	if sh == nil || sh.Freed {
		return isFreed
	}
	seen := map[string]bool{}
	for at := lab.Find(things, global).Get("shrinker_list"); at != nil && at.To != "" && at.To != global && !seen[at.To]; at = lab.Find(things, at.To).Get("list") {
		seen[at.To] = true
	}
	switch n := sh.Get("refcount"); {
	case !seen[sh.Name]:
		return unseen
	case n != nil && n.Word == 0:
		return shut
	}
	return found
}
