package s390sim

import (
	"maps"
	"slices"

	"ptsim/kern"
)

// The model of an address space: for every page of a small range the mapping that it belongs to, for every segment
// whether it has a table. Mappings are named by numbers; one that is cut in two becomes two.

const (
	modelSegments = 8
	modelPages    = modelSegments * kern.PTRSPerPTE
)

type modelMapping struct {
	file            *File
	base            uint64 // address minus offset
	shared, assumed bool
	anon            bool
}

type modelMM struct {
	pages    [modelPages]int // 0: unmapped
	mappings map[int]modelMapping
	names    int
	table    [modelSegments]bool
	huge     [modelSegments]bool // retracted
}

func addrOf(page int) uint64 { return base + uint64(page)<<12 }

func (x *modelMM) clone() *modelMM {
	y := *x
	y.mappings = maps.Clone(x.mappings)
	return &y
}

func (x *modelMM) name(mp modelMapping) int {
	x.names++
	x.mappings[x.names] = mp
	return x.names
}

func (x *modelMM) fill(from, to, name int) {
	for p := from; p < to; p++ {
		x.pages[p] = name
	}
}

func (x *modelMM) unmap(from, to int) {
	if from > 0 && to < modelPages && x.pages[from-1] != 0 && x.pages[from-1] == x.pages[to] {
		cut := x.pages[to]
		name := x.name(x.mappings[cut])
		for p := to; p < modelPages && x.pages[p] == cut; p++ {
			x.pages[p] = name
		}
	}
	had := false
	for p := from; p < to; p++ {
		had = had || x.pages[p] != 0
	}
	x.fill(from, to, 0)
	for s := range modelSegments {
		if had && !slices.ContainsFunc(x.segment(s), func(n int) bool { return n != 0 }) {
			x.table[s], x.huge[s] = false, false
		}
	}
}

func (x *modelMM) segment(s int) []int {
	return x.pages[s*kern.PTRSPerPTE : (s+1)*kern.PTRSPerPTE]
}

// first and last return the bounds of the mapping that has a page.
func (x *modelMM) bounds(page int) (from, to int) {
	from, to = page, page+1
	for from > 0 && x.pages[from-1] == x.pages[page] {
		from--
	}
	for to < modelPages && x.pages[to] == x.pages[page] {
		to++
	}
	return from, to
}

func (x *modelMM) fault(page int, write bool) FaultResult {
	n := x.pages[page]
	if n == 0 {
		return FaultNoVMA
	}
	mp := x.mappings[n]
	if !mp.shared && (write || mp.file == nil && !mp.assumed) {
		mp.anon = true
		x.mappings[n] = mp
	}
	s := page / kern.PTRSPerPTE
	covered := !slices.ContainsFunc(x.segment(s), func(o int) bool { return o != n })
	switch {
	case x.table[s]:
		return FaultMinor
	case x.huge[s] && covered:
		return FaultHuge
	}
	x.table[s], x.huge[s] = true, false
	return FaultTable
}

func (x *modelMM) assume(page int) {
	lo, hi := page, page+1
	for lo%kern.PTRSPerPTE != 0 && x.pages[lo-1] == 0 {
		lo--
	}
	for hi%kern.PTRSPerPTE != 0 && x.pages[hi] == 0 {
		hi++
	}
	name := 0
	if hi < modelPages && x.mappings[x.pages[hi]].assumed {
		name = x.pages[hi]
	}
	if lo > 0 && x.mappings[x.pages[lo-1]].assumed {
		name = x.pages[lo-1]
	}
	if name == 0 {
		name = x.name(modelMapping{assumed: true})
	}
	x.fill(lo, hi, name)
}

func (x *modelMM) move(from, to, dst, newPages int) {
	old := x.mappings[x.pages[from]]
	if x.pages[from] == 0 {
		old.assumed = true
	}
	old.base += addrOf(dst) - addrOf(from)
	var targets []int
	for p := from; p < to && p < from+newPages; p++ {
		if x.table[p/kern.PTRSPerPTE] {
			targets = append(targets, (dst+p-from)/kern.PTRSPerPTE)
		}
	}
	x.unmap(dst, dst+newPages)
	x.fill(dst, dst+newPages, x.name(old))
	for _, s := range targets {
		x.table[s], x.huge[s] = true, false
	}
	x.unmap(from, to)
}

func (x *modelMM) forked() *modelMM {
	y := x.clone()
	y.table, y.huge = [modelSegments]bool{}, [modelSegments]bool{}
	for p, n := range x.pages {
		if s := p / kern.PTRSPerPTE; x.table[s] && x.mappings[n].anon {
			y.table[s] = true
		}
	}
	return y
}

// retract is what the collapse of one segment of a file does to this mm.
func (x *modelMM) retract(f *File, offset uint64) {
	for s := range modelSegments {
		n := x.segment(s)[0]
		mp := x.mappings[n]
		covered := !slices.ContainsFunc(x.segment(s), func(o int) bool { return o != n })
		if x.table[s] && covered && mp.file == f && !mp.anon && addrOf(s*kern.PTRSPerPTE)-mp.base == offset {
			x.table[s], x.huge[s] = false, true
		}
	}
}
