package litmus_test

import (
	"fmt"
	"maps"
	"math/bits"
	"sort"
	"strings"

	"ptsim/memory"
)

// This file is the second opinion: it computes the outcomes of a small program from the axioms of linux-kernel.cat, of TSO
// and of SC, one candidate execution after the other. It shares nothing with package memory, which runs a machine.

// An event is an access, a fence or an RCU marker of a candidate execution.
type event struct {
	thread   int // -1: the initial store
	loc      int
	value    int64
	register int // of a read
	rmw      int // of the write of an RMW: its read; else -1
	add      bool
}

// An execution is a program's events with the relations that do not depend on rf and co, and sets of events.
type execution struct {
	program                                    *program
	events                                     []event
	r, w, m                                    uint32
	acquire, release, noreturn, lkr, ul        uint32
	fMb, fRmb, fWmb, sync, rlock, runlock      uint32
	po, addr, data, rmw, rscs, loc, sameThread relation
	acqPo, poRel, wmb, strong, fence           relation
	syncEnds                                   relation // from each synchronize_rcu to where it ends: a node for SC and TSO
}

// build makes the events of a program, each location's initial store first.
func build(p *program) *execution {
	x := &execution{program: p}
	add := func(e event) int {
		x.events = append(x.events, e)
		return len(x.events) - 1
	}
	for loc := range p.locs {
		x.w |= 1 << add(event{thread: -1, loc: loc, rmw: -1, register: -1})
	}
	for t, ops := range p.threads {
		var before []int
		readOf := map[int]int{} // register to event
		section := -1
		for _, o := range ops {
			node := func(set *uint32, loc int) int {
				e := add(event{thread: t, loc: loc, value: o.value, register: -1, rmw: -1})
				*set |= 1 << e
				for _, b := range before {
					x.po[b] |= 1 << e
				}
				before = append(before, e)
				return e
			}
			dep := func(e int, r *relation) {
				if o.dep >= 0 {
					r[readOf[o.dep]] |= 1 << e
				}
			}
			full := o.order == "full"
			switch o.kind {
			case "R", "RMW", "add", "inc", "lock":
				if full {
					node(&x.fMb, -1)
				}
				e := node(&x.r, o.loc)
				x.events[e].register = o.register
				readOf[o.register] = e
				if o.depAddr {
					dep(e, &x.addr)
				}
				if o.order == "acquire" || o.kind == "lock" {
					x.acquire |= 1 << e
				}
				if o.kind == "R" {
					break
				}
				w := node(&x.w, o.loc)
				x.rmw[e] |= 1 << w
				x.events[w].rmw = e
				x.events[w].add = o.kind == "add" || o.kind == "inc"
				if x.events[w].add {
					x.data[e] |= 1 << w
				}
				if o.depAddr {
					dep(w, &x.addr)
				}
				switch {
				case o.kind == "lock":
					x.lkr |= 1 << e
				case o.kind == "inc":
					x.noreturn |= 1 << e
				case o.order == "release":
					x.release |= 1 << w
				}
				if full {
					node(&x.fMb, -1)
				}
			case "W", "unlock":
				e := node(&x.w, o.loc)
				if o.depAddr {
					dep(e, &x.addr)
				} else {
					dep(e, &x.data)
				}
				if o.kind == "unlock" {
					x.ul |= 1 << e
				}
				if o.order == "release" || o.kind == "unlock" {
					x.release |= 1 << e
				}
			case "mb":
				node(&x.fMb, -1)
			case "rmb":
				node(&x.fRmb, -1)
			case "wmb":
				node(&x.fWmb, -1)
			case "sync":
				g := node(&x.sync, -1)
				var ends uint32
				x.syncEnds[g] |= 1 << node(&ends, -1)
			case "rlock":
				section = node(&x.rlock, -1)
			case "runlock":
				x.rscs[section] |= 1 << node(&x.runlock, -1)
			}
		}
	}
	x.m = x.r | x.w
	for i, a := range x.events {
		for j, b := range x.events {
			if a.loc >= 0 && a.loc == b.loc {
				x.loc[i] |= 1 << j
			}
			if a.thread == b.thread && a.thread >= 0 {
				x.sameThread[i] |= 1 << j
			}
		}
	}
	return x
}

// between is fencerel in cat: the pairs with such a fence in program order between them.
func (x *execution) between(fences uint32) relation { return x.po.then(identity(fences), x.po) }

// allowed says whether a model allows the execution with this rf and co.
func (x *execution) allowed(model memory.Model, release memory.Release, rf, co relation) bool {
	fr := rf.inverse().then(co)
	com := rf.or(co, fr)
	switch model {
	case memory.SC:
		return x.graces(x.po.or(com))
	case memory.TSO:
		return x.tso(rf, co, fr)
	}
	return x.lkmm(release, rf, co, fr)
}

