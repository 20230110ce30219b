package stepper

import (
	"fmt"
	"strings"

	"ptsim/lab"
)

// teller walks two views once. It marks in the later one what changed, and says the same in words, for readers who cannot see
// marks.
type teller struct{ said []string }

func (t *teller) say(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

// changes marks in v what differs from the view before it, with the lab's own part, and returns the same in words.
func changes(before, v *View, follow lab.Follower) []string {
	t := &teller{}
	var back []string
	if follow != nil {
		t.said, back = follow.Changes(&before.Scene, &v.Scene)
	}
	for i := range v.Things {
		k := &v.Things[i]
		t.thing(lab.FindFunc(before.Things, func(q *Thing) bool { return q.Name == k.Name }), k)
	}
	t.queue("RCU", before.RCU, v.RCU)
	t.queue("workqueue", before.Work, v.Work)
	t.said = append(t.said, back...)
	if t.said == nil {
		return []string{}
	}
	return t.said
}

// queue compares what was and is queued: callbacks, or work items.
func (t *teller) queue(what string, before, now []Callback) {
	for i := range now {
		c := &now[i]
		q := lab.FindFunc(before, func(q *Callback) bool { return q.Name == c.Name })
		if q == nil {
			c.Change = Appeared
			t.say("%s: %s is queued", what, c.Name)
			continue
		}
		if c.Change = lab.DiffLists(c.Waits, q.Waits); c.Change == Same {
			continue
		}
		if len(c.Waits) == 0 {
			t.say("%s: the grace period of %s is over", what, c.Name)
		} else {
			t.say("%s: %s waits for %s", what, c.Name, strings.Join(c.Waits, " and "))
		}
	}
	for i := range before {
		if lab.FindFunc(now, func(q *Callback) bool { return q.Name == before[i].Name }) == nil {
			t.say("%s: %s begins to run", what, before[i].Name)
		}
	}
}
