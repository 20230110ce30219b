package sidebyside

import (
	"cmp"
	"slices"
	"strings"

	"ptsim/internal/stepper"
	"ptsim/lab"
)

// known is what has been seen of a side so far: which tables a page has, or had, which is by what both sides know it.
type known struct {
	version string
	tables  map[string][2]string // by page: what is or was last in its halves
	keys    map[string]string    // by page: the first table that was in it
}

func newKnown(version string) *known {
	return &known{version: version, tables: map[string][2]string{}, keys: map[string]string{}}
}

// see takes note of a state.
func (k *known) see(v *stepper.View) {
	for i := range v.Pages {
		p := &v.Pages[i]
		t := k.tables[p.Name]
		for h := range p.Halves {
			if name := p.Halves[h].Table; name != "" {
				t[h] = name
			}
		}
		if p.Whole {
			t[1] = ""
		}
		k.tables[p.Name] = t
		if first := t[0] + t[1]; k.keys[p.Name] == "" && first != "" {
			if t[0] != "" {
				first = t[0]
			}
			for k.taken(first) {
				first += "'"
			}
			k.keys[p.Name] = first
		}
	}
}

func (k *known) taken(key string) bool {
	for _, have := range k.keys {
		if have == key {
			return true
		}
	}
	return false
}

// key is how both sides know a page.
func (k *known) key(page string) string {
	if key := k.keys[page]; key != "" {
		return key
	}
	return page
}

// in returns the tables that a page has, or had.
func (k *known) in(page string) []string {
	var list []string
	for _, t := range k.tables[page] {
		if t != "" {
			list = append(list, t)
		}
	}
	return list
}

// at returns the table that lies somewhere, by that place's name if the table has none.
func (k *known) at(t lab.TableAt) string { return cmp.Or(k.tables[t.Page][t.Half], t.String()) }

// content is what a queued callback, or a pending work item, is for.
type content struct {
	kind   string // batch, rcu_head, or the function
	fn     string
	object string
	tables []string
}

// content says what a callback is for.
func (k *known) content(v *stepper.View, fn, object string) content {
	c := content{kind: fn, fn: fn, object: object}
	for i := range v.Batches {
		if b := &v.Batches[i]; b.Name == object {
			c.kind = "batch"
			for _, t := range b.Tables {
				c.tables = append(c.tables, k.at(t))
			}
		}
	}
	if _, page := k.tables[object]; page {
		c.kind = "rcu_head"
		switch t := k.tables[object]; {
		case fn == "now0" && t[0] != "":
			c.tables = []string{t[0]}
		case fn == "now1" && t[1] != "":
			c.tables = []string{t[1]}
		default:
			c.tables = k.in(object)
		}
	}
	slices.Sort(c.tables)
	return c
}

// String names it as neither side does: batch of t0, t1.
func (c content) String() string {
	if len(c.tables) == 0 {
		return c.fn + "(" + c.object + ")"
	}
	return c.kind + " for " + strings.Join(c.tables, ", ")
}

// likeness tells how well a callback of the other side corresponds; 0 is not at all.
func (c content) likeness(o content) int {
	common := 0
	for _, t := range c.tables {
		if slices.Contains(o.tables, t) {
			common++
		}
	}
	n := 0
	switch same := slices.Equal(c.tables, o.tables); {
	case len(c.tables) == 0 && len(o.tables) == 0:
		if c.fn != o.fn || c.object != o.object {
			return 0
		}
		n = 100
	case common == 0:
		return 0
	case same:
		n = 100
	default:
		n = 40 + common
	}
	if c.kind == o.kind {
		n += 20
	}
	if c.fn == o.fn {
		n += 10
	}
	if c.object == o.object {
		n += 5
	}
	return n
}