// tso is x86-TSO: program order but for a store and a later load, with locked RMWs and mfence. The start of an RCU section
// is as ordered as a load, and its end as a store.
func (x *execution) tso(rf, co, fr relation) bool {
	var locked uint32
	for i, e := range x.events {
		if e.rmw >= 0 {
			locked |= 1<<i | 1<<e.rmw
		}
	}
	var ends uint32
	for _, e := range x.syncEnds {
		ends |= e
	}
	fences := x.fMb | x.sync | ends
	nodes := identity(x.m | x.rlock | x.runlock | fences)
	ordered := nodes.then(x.po, nodes).minus(identity(x.w|x.runlock).then(x.po, identity(x.r|x.rlock)))
	strong := identity(locked)
	ordered = ordered.or(nodes.then(x.po, strong), strong.then(x.po, nodes))
	return x.graces(ordered.or(rf.minus(x.sameThread), co, fr))
}

// graces says whether the order can be kept together with what grace periods promise: each section begins after the start
// of each grace period, or ends before its end.
func (x *execution) graces(order relation) bool {
	if !order.acyclic() {
		return false
	}
	type promise struct{ start, end, lock, unlock int }
	var promises []promise
	for g := range x.events {
		for l := range x.events {
			if x.syncEnds[g] != 0 && x.rscs[l] != 0 {
				promises = append(promises, promise{g, bits.TrailingZeros32(x.syncEnds[g]), l, bits.TrailingZeros32(x.rscs[l])})
			}
		}
	}
	var try func(i int, order relation) bool
	try = func(i int, order relation) bool {
		if i == len(promises) {
			return order.acyclic()
		}
		p := promises[i]
		after, before := order, order
		after[p.start] |= 1 << p.lock
		before[p.unlock] |= 1 << p.end
		return try(i+1, after) || try(i+1, before)
	}
	return try(0, order)
}

// prepare computes the relations of linux-kernel.cat that depend on neither rf nor co.
func (x *execution) prepare() {
	m, w := identity(x.m), identity(x.w)
	po := x.po
	x.acqPo = identity(x.acquire).then(po, m)
	x.poRel = m.then(po, identity(x.release))
	r4rmb := identity(x.r &^ x.noreturn)
	rmb := r4rmb.then(x.between(x.fRmb), r4rmb)
	x.wmb = w.then(x.between(x.fWmb), w)
	mb := m.then(x.between(x.fMb), m)
	gp := po.then(identity(x.sync), po.maybe())
	x.strong = mb.or(gp)
	x.fence = x.strong.or(x.poRel, x.acqPo, x.wmb, rmb)
}

// lkmm is linux-kernel.cat without plain accesses, line by line, with rwdep = [R] ; po ; [W].
func (x *execution) lkmm(release memory.Release, rf, co, fr relation) bool {
	m, r, w := identity(x.m), identity(x.r), identity(x.w)
	po, internal := x.po, x.sameThread
	rfe, rfi := rf.minus(internal), rf.and(internal)
	strong := x.strong
	unlockLock := relation{}
	if x.lkr != 0 {
		behind := po.or(rf)
		if release.Without(memory.UnlockLock) {
			behind = rf.minus(internal)
		}
		unlockLock = po.then(identity(x.ul), behind, identity(x.lkr), po)
	}

	dep := x.addr.or(x.data)
	rwdep := r.then(po, w)
	overwrite := co.or(fr)
	toW := rwdep.or(overwrite.and(internal))
	toR := dep.then(rfi)
	if !release.Without(memory.Address) {
		toR = toR.or(x.addr.then(r))
	}
	ppo := toR.or(toW, x.fence.and(internal), unlockLock.and(internal))

	cumul := rfe.maybe().then(strong.or(x.poRel)).or(x.wmb, unlockLock)
	cumul = m.then(cumul, m)
	if release == memory.Linux612 {
		cumul = cumul.then(rf.then(x.rmw).star())
	}
	prop := m.then(overwrite.minus(internal).maybe(), cumul.star(), m, rfe.maybe(), m)
	hb := m.then(ppo.or(rfe, prop.minus(identity(everything())).and(internal)), m)
	if !hb.acyclic() {
		return false
	}
	pb := prop.then(strong, hb.star(), m)
	if !pb.acyclic() {
		return false
	}
	if x.sync == 0 {
		return true
	}
	sync, sections := identity(x.sync), x.rscs.inverse()
	link := po.maybe().then(hb.star(), pb.star(), prop, po)
	rcuFence := sync
	for {
		next := sync.or(
			sync.then(link, sections), sections.then(link, sync),
			sync.then(link, rcuFence, link, sections), sections.then(link, rcuFence, link, sync),
			rcuFence.then(link, rcuFence))
		if next == rcuFence {
			break
		}
		rcuFence = next
	}
	return prop.then(po, rcuFence, po.maybe(), hb.star(), pb.star(), m).irreflexive()
}

// coherent checks the axioms coherence and atomic, which speak of one location at a time.
func (x *execution) coherent(rf, co relation) bool {
	fr := rf.inverse().then(co)
	if !x.po.and(x.loc).or(rf, co, fr).acyclic() {
		return false
	}
	return x.rmw.and(fr.minus(x.sameThread).then(co.minus(x.sameThread))).empty()
}

