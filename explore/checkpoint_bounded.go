package explore

// savedBounded is a search with a bound on preemptions in a checkpoint. The states that it met are in tables.
type savedBounded struct {
	Met, Moves       uint64
	Depth            int
	Arena, Chosen    []byte
	Sizes, Tried     []uint32 // by frame, as in savedStack
	Last, Left       []int
	CanGoOn, Enabled []bool
	Seen, States     int // how many there are in the tables
}

// save writes the search into the checkpoint, if there is one. It is between two transitions.
func (b *bound) save() {
	if b.x.opt.Checkpoint == nil {
		return
	}
	k := &savedBounded{Met: b.met, Moves: b.moves, Depth: b.depth, Arena: keepPath(b.arena), Seen: b.seen.len(), States: b.states.len()}
	first := 0
	for i := range b.frames {
		f := &b.frames[i]
		k.Chosen = append(k.Chosen, f.chosen.t, f.chosen.item, f.chosen.alt)
		k.Sizes, k.Tried = append(k.Sizes, uint32(f.end-first)), append(k.Tried, uint32(f.next-first))
		k.Last, k.Left = append(k.Last, f.last), append(k.Left, f.left)
		k.CanGoOn, k.Enabled = append(k.CanGoOn, f.canGoOn), append(k.Enabled, f.enabled)
		first = f.end
	}
	b.x.keep(b.met, func(s *savedSearch) { s.Bounded = k }, func(t *tableWriter) {
		t.table("bounded", k.Seen, 0, b.seen.each)
		t.table("states", k.States, 0, b.states.each)
	})
}

// goOn takes the search to where a saved one was.
func (b *bound) goOn(s *savedSearch) error {
	defer b.x.went()
	k := s.Bounded
	if k == nil {
		return b.x.opt.Checkpoint.file.Refuse("is in the middle of another kind of search")
	}
	b.met, b.moves, b.depth = k.Met, k.Moves, k.Depth
	b.arena = pathOf(k.Arena)
	first := 0
	for i, size := range k.Sizes {
		c := k.Chosen[3*i:]
		f := boundFrame{next: first + int(k.Tried[i]), end: first + int(size), last: k.Last[i], left: k.Left[i],
			canGoOn: k.CanGoOn[i], enabled: k.Enabled[i], chosen: trans{c[0], c[1], c[2]}}
		if i > 0 && b.s.take(f.chosen, folded) != moved {
			panic("explore: a path does not lead where it led before")
		}
		f.mark = b.s.mark()
		b.frames = append(b.frames, f)
		first = f.end
	}
	b.seen.reserve(k.Seen)
	b.states.reserve(k.States)
	if err := b.x.readTable("bounded", 0, func(key, _ uint64) { b.seen.add(key) }); err != nil {
		return err
	}
	return b.x.readTable("states", 0, func(key, _ uint64) { b.states.add(key) })
}
