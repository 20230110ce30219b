package tell

import (
	"strings"

	"ptsim/kern"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// aside says in parentheses what the plain steps before this one did that a story cannot do without.
func (t *telling) aside() string {
	var said []string
	say := func(s string) { said = append(said, s) }
	for i := range t.Plain {
		switch p := &t.Plain[i]; p.Op.Kind {
		case kern.OpChoose:
			say("going way " + digits(int(p.Result)+1) + " of " + digits(int(p.Op.A)))
		case kern.OpMark:
			if p.Op.A == pgalloc.MarkIPI {
				say("every CPU interrupted")
			} else {
				say("the guest's mapping unlinked")
			}
		case kern.OpSlabAlloc:
			if p.Result == 0 {
				say("no page for a batch")
			}
		case kern.OpLoad, kern.OpStore:
			if s := t.plain(p); s != "" && t.op.Kind != kern.OpCallRCU {
				say(s)
			}
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " (" + strings.Join(said, ", ") + ")"
}

// plain says what a plain access did to a batch or a vma, "" if it was to something else.
func (t *telling) plain(p *lab.Past) string {
	switch {
	case p.Op.Kind == kern.OpStore && strings.HasPrefix(p.Field, "tables["):
		table := p.Value
		if page, _, ok := strings.Cut(table, "."); ok && kern.Unpack(p.Op.A).Tag() == kern.TagPGSTE {
			return "the table in " + page + " put in " + p.Object
		}
		return t.table(table) + " put in " + p.Object
	case p.Field != "linked":
	case p.Op.Kind == kern.OpStore && p.Op.A != 0:
		return p.Object + " put in the i_mmap tree"
	case p.Op.Kind == kern.OpStore:
		return p.Object + " taken out of the i_mmap tree"
	case p.Result == 0:
		return p.Object + " not in the i_mmap tree"
	}
	return ""
}
