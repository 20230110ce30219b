package s390sim

import (
	"cmp"
	"slices"
	"sync"

	"ptsim/kern"
	"ptsim/mmctx"
)

// lives follows mms from mm_alloc to __mmdrop. An mm that outlives exit_mmap does so because somebody holds mm_count: a
// pin, or khugepaged's slot.
type lives struct {
	mu    sync.Mutex
	alive map[mmctx.MM]*AddressSpace

	destroys int64
	extra    ExtraLife
}

// ExtraLife is how long mms were kept after their exit.
type ExtraLife struct {
	MMs   int64 // that were not gone when exit was through
	Total int64 // ns, all together
	Max   int64
}

func (l *lives) made(as *AddressSpace) {
	l.mu.Lock()
	if l.alive == nil {
		l.alive = map[mmctx.MM]*AddressSpace{}
	}
	l.alive[as.MM] = as
	l.mu.Unlock()
}

func (l *lives) exited(as *AddressSpace) {
	now := as.m.now()
	l.mu.Lock()
	as.exited, as.exitedAt = true, now
	l.mu.Unlock()
}

func (l *lives) destroyed(m *Machine, c *kern.CPU, mm mmctx.MM) {
	now, id := m.now(), 0
	l.mu.Lock()
	l.destroys++
	if as := l.alive[mm]; as != nil {
		delete(l.alive, mm)
		id = as.ID
		if d := now - as.exitedAt; as.exited && d > 0 {
			l.extra.MMs++
			l.extra.Total += d
			l.extra.Max = max(l.extra.Max, d)
		}
	}
	l.mu.Unlock()
	if m.rings != nil || m.cfg.TraceSteps {
		m.emit(Event{Kind: EventMMDestroy, Time: now, CPU: c.ID(), MM: id})
	}
}

// running returns the address spaces that have not exited, in the order in which they were made.
func (l *lives) running() []*AddressSpace {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]*AddressSpace, 0, len(l.alive))
	for _, as := range l.alive {
		if !as.exited {
			list = append(list, as)
		}
	}
	slices.SortFunc(list, func(a, b *AddressSpace) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
