package s390sim

import (
	"sync"

	"ptsim/kern"
	"ptsim/mmctx"
)

// lives follows mms from mm_alloc to __mmdrop. An mm that outlives exit_mmap does so because somebody holds mm_count: a
// pin, or khugepaged's slot.
type lives struct {
	mu    sync.Mutex
	alive map[mmctx.MM]life

	destroys int64
	extra    ExtraLife
}

type life struct {
	id     int
	exited bool
	at     int64
}

// ExtraLife is how long mms were kept after their exit.
type ExtraLife struct {
	MMs   int64 // that were not gone when exit was through
	Total int64 // ns, all together
	Max   int64
}

func (l *lives) made(mm mmctx.MM, id int) {
	l.mu.Lock()
	if l.alive == nil {
		l.alive = map[mmctx.MM]life{}
	}
	l.alive[mm] = life{id: id}
	l.mu.Unlock()
}

func (l *lives) exited(m *Machine, mm mmctx.MM) {
	l.mu.Lock()
	one := l.alive[mm]
	one.exited, one.at = true, m.now()
	l.alive[mm] = one
	l.mu.Unlock()
}

func (l *lives) destroyed(m *Machine, c *kern.CPU, mm mmctx.MM) {
	now := m.now()
	l.mu.Lock()
	one := l.alive[mm]
	delete(l.alive, mm)
	l.destroys++
	if d := now - one.at; one.exited && d > 0 {
		l.extra.MMs++
		l.extra.Total += d
		l.extra.Max = max(l.extra.Max, d)
	}
	l.mu.Unlock()
	if m.rings != nil || m.cfg.TraceSteps {
		m.emit(Event{Kind: EventMMDestroy, Time: now, CPU: c.ID(), MM: one.id})
	}
}
