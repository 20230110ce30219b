package quiz_test

import (
	"slices"
	"strings"
)

// halves is a set of halves: "", "0", "1", "01".
type halves string

func (s halves) has(h string) bool { return strings.Contains(string(s), h) }

func (s halves) without(h string) halves { return halves(strings.ReplaceAll(string(s), h, "")) }

func (s halves) with(h string) halves {
	t := strings.Split(string(s.without(h))+h, "")
	slices.Sort(t)
	return halves(strings.Join(t, ""))
}

// sheet is a page as the sets of its halves that are allocated, pending, and on the rcu_head.
type sheet struct {
	alloc, pending, head halves
	active, listed       bool
}

// sheetOf reads a picture of a mask.
func sheetOf(picture string) sheet {
	groups := strings.Split(picture, "|")
	set := func(g string) halves {
		s := halves("")
		if g[1] != '-' {
			s += "0"
		}
		if g[0] != '-' {
			s += "1"
		}
		return s
	}
	return sheet{pending: set(groups[0]), head: set(groups[1]), alloc: set(groups[2])}
}

func (p sheet) String() string {
	out := ""
	for i, s := range []halves{p.pending, p.head, p.alloc} {
		for _, h := range []string{"1", "0"} {
			if s.has(h) {
				out += string("PHA"[i])
			} else {
				out += "-"
			}
		}
		if i < 2 {
			out += "|"
		}
	}
	return out
}

// expected is what the published descriptions of a version say that an operation comes to. "" is: do not know.
type expected struct {
	mask, list, rcu, free string
}

// model is the rules of a version, in words of sets.
type model struct{ version string }

func (m model) twoSteps() bool { return m.version == "classic" || m.version == "active" }

// shouldBeListed is the list rule.
func (m model) shouldBeListed(p sheet) bool {
	one := len(p.alloc) == 1
	switch m.version {
	case "classic":
		return one
	case "active":
		return one && !p.active
	}
	return one && p.pending == ""
}

// list says how the page comes from where it was on the list to where it should be.
func (m model) list(was bool, p sheet, add string) string {
	switch now := m.shouldBeListed(p); {
	case now && (!was || add == "tail" || m.twoSteps() && add == "head"):
		return add
	case was && !now:
		return "off"
	}
	return "stays"
}

// fate says who gives the page back.
func (m model) fate(p sheet, begun bool) string {
	switch {
	case p.alloc != "":
		return "nobody"
	case p.pending == "" && p.active:
		return "callback"
	case p.pending == "":
		return "now"
	case m.version == "rfc-as-posted" && (p.head == "01" || begun && p.head != ""):
		return "never"
	}
	return "callback"
}

// whole is v6.7: the table is the page.
func whole(verb string) expected {
	switch verb {
	case "tlbfree":
		return expected{rcu: "batch", free: "callback"}
	case "defer":
		return expected{rcu: "head", free: "callback"}
	}
	return expected{rcu: "nothing", free: "now"}
}

// after says what an operation on one half comes to.
func (m model) after(p sheet, verb, half string) expected {
	if m.version == "classic" && verb == "defer" {
		verb = "free" // after a round of interrupts
	}
	was, atRest := p.listed, p.listed == m.shouldBeListed(p)
	e := expected{rcu: "nothing"}
	switch verb {
	case "free":
		p.alloc = p.alloc.without(half)
		e.list = m.list(was, p, "head")
		if p.alloc == "" && p.pending == "" && p.active {
			e.rcu = "head"
		}
	case "tlbfree":
		p.alloc, p.pending = p.alloc.without(half), p.pending.with(half)
		e.list, e.rcu = m.list(was, p, "tail"), "batch"
		if !m.twoSteps() {
			e.list = m.list(was, p, "none") // never added
		}
	case "defer":
		p.alloc = p.alloc.without(half)
		if m.version == "active" {
			p.active = true
			e.list = m.list(was, p, "none")
			if p.alloc == "" && p.pending == "" {
				e.rcu = "head"
			}
			break
		}
		e.rcu = "head"
		if p.head != "" {
			e.rcu = "wait"
		}
		p.pending, p.head = p.pending.with(half), p.head.with(half)
		e.list = m.list(was, p, "none")
	case "remove":
		p.pending = p.pending.without(half)
		e.list = m.list(was, p, "none")
		if !m.twoSteps() {
			e.list = m.list(was, p, "head")
		}
		if p.alloc == "" && p.pending == "" && p.active {
			e.rcu = "head"
		}
	case "now":
		p.pending, p.head = p.pending.without(half), p.head.without(half)
		e.list = m.list(was, p, "head")
		if p.head != "" && m.version != "rfc-as-posted" {
			e.rcu = "head"
		}
	}
	e.mask, e.free = p.String(), m.fate(p, verb == "now")
	if !atRest {
		e.list = "" // somebody else is just about to change that
	}
	return e
}

// atOnce is a half that the gather finds no batch for: pending, and removed right after. What happens to the list on the way
// are two things.
func (m model) atOnce(p sheet, half string) expected {
	p.alloc, p.pending, p.listed = p.alloc.without(half), p.pending.with(half), false
	e := m.after(p, "remove", half)
	e.list = ""
	return e
}
