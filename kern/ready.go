package kern

// Ready tells whether op, by c, need not wait now: the lock is free, or what it waits for has happened. It is also where waiting
// would be for ever and carrying op out reports that. A Scheduler asks it of each primitive that MayWait, and grants the step
// only then. interrupt says whether c has BH off, of which a Scheduler that takes steps back keeps account itself.
func (m *Machine) Ready(c *CPU, op Op, interrupt bool) bool {
	switch op.Kind {
	case OpFlushWorkEnd: // its item may be gone by then
		return m.work.flushed(op.A)
	case OpCancelWork, OpCancelWorkEnd:
		return m.cancelReady(op)
	}
	v := m.Peek(op.Addr)
	if Addr(v) == FreePoison {
		return true
	}
	switch op.Kind {
	case OpSpinLock, OpSpinLockBH:
		return v == 0 || m.LockOwner(op.Addr) == int(c.id)
	case OpDownRead, OpDownWrite:
		return m.SemFree(op.Addr, op.Kind == OpDownWrite)
	case OpReadLock, OpWriteLock:
		return rwReady(op.Kind, v, interrupt || c.inSoftirq) || m.LockOwner(op.Addr) == int(c.id)
	case OpWriteLockWait:
		return rwReady(op.Kind, v, false)
	case OpMutexLock:
		return v == 0 || v == c.task()
	case OpWaitForCompletion:
		return v != 0
	case OpSchedule:
		return v/queueWoken != op.A
	case OpBitSpinLock, OpLockPage, OpWaitOnPageLocked:
		return v>>op.A&1 == 0 || c.holdsBit(op.Addr, op.A)
	}
	return true
}

// SetTask makes c's task another than the others on its CPU: a mutex is a task's own.
func (c *CPU) SetTask(id int) { c.taskID = uint32(id) }

// TaskID returns the number of c's task: that of the CPU, if it has only one.
func (c *CPU) TaskID() int { return int(c.taskID) }
