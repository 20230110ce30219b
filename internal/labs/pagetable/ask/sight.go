package ask

import (
	"fmt"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/lab"
	"ptsim/pgalloc"
)

// sight is a move, and what can be told of the page that it is about.
type sight struct{ *lab.Sight }

// before is what is shown to who is asked.
func (f *sight) before() *lab.Scene { return f.Start.Scene }

// end is what there is to see right after the operation.
func (f *sight) end() *lab.Scene { return f.Seen[len(f.Seen)-1].Scene }

// subject finds the page that the operation is about: the first whose mask it changes, else the first that it puts on a
// list, queues, frees, or puts into a batch.
func (f *sight) subject() string {
	for _, changes := range []func(*explore.Step) bool{
		isXor, func(s *explore.Step) bool { return isList(s.Op.Kind) || isCallRCU(s) }, isFree,
	} {
		for i := range f.Steps {
			if name := f.pageOf(&f.Steps[i]); name != "" && changes(&f.Steps[i]) {
				return name
			}
		}
	}
	return f.batched().Page
}

// pageOf names the page of tables that a step is about, "" if it is about none.
func (f *sight) pageOf(s *explore.Step) string {
	p := kern.PFN(s.Op.Addr / kern.FrameWords)
	if kern.PrimitiveOf(s.Op.Kind).Frame {
		p = kern.PFN(s.Op.Addr)
	}
	name := fmt.Sprintf("page%d", p)
	for _, v := range []*lab.Scene{f.before(), f.end(), f.Settled} {
		if page(v, name) != nil {
			return name
		}
	}
	return ""
}

func isList(k kern.OpKind) bool {
	shape := kern.PrimitiveOf(k).Shape
	return shape == kern.ListInsert || shape == kern.ListRemove
}

func isXor(s *explore.Step) bool     { return s.Op.Kind == kern.OpXor }
func isCallRCU(s *explore.Step) bool { return s.Op.Kind == kern.OpCallRCU }
func isFree(s *explore.Step) bool {
	return s.Op.Kind == kern.OpPutPage || s.Op.Kind == kern.OpFreePages
}

// batched returns the table that the operation put into a batch, zero if it put none or several there. Of what is new in a batch
// only that counts which the operation itself wrote: the rest of the one before it shows in the same view.
func (f *sight) batched() lab.TableAt {
	type entry struct {
		batch string
		at    lab.TableAt
	}
	was, none := map[entry]int{}, lab.TableAt{}
	for _, b := range f.before().Batches {
		for _, t := range b.Tables {
			was[entry{b.Name, t}]++
		}
	}
	found := none
	for _, b := range f.Settled.Batches {
		for _, t := range b.Tables {
			e := entry{b.Name, t}
			if was[e]--; was[e] >= 0 || !f.wrote(t) {
				continue
			}
			if found != none {
				return none
			}
			found = t
		}
	}
	return found
}

// wrote tells whether the operation stored a pointer to that table.
func (f *sight) wrote(table lab.TableAt) bool {
	for i := range f.Steps {
		if s := &f.Steps[i]; s.Op.Kind == kern.OpStore {
			t := kern.Unpack(s.Op.A)
			if table.Page == fmt.Sprintf("page%d", t.PFN()) && (table.Whole || table.Half == t.Half()) {
				return true
			}
		}
	}
	return false
}

func page(v *lab.Scene, name string) *lab.Page {
	for i := range v.Pages {
		if v.Pages[i].Name == name {
			return &v.Pages[i]
		}
	}
	return nil
}

func mmOf(v *lab.Scene, name string) *lab.MM {
	for i := range v.MMs {
		if v.MMs[i].Name == name {
			return &v.MMs[i]
		}
	}
	return nil
}

var halfNames = [2]string{"lower", "upper"}

// half finds which half of the page all the operation's changes of its mask are about.
func (f *sight) half(name string) (half int, ok bool) {
	bits := pgalloc.Mask(0)
	for i := range f.Steps {
		if s := &f.Steps[i]; s.Op.Kind == kern.OpXor && f.pageOf(s) == name {
			bits |= pgalloc.Mask(s.Op.A >> pgalloc.MaskShift)
		}
	}
	const lower = pgalloc.A | pgalloc.H | pgalloc.P
	switch {
	case bits == 0 || bits&lower != 0 && bits&(lower<<1) != 0:
		return 0, false
	case bits&lower != 0:
		return 0, true
	}
	return 1, true
}