// A choice is rf and co of one location.
type choice struct {
	rf, co relation
	source map[int]int
	last   int
}

// choices returns what one location may have: each order of its stores, and a store for each of its reads.
func (x *execution) choices(reads, writes []int) (all []choice) {
	permute(writes[1:], func(perm []int) {
		seq := append([]int{writes[0]}, perm...)
		var co relation
		for i, a := range seq {
			for _, b := range seq[i+1:] {
				co[a] |= 1 << b
			}
			if i > 0 && x.ul>>a&1 != 0 && x.events[seq[i-1]].thread != x.events[a].thread {
				return // a spin_unlock follows its spin_lock at once
			}
		}
		source := map[int]int{}
		var read func(i int, rf relation)
		read = func(i int, rf relation) {
			if i == len(reads) {
				if x.coherent(rf, co) {
					all = append(all, choice{rf, co, maps.Clone(source), seq[len(seq)-1]})
				}
				return
			}
			for _, w := range writes {
				if x.lkr>>reads[i]&1 != 0 && x.events[w].thread >= 0 && x.ul>>w&1 == 0 {
					continue // a lock is taken when it is free
				}
				source[reads[i]] = w
				next := rf
				next[w] |= 1 << reads[i]
				read(i+1, next)
			}
		}
		read(0, relation{})
	})
	return all
}

// axiomatic returns the final states of a program that each model allows, sorted.
func axiomatic(p *program, models []settings) [][]string {
	x := build(p)
	events = len(x.events)
	x.prepare()
	byLoc := make([][]choice, len(p.locs))
	for loc := range p.locs {
		var reads, writes []int
		for i, e := range x.events {
			if e.loc == loc && x.r>>i&1 != 0 {
				reads = append(reads, i)
			}
			if e.loc == loc && x.w>>i&1 != 0 {
				writes = append(writes, i)
			}
		}
		byLoc[loc] = x.choices(reads, writes)
	}
	found := make([]map[string]bool, len(models))
	for i := range found {
		found[i] = map[string]bool{}
	}
	source, last := make([]int, len(x.events)), make([]int, len(p.locs))
	var choose func(loc int, rf, co relation)
	choose = func(loc int, rf, co relation) {
		if loc < len(p.locs) {
			for i := range byLoc[loc] {
				c := &byLoc[loc][i]
				for r, w := range c.source {
					source[r] = w
				}
				last[loc] = c.last
				choose(loc+1, rf.or(c.rf), co.or(c.co))
			}
			return
		}
		values, ok := x.values(source)
		if !ok {
			return
		}
		state := x.state(values, last)
		for i, m := range models {
			if !found[i][state] && x.allowed(m.model, m.release, rf, co) {
				found[i][state] = true
			}
		}
	}
	choose(0, relation{}, relation{})
	all := make([][]string, len(models))
	for i, f := range found {
		for s := range f {
			all[i] = append(all[i], s)
		}
		sort.Strings(all[i])
	}
	return all
}

// values computes what each write writes: an addition needs what its read has read. It fails if that goes round in a circle.
func (x *execution) values(source []int) ([]int64, bool) {
	values := make([]int64, len(x.events))
	known := make([]bool, len(x.events))
	for rounds := 0; rounds <= len(x.events); rounds++ {
		for i, e := range x.events {
			switch {
			case x.w>>i&1 == 0 || known[i]:
			case !e.add:
				values[i], known[i] = e.value, true
			case known[source[e.rmw]]:
				values[i], known[i] = values[source[e.rmw]]+e.value, true
			}
		}
	}
	for i := range x.events {
		if x.w>>i&1 != 0 && !known[i] {
			return nil, false
		}
		if x.r>>i&1 != 0 {
			if values[i] = values[source[i]]; !known[source[i]] {
				return nil, false
			}
		}
	}
	return values, true
}

// state writes a final state as the machine's results are written.
func (x *execution) state(values []int64, last []int) string {
	var parts []string
	for i, e := range x.events {
		if x.r>>i&1 != 0 && x.noreturn>>i&1 == 0 && x.lkr>>i&1 == 0 {
			parts = append(parts, fmt.Sprintf("%d:r%d=%d;", e.thread, e.register, values[i]))
		}
	}
	for loc, name := range x.program.locs {
		if name != "l" {
			parts = append(parts, fmt.Sprintf("[%s]=%d;", name, values[last[loc]]))
		}
	}
	return strings.Join(parts, " ")
}

// permute calls f with each order of the items.
func permute(items []int, f func([]int)) {
	items = append([]int(nil), items...)
	var at func(int)
	at = func(k int) {
		if k == len(items) {
			f(items)
			return
		}
		for i := k; i < len(items); i++ {
			items[k], items[i] = items[i], items[k]
			at(k + 1)
			items[k], items[i] = items[i], items[k]
		}
	}
	at(0)
}
