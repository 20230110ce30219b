package kern

// More of the table: RCU's lists, waiting for readers, callbacks and work items, and SRCU.
func init() {
	list := Primitive{Reads: true, Writes: true, Plain: true, Publishes: true, Order: Release}
	list.Shape, list.Name, list.Func = ListInsert, "list_add_rcu", "ListAddRCU"
	list.Call, list.Does = "list_add_rcu({object}, {word A})", "puts {object} at the front of {word A}, for readers to see"
	primitives[OpListAddRCU] = list
	list.Name, list.Func = "list_add_tail_rcu", "ListAddTailRCU"
	list.Call, list.Does = "list_add_tail_rcu({object}, {word A})", "puts {object} at the end of {word A}, for readers to see"
	primitives[OpListAddTailRCU] = list
	list.Shape, list.Order, list.Name, list.Func = ListRemove, Relaxed, "list_del_rcu", "ListDelRCU"
	list.Call, list.Does = "list_del_rcu({object})", "takes {object} off its list, and leaves its next for readers"
	primitives[OpListDelRCU] = list

	primitives[OpSyncRCU] = Primitive{Name: "synchronize_rcu", Func: "SynchronizeRCU", Order: Full, Sleeps: true, Shares: Callbacks,
		Call: "synchronize_rcu()", Does: "begins to wait for a grace period"}
	primitives[OpSyncRCUEnd] = Primitive{Name: "synchronize_rcu_end", Kernel: "the end of synchronize_rcu", Func: "SynchronizeRCU",
		Order: Full, Blocks: true, Shares: Callbacks,
		Call: "synchronize_rcu() returns", Does: "has waited for a grace period"}
	primitives[OpRCUBarrier] = Primitive{Name: "rcu_barrier", Func: "RCUBarrier", Order: Full, Sleeps: true, Shares: Callbacks,
		Call: "rcu_barrier()", Does: "begins to wait for the callbacks that are queued"}
	primitives[OpRCUBarrierEnd] = Primitive{Name: "rcu_barrier_end", Kernel: "the end of rcu_barrier", Func: "RCUBarrier",
		Order: Full, Blocks: true, Shares: Callbacks,
		Call: "rcu_barrier() returns", Does: "has waited for callbacks"}

	primitives[OpFlushWork] = Primitive{Name: "flush_work", Func: "FlushWork", Shape: TwoWords, Reads: true, Order: Acquire, Sleeps: true, Shares: Works,
		Call: "flush_work({object})", Returns: "{int ret}", Does: "begins to wait for the work item of {object} that was queued last: {done ret}"}
	primitives[OpFlushWorkEnd] = Primitive{Name: "flush_work_end", Kernel: "the end of flush_work", Func: "FlushWork",
		Order: Acquire, Blocks: true, Shares: Works,
		Call: "flush_work({object}) returns", Does: "has waited for the work item of {object}"}

	primitives[OpCancelWork] = Primitive{Name: "cancel_work_sync", Func: "CancelWorkSync", Shape: TwoWords, Reads: true, Writes: true, Order: Full,
		Blocks: true, Sleeps: true, Shares: Works,
		Call: "cancel_work_sync({object})", Does: "takes the work item of {object} off the queue, if it is there, and has it not be queued again"}
	primitives[OpCancelWorkEnd] = Primitive{Name: "cancel_work_sync_end", Kernel: "the end of cancel_work_sync", Func: "CancelWorkSync",
		Shape: TwoWords, Writes: true, Order: Full, Blocks: true, Shares: Works,
		Call: "cancel_work_sync({object}) returns", Does: "has waited for the work item of {object}, which may be queued again"}

	run[OpCancelWork] = func(c *CPU, op Op) uint32 { return c.m.work.cancel(c, op.Addr) }
	run[OpCancelWorkEnd] = func(c *CPU, op Op) uint32 { c.m.work.cancelEnd(c, op.Addr); return 0 }

	srcu := Primitive{Shape: ThreeWords, Reads: true, Writes: true, Order: Full}
	of := func(name, fn, call, returns, does string) Primitive {
		p := srcu
		p.Name, p.Func, p.Call, p.Returns, p.Does = name, fn, call, returns, does
		return p
	}
	primitives[OpSRCULock] = of("srcu_read_lock", "SRCUReadLock", "srcu_read_lock(&{word})", "{int ret}", "enters a reader of {word}, with index {int ret}")
	primitives[OpSRCUUnlock] = of("srcu_read_unlock", "SRCUReadUnlock", "srcu_read_unlock(&{word}, {int A})", "", "leaves a reader of {word} with index {int A}")
	srcu.Blocks, srcu.Sleeps = true, true
	primitives[OpSyncSRCU] = of("synchronize_srcu", "SynchronizeSRCU", "synchronize_srcu(&{word})", "", "begins to wait for the readers of {word}")
	srcu.Sleeps, srcu.Writes = false, false
	primitives[OpSyncSRCUEnd] = of("synchronize_srcu_end", "SynchronizeSRCU", "synchronize_srcu(&{word}) returns", "", "has waited for the readers of {word}")
	primitives[OpSyncSRCUEnd].Kernel = "the end of synchronize_srcu"
}
