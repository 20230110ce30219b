package sidebyside

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/prose"
	"ptsim/internal/stepper"
)

// difference is one thing in which two states differ. Two with one key are the same difference; two of one thing may be a
// difference that has grown.
type difference struct{ thing, key, text string }

// differ compares two states, each as its side knows it.
func differ(left, right *stepper.View, l, r *known) []difference {
	d := &differences{l: l, r: r}
	if whole(left) != whole(right) {
		d.tables(left, right)
	} else {
		d.pages(left, right)
	}
	d.mms(left, right, whole(left) == whole(right))
	d.queue("RCU", contents(left, left.RCU, l), contents(right, right.RCU, r))
	d.queue("the workqueue", contents(left, left.Work, l), contents(right, right.Work, r))
	d.violations(left, right)
	return d.list
}

// violations compares what has gone wrong. That one side has not come to its end yet is no difference.
func (d *differences) violations(left, right *stepper.View) {
	said := func(v *stepper.View) string {
		if v.Violation == nil {
			return "nothing"
		}
		return v.Violation.Kind
	}
	if l, r := said(left), said(right); l != r {
		d.say("violation", l+"|"+r, "what has gone wrong: %s in %s, %s in %s", l, d.l.version, r, d.r.version)
	}
}

// differences collects differences.
type differences struct {
	l, r *known
	list []difference
}

func (d *differences) say(thing, values, format string, args ...any) {
	d.list = append(d.list, difference{thing, thing + " " + values, fmt.Sprintf(format, args...)})
}

// value says that one thing has two values.
func (d *differences) value(what, left, right string) {
	if left != right {
		d.say(what, left+"|"+right, "%s: %s in %s, %s in %s", what, left, d.l.version, right, d.r.version)
	}
}

// whole tells whether every table has a page to itself, so that there are no halves to compare.
func whole(v *stepper.View) bool {
	for i := range v.Pages {
		if !v.Pages[i].Whole {
			return false
		}
	}
	return len(v.Pages) > 0
}

// pages compares pages by what they are known by.
func (d *differences) pages(left, right *stepper.View) {
	l, r := byKey(left, d.l), byKey(right, d.r)
	for _, key := range union(l, r) {
		p, q := l[key], r[key]
		switch pThere, qThere := p != nil && !p.Freed, q != nil && !q.Freed; {
		case !pThere && !qThere:
			continue
		case pThere != qThere:
			d.value("the page of "+key, pageStands(p), pageStands(q))
			continue
		}
		name := p.Name
		if q.Name != name {
			name = "the page of " + key
		}
		if !p.Whole || !q.Whole {
			d.value(name+"'s mask", p.Mask, q.Mask)
		} else {
			d.value(name, p.Halves[0].State.String(), q.Halves[0].State.String())
		}
		d.value(name+"'s words", p.Words.String(), q.Words.String())
		d.value(name+"'s PageActive", prose.OnOff(p.Active), prose.OnOff(q.Active))
	}
}

func pageStands(p *stepper.Page) string {
	switch {
	case p == nil:
		return "not there"
	case p.Freed:
		return "free"
	}
	return "in use"
}

func byKey(v *stepper.View, k *known) map[string]*stepper.Page {
	m := map[string]*stepper.Page{}
	for i := range v.Pages {
		m[k.key(v.Pages[i].Name)] = &v.Pages[i]
	}
	return m
}

// tables compares what is common to halves and whole pages: what becomes of each table.
func (d *differences) tables(left, right *stepper.View) {
	l, r := stands(left), stands(right)
	for _, name := range union(l, r) {
		d.value("table "+name, cmp.Or(l[name], "gone"), cmp.Or(r[name], "gone"))
	}
}

// stands returns what each table in use is doing.
func stands(v *stepper.View) map[string]string {
	m := map[string]string{}
	for i := range v.Pages {
		p := &v.Pages[i]
		for h := range p.Halves {
			if t := p.Halves[h].Table; t != "" && !p.Freed && p.Halves[h].State != stepper.HalfFree {
				m[t] = p.Halves[h].State.String()
			}
		}
	}
	return m
}

// mms compares mms: who is alive, what refers to them, and, where both have them, the lists.
func (d *differences) mms(left, right *stepper.View, lists bool) {
	for i := range left.MMs {
		p := &left.MMs[i]
		n := slices.IndexFunc(right.MMs, func(q stepper.MM) bool { return q.Name == p.Name })
		if n < 0 {
			d.value(p.Name, "made", "not made yet")
			continue
		}
		q := &right.MMs[n]
		if p.Freed || q.Freed {
			d.value(p.Name, alive(p), alive(q))
			continue
		}
		// What differs by the same amount from the start on is no new difference.
		if p.Users != q.Users {
			d.say(p.Name+" users", fmt.Sprint(p.Users-q.Users), "%s's mm_users: %d in %s, %d in %s", p.Name, p.Users, d.l.version, q.Users, d.r.version)
		}
		if p.Count != q.Count {
			d.say(p.Name+" count", fmt.Sprint(p.Count-q.Count), "%s's mm_count: %d in %s, %d in %s", p.Name, p.Count, d.l.version, q.Count, d.r.version)
		}
		if lists {
			d.value(p.Name+"'s list", cmp.Or(listed(p, d.l), "empty"), cmp.Or(listed(q, d.r), "empty"))
		}
	}
	for i := range right.MMs {
		q := &right.MMs[i]
		if !slices.ContainsFunc(left.MMs, func(p stepper.MM) bool { return p.Name == q.Name }) {
			d.value(q.Name, "not made yet", "made")
		}
	}
}

func alive(m *stepper.MM) string {
	if m.Freed {
		return "freed"
	}
	return "alive"
}

func listed(m *stepper.MM, k *known) string {
	var list []string
	for _, page := range m.List {
		list = append(list, "the page of "+k.key(page))
	}
	return strings.Join(list, ", ")
}

// contents says what is queued, whatever it is called.
func contents(v *stepper.View, queue []stepper.Callback, k *known) []string {
	var list []string
	for i := range queue {
		list = append(list, k.content(v, queue[i].Func, queue[i].Object).String())
	}
	slices.Sort(list)
	return list
}

func (d *differences) queue(what string, left, right []string) {
	d.value(what+" has", cmp.Or(prose.List(left, "and"), "nothing"), cmp.Or(prose.List(right, "and"), "nothing"))
}

func union[T any](a, b map[string]T) []string {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}
