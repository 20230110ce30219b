package tell

import (
	"strings"

	"ptsim/kern"
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
			if s := t.plain(i); s != "" && t.op.Kind != kern.OpCallRCU {
				say(s)
			}
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " (" + strings.Join(said, ", ") + ")"
}

// plain says what the plain access i did to a batch or a vma, "" if it was to something else.
func (t *telling) plain(i int) string {
	p := &t.Plain[i]
	switch {
	case i < len(t.Put) && t.Put[i] != Table{}:
		return t.table(t.Put[i]) + " put in " + p.Object
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
