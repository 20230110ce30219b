package percpuref

import "ptsim/kern"

// Kill is percpu_ref_kill(): it drops the owner's reference, and from then on TryGetLive fails.
func (l *Lib) Kill(c *kern.CPU, ref Ref) { l.KillAndConfirm(c, ref, 0) }

// KillAndConfirm is percpu_ref_kill_and_confirm(): as Kill; confirm, if it is not 0, is called with the address of the Ref once all
// CPUs see it dead.
func (l *Lib) KillAndConfirm(c *kern.CPU, ref Ref, confirm kern.Func) {
	kern.SpinLockBH(c, l.lock)
	kern.WarnOnce(c, l.IsDying(c, ref), "percpu_ref_kill_and_confirm called more than once")
	kern.WriteOnce(c, kern.Addr(ref)+refPtr, ref.ptr(c)|flagDead)
	l.switchMode(c, ref, confirm)
	l.Put(c, ref)
	kern.SpinUnlockBH(c, l.lock)
}

// SwitchToAtomic is percpu_ref_switch_to_atomic(): a grace period later all count in one word, and confirm is called, if it is
// not 0. It stays so until SwitchToPerCPU.
func (l *Lib) SwitchToAtomic(c *kern.CPU, ref Ref, confirm kern.Func) {
	kern.SpinLockBH(c, l.lock)
	kern.Store(c, ref.data(c)+dataForce, 1)
	l.switchMode(c, ref, confirm)
	kern.SpinUnlockBH(c, l.lock)
}

// SwitchToAtomicSync is percpu_ref_switch_to_atomic_sync(): it waits until the switch is over.
func (l *Lib) SwitchToAtomicSync(c *kern.CPU, ref Ref) {
	l.SwitchToAtomic(c, ref, 0)
	data := ref.data(c)
	kern.WaitEvent(c, l.waitq, func() bool { return kern.SmpLoadAcquire(c, data+dataConfirm) == 0 })
}

// SwitchToPerCPU is percpu_ref_switch_to_percpu(): CPUs count for themselves again, unless the Ref is dead: then after Resurrect.
func (l *Lib) SwitchToPerCPU(c *kern.CPU, ref Ref) {
	kern.SpinLockBH(c, l.lock)
	kern.Store(c, ref.data(c)+dataForce, 0)
	l.switchMode(c, ref, 0)
	kern.SpinUnlockBH(c, l.lock)
}

// Resurrect is percpu_ref_resurrect(): a Ref that was killed is live again, with the owner's reference. Somebody may have one yet.
func (l *Lib) Resurrect(c *kern.CPU, ref Ref) {
	kern.SpinLockBH(c, l.lock)
	kern.WarnOnce(c, !l.IsDying(c, ref), "percpu_ref_resurrect: it is not dead")
	kern.WriteOnce(c, kern.Addr(ref)+refPtr, ref.ptr(c)&^flagDead)
	l.Get(c, ref)
	l.switchMode(c, ref, 0)
	kern.SpinUnlockBH(c, l.lock)
}

// Reinit is percpu_ref_reinit(): a Ref whose count came to zero begins anew.
func (l *Lib) Reinit(c *kern.CPU, ref Ref) {
	kern.WarnOnce(c, !l.IsZero(c, ref), "percpu_ref_reinit: the count is not zero")
	l.Resurrect(c, ref)
}

// switchMode is __percpu_ref_switch_mode(): to the mode that the Ref is to be in, when a switch that is under way is over. The
// caller holds percpu_ref_switch_lock, which is dropped meanwhile.
func (l *Lib) switchMode(c *kern.CPU, ref Ref, confirm kern.Func) {
	data := ref.data(c)
	for kern.SmpLoadAcquire(c, data+dataConfirm) != 0 { // wait_event_lock_irq()
		ticket := kern.PrepareToWait(c, l.waitq)
		if kern.SmpLoadAcquire(c, data+dataConfirm) != 0 {
			kern.SpinUnlockBH(c, l.lock)
			kern.Schedule(c, l.waitq, ticket)
			kern.SpinLockBH(c, l.lock)
		}
		kern.FinishWait(c, l.waitq)
	}
	if kern.Load(c, data+dataForce) != 0 || l.IsDying(c, ref) {
		l.toAtomic(c, ref, data, confirm)
	} else {
		l.toPerCPU(c, ref, data)
	}
}

// toAtomic is __percpu_ref_switch_to_atomic(): from now on who begins to count does so in the one word. The CPUs' words are added
// up when a grace period has passed.
func (l *Lib) toAtomic(c *kern.CPU, ref Ref, data kern.Addr, confirm kern.Func) {
	ptr := ref.ptr(c)
	if ptr&flagAtomic != 0 {
		if confirm != 0 {
			l.m.Call(c, confirm, kern.Addr(ref))
		}
		return
	}
	kern.WriteOnce(c, kern.Addr(ref)+refPtr, ptr|flagAtomic)
	if confirm == 0 { // which says that a switch is under way
		confirm = l.noop
	}
	kern.WriteOnce(c, data+dataConfirm, uint32(confirm))
	l.Get(c, ref) // put after the confirmation
	kern.CallRCU(c, data+dataRCU, l.switched)
}

// toPerCPU is __percpu_ref_switch_to_percpu(). The release is for who finds the flag cleared: the CPUs' words are zero then.
func (l *Lib) toPerCPU(c *kern.CPU, ref Ref, data kern.Addr) {
	ptr := ref.ptr(c)
	if ptr&flagAtomic == 0 {
		return
	}
	if kern.WarnOnce(c, kern.Load(c, data+dataReinit) == 0, "percpu_ref_switch_to_percpu: the Ref does not allow it") {
		return
	}
	kern.AtomicAdd(c, data+dataCount, bias)
	for i := range l.m.NumCPU() {
		kern.Store(c, kern.PerCPUPtr(kern.PerCPU(ptr&^flags), i), 0)
	}
	kern.SmpStoreRelease(c, kern.Addr(ref)+refPtr, ptr&^flagAtomic)
}

// switchToAtomicRCU is percpu_ref_switch_to_atomic_rcu(): nobody counts in a CPU's word any more. The words are added up before
// their sum is added to the count: each may be anything, but for the sum.
func (l *Lib) switchToAtomicRCU(c *kern.CPU, head kern.Addr) {
	data := head - dataRCU
	ref := Ref(kern.Load(c, data+dataRef))
	counts, sum := kern.PerCPU(ref.ptr(c)&^flags), uint32(0)
	for i := range l.m.NumCPU() {
		sum += kern.Load(c, kern.PerCPUPtr(counts, i))
	}
	kern.AtomicAdd(c, data+dataCount, sum-bias)
	if int32(kern.AtomicRead(c, data+dataCount)) <= 0 {
		c.Report(&kern.Violation{Kind: kern.Imbalance, Addr: data, Detail: "a percpu_ref has no reference left after it was switched to atomic mode"})
	}
	l.callConfirmRCU(c, ref, data)
}

// callConfirmRCU is percpu_ref_call_confirm_rcu(): the switch is over, and its reference is dropped.
func (l *Lib) callConfirmRCU(c *kern.CPU, ref Ref, data kern.Addr) {
	l.m.Call(c, kern.Func(kern.ReadOnce(c, data+dataConfirm)), kern.Addr(ref))
	kern.SmpStoreRelease(c, data+dataConfirm, 0)
	kern.WakeUp(c, l.waitq)
	if kern.Load(c, data+dataReinit) == 0 {
		l.freeCounts(c, ref)
	}
	l.Put(c, ref)
}
