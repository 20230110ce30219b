package kern

// sparseContents holds the contents of frames as what each half of a frame was filled with: 16 bytes a frame, not 4096.
// A frame that was written in another way has all its entries in mixed, until it is filled as a whole again. It has no
// lock and no atomic operations: one goroutine drives the machine.
type sparseContents struct {
	halves [][2]uint64 // by frame
	mixed  map[PFN]*[EntriesPerFrame]uint64
}

func newSparseContents() *sparseContents {
	return &sparseContents{mixed: map[PFN]*[EntriesPerFrame]uint64{}}
}

// back makes room for the frames up to last.
func (s *sparseContents) back(last PFN) {
	if n := int(last) + 1 - len(s.halves); n > 0 {
		s.halves = append(s.halves, make([][2]uint64, n)...)
	}
}

// mix gives a frame entries of its own.
func (s *sparseContents) mix(p PFN) *[EntriesPerFrame]uint64 {
	f := s.mixed[p]
	if f == nil {
		f = new([EntriesPerFrame]uint64)
		for half, v := range s.halves[p] {
			fillEntries(f[half*PTRSPerPTE:][:PTRSPerPTE], v)
		}
		s.mixed[p] = f
	}
	return f
}

func (s *sparseContents) fill(p PFN, i, n int, v uint64) {
	switch {
	case i == 0 && n == EntriesPerFrame:
		delete(s.mixed, p)
		s.halves[p] = [2]uint64{v, v}
	case i%PTRSPerPTE == 0 && n == PTRSPerPTE && s.mixed[p] == nil:
		s.halves[p][i/PTRSPerPTE] = v
	default:
		fillEntries(s.mix(p)[i:i+n], v)
	}
}

func (s *sparseContents) are(p PFN, i, n int, v uint64) bool {
	for k := i; k < i+n; k++ {
		if s.mixed[p] == nil && k%PTRSPerPTE == 0 && i+n-k >= PTRSPerPTE { // a whole half
			if s.halves[p][k/PTRSPerPTE] != v {
				return false
			}
			k += PTRSPerPTE - 1
			continue
		}
		if s.read(p, k) != v {
			return false
		}
	}
	return true
}

func (s *sparseContents) read(p PFN, i int) uint64 {
	if f := s.mixed[p]; f != nil {
		return f[i]
	}
	return s.halves[p][i/PTRSPerPTE]
}
