package explore_test

import "ptsim/kern"

// Completions and wait queues, once more.

const bruteAll = 1 << 31 // completed for all

// placeWait says which word such an instruction is about; false if it is another instruction.
func (l *brutePlaces) placeWait(op *kern.Op, f *bruteSeen) bool {
	switch op.Kind {
	case kern.OpInitCompletion, kern.OpComplete, kern.OpCompleteAll, kern.OpWaitForCompletion:
		op.Addr = l.shared + bruteDone
	case kern.OpPrepareToWait, kern.OpFinishWait, kern.OpWakeUp, kern.OpWaitqueueActive:
		op.Addr = l.shared + bruteQueue
	case kern.OpSchedule:
		op.Addr, op.A = l.shared+bruteQueue, f.ticket
	default:
		return false
	}
	return true
}

// performWait calls the primitive.
func performWait(c *kern.CPU, op kern.Op) (result uint32, ok bool) {
	switch op.Kind {
	case kern.OpInitCompletion:
		kern.InitCompletion(c, op.Addr)
	case kern.OpComplete:
		kern.Complete(c, op.Addr)
	case kern.OpCompleteAll:
		kern.CompleteAll(c, op.Addr)
	case kern.OpWaitForCompletion:
		kern.WaitForCompletion(c, op.Addr)
	case kern.OpPrepareToWait:
		return kern.PrepareToWait(c, op.Addr), true
	case kern.OpSchedule:
		kern.Schedule(c, op.Addr, op.A)
	case kern.OpFinishWait:
		kern.FinishWait(c, op.Addr)
	case kern.OpWakeUp:
		kern.WakeUp(c, op.Addr)
	case kern.OpWaitqueueActive:
		return truth(kern.WaitqueueActive(c, op.Addr)), true
	default:
		return 0, false
	}
	return 0, true
}

// waitsFor tells whether such a primitive waits, with its word as it is.
func waitsFor(op kern.Op, v uint32) bool {
	return op.Kind == kern.OpWaitForCompletion && v == 0 || op.Kind == kern.OpSchedule && v>>16 == op.A
}

// waiting returns what the word becomes, and a result; false if it is another primitive.
func (r *bruteRun) waiting(op kern.Op, old uint32) (v, result uint32, ok bool) {
	sleepers := old & 0xffff
	switch op.Kind {
	case kern.OpInitCompletion:
		return 0, 0, true
	case kern.OpComplete:
		if old != bruteAll {
			old++
		}
	case kern.OpCompleteAll:
		old = bruteAll
	case kern.OpWaitForCompletion:
		if old != bruteAll {
			old--
		}
	case kern.OpPrepareToWait:
		return old + 1, old >> 16, true
	case kern.OpSchedule:
	case kern.OpFinishWait:
		switch old--; sleepers {
		case 0:
			r.report(kern.LockMisuse)
		case 1:
			old = 0
		}
	case kern.OpWakeUp:
		if sleepers > 0 {
			old += 1 << 16
		}
	case kern.OpWaitqueueActive:
		return old, truth(sleepers > 0), true
	default:
		return 0, 0, false
	}
	return old, 0, true
}
