package replay_test

const (
	pageBits, segBits = 12, 20
	pagesPerSeg       = 1 << (segBits - pageBits)
)

// area is one mapping. Two parts of one that was cut in two are two, as they may come to differ.
type area struct {
	file    int    // 0: none
	base    uint64 // address minus offset in the file
	shared  bool
	assumed bool // nobody saw it being mapped; what is behind it is taken for a file
	anon    bool // it has an anon_vma

	noAccess bool // PROT_NONE: nothing populates it but a fault
}

// row is a segment: the area of each page, 0 for none.
type row struct {
	pages       [pagesPerSeg]int32
	table, huge bool
	uniform     bool // all pages are pages[0]
}

func (r *row) at(i uint64) int32 {
	if r.uniform {
		return r.pages[0]
	}
	return r.pages[i]
}

func (r *row) set(lo, hi uint64, id int32) {
	if lo == 0 && hi == pagesPerSeg {
		r.uniform, r.pages[0] = true, id
		return
	}
	if r.uniform {
		first := r.pages[0]
		for i := range r.pages {
			r.pages[i] = first
		}
		r.uniform = false
	}
	for i := lo; i < hi; i++ {
		r.pages[i] = id
	}
}

// whole returns the area that has all pages of the row, 0 if there is no such.
func (r *row) whole() int32 {
	for i := uint64(1); i < pagesPerSeg && !r.uniform; i++ {
		if r.pages[i] != r.pages[0] {
			return 0
		}
	}
	return r.pages[0]
}

// empty tells whether no page of the row is mapped.
func (r *row) empty() bool {
	for i := uint64(0); i < pagesPerSeg; i++ {
		if r.at(i) != 0 {
			return false
		}
		if r.uniform {
			break
		}
	}
	return true
}

// space is an address space.
type space struct {
	users     int
	rows      map[uint64]*row
	areas     map[int32]*area
	last      int32
	brk       uint64
	brkKnown  bool
	heapAreas map[int32]bool
	present   map[uint64]int // pages that faults mapped: 1 more than the collapses that there had been
	args      bool           // execve's table for the arguments is where it was built
}

func newSpace() *space {
	return &space{users: 1, rows: map[uint64]*row{}, areas: map[int32]*area{}, heapAreas: map[int32]bool{}, present: map[uint64]int{}}
}

func (s *space) add(a area) int32 {
	s.last++
	s.areas[s.last] = &a
	return s.last
}

// page returns the area of the page, 0 if there is none. Pages are numbered from address 0.
func (s *space) page(n uint64) int32 {
	if r := s.rows[n/pagesPerSeg]; r != nil {
		return r.at(n % pagesPerSeg)
	}
	return 0
}

// each calls f for the parts of rows that [from, to) consists of.
func each(from, to uint64, f func(seg, lo, hi uint64)) {
	for n := from; n < to; {
		seg := n / pagesPerSeg
		end := min(to, (seg+1)*pagesPerSeg)
		f(seg, n-seg*pagesPerSeg, end-seg*pagesPerSeg)
		n = end
	}
}

func (s *space) put(from, to uint64, id int32) {
	each(from, to, func(seg, lo, hi uint64) {
		r := s.rows[seg]
		if r == nil {
			r = &row{uniform: true}
			s.rows[seg] = r
		}
		r.set(lo, hi, id)
	})
}

// unmap takes pages away and returns how many tables went with them. An area with pages left on both sides is cut.
func (s *space) unmap(from, to uint64) int {
	any := false
	each(from, to, func(seg, lo, hi uint64) {
		if r := s.rows[seg]; r != nil {
			for i := lo; i < hi && !any; i++ {
				any = r.at(i) != 0
			}
		}
	})
	if !any {
		return 0
	}
	if from > 0 {
		if left := s.page(from - 1); left != 0 && left == s.page(to) {
			right := s.add(*s.areas[left])
			if s.heapAreas[left] {
				s.heapAreas[right] = true
			}
			for n := to; s.page(n) == left; {
				end := (n/pagesPerSeg + 1) * pagesPerSeg
				if r := s.rows[n/pagesPerSeg]; n%pagesPerSeg != 0 || r.whole() != left {
					end = n + 1
				}
				s.put(n, end, right)
				n = end
			}
		}
	}
	s.put(from, to, 0)
	for n := range s.present {
		if from <= n && n < to {
			delete(s.present, n)
		}
	}
	freed := 0
	for seg, r := range s.rows { // all of them, from scratch
		if r.empty() {
			if r.table {
				freed++
			}
			delete(s.rows, seg)
		}
	}
	return freed
}
