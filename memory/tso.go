package memory

import "slices"

// tso is total store order: a store waits in its CPU's queue, where the CPU's own loads see it, until it goes to memory.
// Locked operations and smp_mb wait until the queue is empty, so that Drain, which a search does at any time, comes first. A
// spin_trylock or atomic_add_unless that gives up has done a load and no locked operation: it does not wait.
// smp_rmb, smp_wmb, acquire and release cost nothing on such a machine. An RCU section ends when what was queued before
// its end has gone to memory, which is what a grace period waits for.
type tso struct {
	sc
	queues [][]queued
}

// queued is a store in a queue, or the end of an RCU section.
type queued struct {
	word  int
	value int64
	end   bool
}

func newTSO(c Config) *tso { return &tso{sc: *newSC(c), queues: make([][]queued, c.CPUs)} }

func (m *tso) Clone() Machine {
	c := &tso{sc: *m.sc.Clone().(*sc), queues: make([][]queued, len(m.queues))}
	for i, q := range m.queues {
		c.queues[i] = slices.Clone(q)
	}
	return c
}

func (m *tso) Assign(from Machine) {
	f := from.(*tso)
	m.assign(&f.sc)
	for i, q := range f.queues {
		m.queues[i] = append(m.queues[i][:0], q...)
	}
}

// ordered says whether the operation waits for an empty queue.
func ordered(op *Op) bool {
	switch op.Kind {
	case RMW, Lock, TryLock, GraceStart, GraceEnd:
		return true
	case Fence:
		return op.Barrier == Mb || op.Barrier == AfterUnlockLock
	}
	return false
}

func (m *tso) Ways(cpu int, op *Op, ways []Way) []Way {
	if !ordered(op) || len(m.queues[cpu]) == 0 {
		return m.sc.Ways(cpu, op, ways)
	}
	if op.Kind != TryLock && !op.Tests {
		return ways
	}
	n := len(ways)
	if ways = oneWay(op, m.seen(cpu, op.Word), ways); len(ways) > n && !ways[n].Fails {
		return ways[:n]
	}
	return ways
}

// seen returns what a load of the CPU finds in a word: its own newest store in the queue, or what is in memory.
func (m *tso) seen(cpu, word int) int64 {
	for _, q := range slices.Backward(m.queues[cpu]) {
		if q.word == word && !q.end {
			return q.value
		}
	}
	return m.words[word]
}

func (m *tso) Do(cpu int, op *Op, way Way) (int64, Deps) {
	switch op.Kind {
	case Store:
		m.queues[cpu] = append(m.queues[cpu], queued{word: op.Word, value: op.Value})
		return 0, 0
	case Unlock:
		m.queues[cpu] = append(m.queues[cpu], queued{word: op.Word})
		return 0, 0
	case ReadUnlock:
		if d := &m.rcu[op.Word]; d.leave(cpu) {
			if !m.Queued(cpu) {
				d.over(cpu)
				return 0, 0
			}
			d.ending[cpu]++
			m.queues[cpu] = append(m.queues[cpu], queued{word: op.Word, end: true})
		}
		return 0, 0
	case Load, IsLocked:
		return m.seen(cpu, op.Word), 0
	case TryLock:
		if way.Fails {
			return 0, 0
		}
	case RMW:
		if way.Fails {
			return m.seen(cpu, op.Word), 0
		}
	}
	return m.sc.Do(cpu, op, way)
}

func (m *tso) Queued(cpu int) bool { return len(m.queues[cpu]) > 0 }

func (m *tso) Quiet(cpu int) bool { return !m.Queued(cpu) }

func (m *tso) Drain(cpu int) {
	q := m.queues[cpu][0]
	m.queues[cpu] = slices.Delete(m.queues[cpu], 0, 1)
	if q.end {
		m.rcu[q.word].ending[cpu]--
		m.rcu[q.word].over(cpu)
	} else {
		m.words[q.word] = q.value
	}
}

func (m *tso) Key(key []byte) []byte {
	key = m.sc.Key(key)
	for _, q := range m.queues {
		key = append(key, byte(len(q)))
		for _, e := range q {
			w := byte(e.word) << 1
			if e.end {
				w |= 1
			}
			key = appendValue(append(key, w), e.value)
		}
	}
	return key
}
