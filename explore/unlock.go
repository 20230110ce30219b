package explore

import "ptsim/kern"

// A spin_unlock, and a spin_lock behind it, by one CPU or of one lock: what is before the one comes before what is behind the
// other, but for a write before and a read behind (po-unlock-lock-po in tools/memory-model). The unlock alone, a release, orders
// nothing that follows it, and the lock alone, an acquire, nothing before it. So
//
//   - what relaxed reads saw before the unlock is known behind the lock, as behind smp_rmb, and to writes as well;
//   - a relaxed write behind the lock hands on the writes before the unlock, as behind smp_wmb: the thread's own, and those of
//     who released the lock last. As there, it does not hand on what the thread knew of others.
//
// A race that is found without this may be none. It costs views, so it is left out until there is a race, and then the search is
// made once more with it: see judgeRaces. To leave an order out loses no race.

// The holders of what unlocks leave, behind those of the CPUs: by thread what it had to know and its own writes at its unlocks, and by
// lock the own writes of who released it last.
func (s *state) unlockHolder(kind, n int) kern.Addr {
	return kern.Addr(len(s.views.index) + len(s.env.objects) + maxThreads*(1+kind) + n)
}

const (
	unlockReads = iota
	unlockWrites
	unlockOwn
)

// unlockViews is how many holders all this takes.
const unlockViews = 2*maxThreads + maxSlots

// unlockView passes views on where a thread releases a spin lock, or has taken one.
func (s *state) unlockView(t int, p *kern.Primitive, slot int, result uint32) {
	switch {
	case p.Gives == kern.Spin:
		s.learn(s.sync(s.unlockHolder(unlockReads, t)), pending+holder(t))
		s.learn(s.sync(s.unlockHolder(unlockWrites, t)), wrote+holder(t))
		s.become(s.sync(s.unlockHolder(unlockOwn, slot)), wrote+holder(t))
	case p.Took(result) == kern.Spin:
		s.learn(knows+holder(t), s.sync(s.unlockHolder(unlockReads, t)))
		s.learn(released+holder(t), s.sync(s.unlockHolder(unlockWrites, t)))
		s.learn(released+holder(t), s.sync(s.unlockHolder(unlockOwn, slot)))
	}
}

// unlocksAlike tells whether two threads know the same by what they have unlocked.
func (s *state) unlocksAlike(t, u int) bool {
	if !s.x.unlocks {
		return true
	}
	row := func(kind, n int) uint64 {
		if h := s.views.syncs[s.unlockHolder(kind, n)]; h != 0 {
			return s.views.rows[h]
		}
		return s.views.rows[untouched]
	}
	return row(unlockReads, t) == row(unlockReads, u) && row(unlockWrites, t) == row(unlockWrites, u)
}

// unlocksOver is the end of what a thread runs. What it unlocked orders nothing in what a server runs next.
func (s *state) unlocksOver(t int) {
	for _, kind := range [2]int{unlockReads, unlockWrites} {
		switch h := s.views.syncs[s.unlockHolder(kind, t)]; {
		case h == 0:
		case s.x.threads[t].role == task:
			s.clearView(h)
		default:
			s.become(h, untouched)
		}
	}
}
