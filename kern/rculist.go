package kern

// Lists that readers walk under RCU, without a lock: <linux/rculist.h>. Writers hold the lock of the list. Each of their
// operations is one step; what a reader can tell is kept: a node is published by one store, behind its own words, and one that
// is deleted keeps its next, so that who stands on it goes on.

// ListAddRCU is list_add_rcu(): node goes to the front of the list at head, and readers may meet it.
func ListAddRCU(c *CPU, node, head Addr) {
	c.listInsert(OpListAddRCU, node, head, c.watched)
}

// ListAddTailRCU is list_add_tail_rcu(): node goes to the end of the list at head, and readers may meet it.
func ListAddTailRCU(c *CPU, node, head Addr) {
	c.listInsert(OpListAddTailRCU, node, head, c.watched)
}

// ListDelRCU is list_del_rcu(): node leaves its list. Its next stays for readers that stand on it, so it must not be freed, nor
// added again, before a grace period has passed.
func ListDelRCU(c *CPU, node Addr) {
	c.listRemove(OpListDelRCU, node, c.watched)
}

// ListNextRCU is list_next_rcu(), read by rcu_dereference(): the node behind node, or the head of the list.
func ListNextRCU(c *CPU, node Addr) Addr { return RCUDereference(c, node+listNext) }

// ListForEachRCU is list_for_each_entry_rcu(): it calls f for each node of the list at head, until f returns false. The caller
// is inside rcu_read_lock, and stays there as long as it stands on a node.
func ListForEachRCU(c *CPU, head Addr, f func(node Addr) bool) {
	for node := ListNextRCU(c, head); node != head && f(node); node = ListNextRCU(c, node) {
	}
}

// unlinkRCU takes a node off its list: a reader that stands on it goes on from its next, which stays.
func unlinkRCU(prevNext, nextPrev, myPrev *uint32, next, prev Addr) {
	*nextPrev = uint32(prev)
	storeRelease(prevNext, uint32(next)) // WRITE_ONCE
	*myPrev = uint32(ListPoison2)
}
