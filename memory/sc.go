package memory

import (
	"math/bits"
	"slices"
)

// sc is sequential consistency: words with values, and RCU sections with who waits for them.
type sc struct {
	words []int64
	rcu   []scDomain
}

// scDomain is RCU, or one srcu_struct: how deep each CPU is in sections, how many of its sections are over but not seen
// to be (TSO), and the ends that each grace period still waits for.
type scDomain struct {
	depth, ending []uint8
	waits         []uint8 // [waiting CPU * CPUs + CPU with the section]
}

func newSC(c Config) *sc {
	m := &sc{words: slices.Clone(c.Words), rcu: make([]scDomain, c.Domains)}
	for d := range m.rcu {
		m.rcu[d] = scDomain{make([]uint8, c.CPUs), make([]uint8, c.CPUs), make([]uint8, c.CPUs*c.CPUs)}
	}
	return m
}

func (d *scDomain) clone() scDomain {
	return scDomain{slices.Clone(d.depth), slices.Clone(d.ending), slices.Clone(d.waits)}
}

// row returns what the CPU's grace period waits for.
func (d *scDomain) row(cpu int) []uint8 { return d.waits[cpu*len(d.depth):][:len(d.depth)] }

// start starts a grace period: it waits for each section that is open or not seen to be over.
func (d *scDomain) start(cpu int) {
	row := d.row(cpu)
	for o := range row {
		row[o] = d.ending[o]
		if d.depth[o] > 0 {
			row[o]++
		}
	}
}

func (d *scDomain) waiting(cpu int) bool {
	return slices.ContainsFunc(d.row(cpu), func(n uint8) bool { return n > 0 })
}

// leave leaves a section, and says whether it was the outermost.
func (d *scDomain) leave(cpu int) bool {
	d.depth[cpu]--
	return d.depth[cpu] == 0
}

// over tells every grace period that the oldest section of this CPU is over.
func (d *scDomain) over(cpu int) {
	for w := range d.depth {
		if n := &d.row(w)[cpu]; *n > 0 {
			*n--
		}
	}
}

func (d *scDomain) key(key []byte) []byte {
	return append(append(append(key, d.depth...), d.ending...), d.waits...)
}

func (m *sc) Clone() Machine {
	c := &sc{words: slices.Clone(m.words), rcu: make([]scDomain, len(m.rcu))}
	for i := range m.rcu {
		c.rcu[i] = m.rcu[i].clone()
	}
	return c
}

func (m *sc) Assign(from Machine) { m.assign(from.(*sc)) }

func (m *sc) assign(f *sc) {
	copy(m.words, f.words)
	for i := range f.rcu {
		d, o := &m.rcu[i], &f.rcu[i]
		copy(d.depth, o.depth)
		copy(d.ending, o.ending)
		copy(d.waits, o.waits)
	}
}

// oneWay appends the one way of an operation on memory that is sequentially consistent, if it need not wait.
func oneWay(op *Op, value int64, ways []Way) []Way {
	switch op.Kind {
	case Lock:
		if value != 0 {
			return ways
		}
	case TryLock:
		return append(ways, Way{Fails: value != 0})
	case RMW:
		_, writes := op.Modify(value)
		if op.Expect != 0 && writes != (op.Expect > 0) {
			return ways
		}
		return append(ways, Way{Fails: !writes})
	}
	return append(ways, Way{})
}

func (m *sc) Ways(cpu int, op *Op, ways []Way) []Way {
	switch op.Kind {
	case GraceEnd:
		if m.rcu[op.Word].waiting(cpu) {
			return ways
		}
		return append(ways, Way{})
	case Fence, ReadLock, ReadUnlock, GraceStart:
		return append(ways, Way{})
	}
	return oneWay(op, m.words[op.Word], ways)
}

func (m *sc) Do(cpu int, op *Op, _ Way) (int64, Deps) {
	switch op.Kind {
	case Store:
		m.words[op.Word] = op.Value
	case Unlock:
		m.words[op.Word] = 0
	case Load, IsLocked:
		return m.words[op.Word], 0
	case Lock:
		m.words[op.Word] = 1
	case TryLock:
		old := m.words[op.Word]
		m.words[op.Word] = 1
		return 1 - old, 0
	case RMW:
		old := m.words[op.Word]
		if v, writes := op.Modify(old); writes {
			m.words[op.Word] = v
		}
		return old, 0
	case ReadLock:
		m.rcu[op.Word].depth[cpu]++
	case ReadUnlock:
		if d := &m.rcu[op.Word]; d.leave(cpu) {
			d.over(cpu)
		}
	case GraceStart:
		m.rcu[op.Word].start(cpu)
	}
	return 0, 0
}

// SC has no queues, no dependencies and nothing to forget.
func (m *sc) Deps(int, int) Deps     { return 0 }
func (m *sc) SetDeps(int, int, Deps) {}
func (m *sc) Queued(int) bool        { return false }
func (m *sc) Quiet(int) bool         { return true }
func (m *sc) Tells(int) bool         { return false }
func (m *sc) Drain(int)              {}
func (m *sc) Finish(int)             {}
func (m *sc) End(int, int)           {}
func (m *sc) Settle()                {}
func (m *sc) Prune([]*Future)        {}
func (m *sc) Final(word int) int64   { return m.words[word] }
func (m *sc) Raced() bool            { return false }

func (m *sc) Reset(word int, value int64) { m.words[word] = value }

func (m *sc) Stores(word int) []Stored { return []Stored{{m.words[word], -1, 0}} }

func (m *sc) Key(key []byte) []byte {
	for _, v := range m.words {
		key = appendValue(key, v)
	}
	for i := range m.rcu {
		key = m.rcu[i].key(key)
	}
	return key
}

// appendValue appends a value in as many bytes as it needs.
func appendValue(key []byte, v int64) []byte {
	n := (bits.Len64(uint64(v)) + 7) / 8
	key = append(key, byte(n))
	for ; n > 0; n-- {
		key = append(key, byte(v))
		v >>= 8
	}
	return key
}
