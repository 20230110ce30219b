package kern

func (s *slabAllocator) alloc(cpu *CPU, id int) Addr {
	c := s.caches[id]
	m := cpu.m
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.destroyed {
		cpu.Report(LateCacheUse(c.Name, 0))
		return 0
	}
	c.live++
	if n := len(c.free) - c.head; n > c.Quarantine {
		var obj Addr
		if c.Quarantine > 0 {
			obj = c.free[c.head]
			if c.head++; c.head*2 > len(c.free) {
				c.free = c.free[:copy(c.free, c.free[c.head:])]
				c.head = 0
			}
		} else {
			obj = c.free[len(c.free)-1]
			c.free = c.free[:len(c.free)-1]
		}
		switch {
		case c.TypesafeByRCU:
			if *m.word(obj + c.RCUHead + slabState) == slabReclaimed {
				c.construct(m, obj)
			}
			*m.word(obj + c.RCUHead + slabState) = slabLive
		case c.Ctor == nil && !c.Raw:
			m.fill(obj, c.Words, 0)
		case c.Raw:
			*m.word(obj) = 0
		}
		return obj
	}
	obj := s.grow(m, c.Words) // its words are zero
	if c.Ctor != nil {
		c.Ctor(m, obj)
	}
	return obj
}

func (c *cache) construct(m *Machine, obj Addr) {
	m.fill(obj, c.Words, 0)
	if c.Ctor != nil {
		c.Ctor(m, obj)
	}
}

// grow takes fresh words for one object, which does not cross a chunk.
func (s *slabAllocator) grow(m *Machine, words uint32) Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if words > 4 {
		s.next = Addr(alignUp(uint32(s.next), objectAlign))
	}
	if uint32(s.next)&chunkMask+words > chunkWords {
		s.next = Addr(alignUp(uint32(s.next), chunkWords))
	}
	obj := s.next
	m.back(obj, words)
	s.next += Addr(words)
	return obj
}

func (s *slabAllocator) free(cpu *CPU, id int, obj Addr) {
	c := s.caches[id]
	if c.CheckFree != nil && !c.isFree(cpu.m, obj) {
		c.CheckFree(cpu, obj) // it may ask for whatever it likes: no lock is held
	}
	c.mu.Lock()
	again, late := c.isFree(cpu.m, obj), c.destroyed
	if !again && !late {
		c.release(cpu, obj)
		c.free = append(c.free, obj)
		c.live--
	}
	c.mu.Unlock()
	switch {
	case late:
		cpu.Report(LateCacheUse(c.Name, obj))
	case again:
		cpu.Report(&Violation{Kind: DoubleFree, Addr: obj})
	}
}

// isFree tells whether an object is free already.
func (c *cache) isFree(m *Machine, obj Addr) bool {
	switch {
	case c.TypesafeByRCU:
		return *m.word(obj + c.RCUHead + slabState) != slabLive
	case c.Raw:
		return Addr(*m.word(obj)) == FreePoison
	case c.Ctor == nil:
		// The last word: the first ones of a freed object are more likely to have been written since.
		return Addr(*m.word(obj + Addr(c.Words) - 1)) == FreePoison
	}
	return false
}

// release leaves the words of an object as those of a free one.
func (c *cache) release(cpu *CPU, obj Addr) {
	m := cpu.m
	switch {
	case c.TypesafeByRCU:
		state, queued := m.word(obj+c.RCUHead+slabState), m.word(obj+c.RCUHead+slabQueued)
		if *queued != 0 {
			*state = slabFreeAgain
			return
		}
		*state, *queued = slabFree, 1
		cpu.callRCU(obj+c.RCUHead, c.reclaim)
	case c.Raw:
		*m.word(obj) = uint32(FreePoison)
	case c.Ctor == nil:
		m.fill(obj, c.Words, uint32(FreePoison))
	}
}

// reclaim is the callback of a type-stable object that was freed. What it does is one step.
func (k Cache) reclaim(c *CPU, obj Addr) {
	if c.sched != nil {
		c.slow(OpSlabReclaim, obj, uint32(k.id), 0)
		return
	}
	k.m.slab.caches[k.id].reclaimed(c, obj)
}

// reclaimed runs one grace period after a type-stable object was freed. If the object has been free all that time, its
// memory is no longer the object's; if it was used and freed again meanwhile, another grace period is needed; and one
// that is in use is left alone: its next free asks anew.
func (c *cache) reclaimed(cpu *CPU, obj Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	state, queued := cpu.m.word(obj+c.RCUHead+slabState), cpu.m.word(obj+c.RCUHead+slabQueued)
	*queued = 0
	switch *state {
	case slabFreeAgain:
		*state, *queued = slabFree, 1
		cpu.callRCU(obj+c.RCUHead, c.reclaim)
	case slabFree:
		cpu.m.fill(obj, uint32(c.RCUHead), uint32(FreePoison))
		*state = slabReclaimed
	}
}
