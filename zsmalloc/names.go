package zsmalloc

import (
	"fmt"
	"slices"
	"sync"

	"ptsim/kern"
)

// names are what the objects of a machine are called in reports.
type names struct {
	m *kern.Machine

	mu      sync.Mutex
	objects map[kern.Addr]named
}

// named is what an object is, and what its words are called.
type named struct {
	kind   string
	fields []kern.Field
}

func newNames(m *kern.Machine) *names {
	n := &names{m: m, objects: map[kern.Addr]named{}}
	m.Describe(n.describe)
	return n
}

func (n *names) add(a kern.Addr, kind string, fields []kern.Field) {
	n.mu.Lock()
	n.objects[a] = named{kind, fields}
	n.mu.Unlock()
}

// describe names the object that a violation's address lies in, and the word there. Zspages and handles are numbered by address.
func (n *names) describe(v *kern.Violation) {
	if v.Object != "" || !v.Addr.IsPlace() {
		return
	}
	if p := n.m.PageOf(v.Addr); p != 0 {
		v.Page, v.Object = p, fmt.Sprintf("page %d", p)
		if f := n.m.PageField(v.Addr - p.Page()); f != nil {
			v.Part = f.Name
		}
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	var before []kern.Addr
	for a := range n.objects {
		if a <= v.Addr {
			before = append(before, a)
		}
	}
	if len(before) == 0 {
		return
	}
	at := slices.Max(before)
	o := n.objects[at]
	f, _ := kern.FieldAt(o.fields, v.Addr-at)
	if f == nil {
		return
	}
	v.Object, v.Part = o.kind, f.Name
	if o.kind == ZspageCache || o.kind == HandleCache {
		number := 0
		for _, a := range before {
			if n.objects[a].kind == o.kind {
				number++
			}
		}
		v.Object = fmt.Sprintf("%s %d", o.kind, number)
	}
}
