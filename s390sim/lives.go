package s390sim

import (
	"cmp"
	"slices"
	"sync"

	"ptsim/kern"
	"ptsim/mmctx"
)

// lives follows mms from mm_alloc to __mmdrop. An mm that outlives exit_mmap does so because somebody holds mm_count: a
// pin, or khugepaged's slot. What became of an mm is kept until its memory is another's, so that whoever meets a freed one
// can be told, however late.
type lives struct {
	mu  sync.Mutex
	all map[mmctx.MM]*life

	destroys int64
	extra    ExtraLife
}

// life is that of an mm.
type life struct {
	as                      *AddressSpace // nil once it is destroyed
	id                      int
	made, exited, destroyed moment
}

// moment is when and where something happened, if it did.
type moment struct {
	at  int64
	cpu int
	is  bool
}

// ExtraLife is how long mms were kept after their exit.
type ExtraLife struct {
	MMs   int64 // that were not gone when exit was through
	Total int64 // ns, all together
	Max   int64
}

func (m *Machine) moment(c *kern.CPU) moment { return moment{m.now(), c.ID(), true} }

func (l *lives) made(c *kern.CPU, as *AddressSpace) {
	now := as.m.moment(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[mmctx.MM]*life{}
	}
	one := l.all[as.MM]
	if one == nil {
		one = &life{}
		l.all[as.MM] = one
	}
	*one = life{as: as, id: as.ID, made: now}
}

func (l *lives) exited(c *kern.CPU, as *AddressSpace) {
	now := as.m.moment(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.all[as.MM]; one.as == as { // in a version with a flaw its memory may be another's by now
		one.exited = now
	}
}

func (l *lives) destroyed(m *Machine, c *kern.CPU, mm mmctx.MM) {
	now := m.moment(c)
	l.mu.Lock()
	l.destroys++
	id := 0
	if one := l.all[mm]; one != nil {
		one.as, one.destroyed, id = nil, now, one.id
		if d := now.at - one.exited.at; one.exited.is && d > 0 {
			l.extra.MMs++
			l.extra.Total += d
			l.extra.Max = max(l.extra.Max, d)
		}
	}
	l.mu.Unlock()
	if m.cfg.TraceSteps {
		m.emit(Event{Kind: EventMMDestroy, Time: now.at, CPU: c.ID(), MM: id})
	}
}

// told returns the life of the mm of that number, as far as it has come, as events: how it began, and how it ended.
func (l *lives) told(id int) (began, ended []Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.all {
		if id == 0 || one.id != id {
			continue
		}
		tell := func(list []Event, k EventKind, when moment) []Event {
			if !when.is {
				return list
			}
			return append(list, Event{Kind: k, Time: when.at, CPU: when.cpu, MM: id})
		}
		return tell(nil, EventMMCreate, one.made), tell(tell(nil, EventMMExit, one.exited), EventMMDestroy, one.destroyed)
	}
	return nil, nil
}

// running returns the address spaces that have not exited, in the order in which they were made.
func (l *lives) running() []*AddressSpace {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]*AddressSpace, 0, len(l.all))
	for _, one := range l.all {
		if one.as != nil && !one.exited.is {
			list = append(list, one.as)
		}
	}
	slices.SortFunc(list, func(a, b *AddressSpace) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
