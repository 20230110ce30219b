package explore_test

import (
	"fmt"
	"slices"

	"ptsim/kern"
)

// stock looks at what the allocators will hand out, so that it can be put back in the same order.
func (r *rig) stock() {
	for _, o := range r.objs {
		if o != nil {
			o.was = o.life
		}
	}
	for _, t := range r.threads {
		c := t.c
		r.fill(c, func() uint32 { return c.Exec(kern.Op{Kind: kern.OpAllocPages}) }, func(v uint32) {
			p := kern.PFN(v)
			r.m.Poke(p.Page()+kern.PageFlags, 0)
			r.m.Poke(p.Page()+kern.PageLRU+1, 0)
			c.Exec(kern.Op{Kind: kern.OpFreePages, Addr: kern.Addr(p)})
		}, func(v uint32) { r.object(kern.PFN(v).Page(), kern.FrameWords, -1, free) })
	}
	c := r.m.Context(0, false, nil)
	for id, k := range r.caches {
		if k.Quarantine > 0 {
			continue // never handed out again
		}
		r.fill(id, func() uint32 { return c.Exec(kern.Op{Kind: kern.OpSlabAlloc, A: uint32(id)}) }, func(v uint32) {
			last := kern.Addr(v) + kern.Addr(k.Words) - 1
			r.m.Poke(kern.Addr(v), 0)
			r.m.Poke(last, 0)
			c.Exec(kern.Op{Kind: kern.OpSlabFree, Addr: kern.Addr(v), A: uint32(id)})
			for c.Callbacks().InvokeOne(c) { // so that it is made anew
			}
		}, func(v uint32) { r.object(kern.Addr(v), kern.Addr(k.Words), id, free) })
	}
	var bases []kern.Addr
	for a, o := range r.objs {
		if o != nil && kern.Addr(a) == o.base {
			bases = append(bases, o.base)
		}
	}
	for _, a := range bases {
		words := r.objs[a].words
		if r.objs[a].cache < 0 {
			words = kern.PageRefcount + 1
		}
		r.ranges = append(r.ranges, [2]kern.Addr{a, a + words})
		for i := range words {
			r.image = append(r.image, r.m.Peek(a+i))
		}
	}
	slices.SortFunc(r.pages, func(x, y *rigObject) int { return int(x.base) - int(y.base) })
}

func (r *rig) fill(key any, pop func() uint32, push func(uint32), note func(uint32)) {
	s := &freeStack{pop: pop, push: push}
	n := spares
	if r.cfg.own {
		n *= 2 // it is divided up
	}
	for range n {
		v := pop()
		if v == 0 {
			panic("the machine is too small")
		}
		note(v)
		s.first = append(s.first, v)
	}
	slices.Reverse(s.first)
	for _, v := range s.first {
		push(v)
	}
	s.now = slices.Clone(s.first)
	r.stacks[key] = s
}

// rewind puts the machine into its first state and lets every task come to its first primitive.
func (r *rig) rewind() {
	r.halt()
	for _, s := range r.stacks {
		n := 0
		for n < len(s.now) && n < len(s.first) && s.now[n] == s.first[n] {
			n++
		}
		for len(s.now) > n {
			if got := s.pop(); got != s.now[len(s.now)-1] {
				panic(fmt.Sprintf("the allocator hands out %#x, not %#x: it is no stack", got, s.now[len(s.now)-1]))
			}
			s.now = s.now[:len(s.now)-1]
		}
	}
	for _, s := range r.stacks {
		for len(s.now) < len(s.first) {
			v := s.first[len(s.now)]
			s.push(v)
			s.now = append(s.now, v)
		}
	}
	n := 0
	for _, rg := range r.ranges {
		if o := r.objs[rg[0]]; o.life != o.was {
			o.life = o.was
		}
		for a := rg[0]; a < rg[1]; a++ {
			if r.m.Peek(a) != r.image[n] {
				r.m.Poke(a, r.image[n])
			}
			n++
		}
	}
	r.queued, r.work, r.viol = r.queued[:0], r.work[:0], nil
	for _, t := range r.threads {
		t.c.SetContext(0, t.role == rigSoftirq)
		t.op, t.at, t.fn, t.results, t.bh, t.rcu, t.spins, t.parked = 0, 0, 0, t.results[:0], 0, 0, 0, kern.Op{}
		clear(t.mem)
		if t.role == rigTask {
			r.begin(t, func() {
				task := &r.in.Tasks[t.id]
				f := task.Start
				for i := range task.Ops {
					t.op, t.at = i, r.frame(f)
					f = task.Ops[i].Run(t.c, f)
					t.ended, t.results = true, t.results[:0]
				}
				t.op, t.at = len(task.Ops), 0
			})
		}
	}
}
