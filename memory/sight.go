package memory

// A Sight is what people are shown of a word: its stores in coherence order, and what each CPU has seen.
type Sight struct {
	Stores []Stored // oldest first
	From   []int    // by CPU: the place of the oldest store that it may still read; -1 if it has finished
	Open   []int    // the same once an smp_rmb has opened its letters
}

// A Letter is what a load has brought and nothing has opened yet: smp_rmb opens all letters of a CPU, and an acquire in place of the
// load would have. Until then the CPU may read older stores than the letter tells of.
type Letter struct {
	Word  int // that was read
	Stamp int // of the load, see Op
	Void  bool
	Tells []Told // of newer stores than the CPU must read
}

// Told is a store that a letter tells of, by its place.
type Told struct{ Word, Place int }

// A Reason says what would forbid that a CPU reads an old store.
type Reason struct {
	Kind  ReasonKind
	Stamp int // OpenLetter: of the load that brought the letter. WriterOrder: of the writer's later store that the CPU knows of
	CPU   int // WriterOrder: the writer
}

// ReasonKind is what is missing.
type ReasonKind uint8

// What can be missing.
const (
	StrongFence ReasonKind = iota // smp_mb on both sides, or a lock: nothing that the CPU has read tells of the newer store
	OpenLetter                    // smp_rmb, or an acquire: a letter tells of it
	WriterOrder                   // smp_wmb or a release on the writer's CPU: a store of its CPU that is later is known, and does not tell of it
)

func (m *lkmm) Sight(word int) Sight {
	s := Sight{Stores: m.Stores(word)}
	for cpu := range m.cpus {
		p := &m.cpus[cpu]
		if p.done {
			s.From, s.Open = append(s.From, -1), append(s.Open, -1)
			continue
		}
		from := p.floor(word)
		open := from
		for i := range p.open {
			if !p.open[i].void {
				open = max(open, int(p.open[i].h[word]))
			}
		}
		s.From, s.Open = append(s.From, from), append(s.Open, open)
	}
	return s
}

func (m *lkmm) Letters(cpu int) (list []Letter) {
	p := &m.cpus[cpu]
	for i := range p.open {
		o := &p.open[i]
		l := Letter{Word: o.word, Stamp: int(o.stamp), Void: o.void}
		for w, k := range o.h {
			if int(k) > p.floor(w) && int(k) < len(m.words[w]) {
				l.Tells = append(l.Tells, Told{w, int(k)})
			}
		}
		if l.Tells != nil {
			list = append(list, l)
		}
	}
	return list
}

func (m *lkmm) Forbids(cpu, word, place int) Reason {
	p := &m.cpus[cpu]
	for i := range p.open {
		if o := &p.open[i]; int(o.h[word]) > place && !o.void {
			return Reason{Kind: OpenLetter, Stamp: int(o.stamp)}
		}
	}
	for at := place + 1; at < len(m.words[word]); at++ {
		missed := &m.words[word][at]
		for w, h := range m.words {
			for k := range h {
				s := &h[k]
				known := k <= p.floor(w)
				for i := range p.open {
					known = known || p.open[i].word == w && int(p.open[i].place) == k
				}
				if known && s.author == missed.author && s.author >= 0 && int(s.author) != cpu && s.stamp > missed.stamp {
					return Reason{Kind: WriterOrder, Stamp: int(s.stamp), CPU: int(s.author)}
				}
			}
		}
	}
	return Reason{}
}

// Under sequential consistency each CPU sees the newest store, and under total store order all but what is queued.
func (m *sc) Sight(word int) Sight             { return Sight{Stores: m.Stores(word)} }
func (m *sc) Letters(int) []Letter             { return nil }
func (m *sc) Forbids(cpu, word, at int) Reason { return Reason{} }
