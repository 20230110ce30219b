package mmctx

import "ptsim/kern"

// MM is an mm_struct with its mm_context: an address in the shared memory.
type MM kern.Addr

// Words of an mm_struct. The list and its lock have a cache line of their own: where they share one with what is read
// without the lock, two CPUs on two mms cost each other three times the time.
const (
	mmUsers  = 0 // address space users; together they hold one mm_count
	mmCount  = 1 // everybody who needs the struct itself
	mmPGSTE  = 2 // context.alloc_pgste: page tables are 4 KiB with PGSTEs
	mmListAt = 3 // where context.lock and context.pgtable_list are
	mmWork   = 4 // async_put_work
	mmID     = 6
	mmPGD    = 7  // the frame of the top-level table, 0 if there is none
	mmPTLock = 8  // page_table_lock, which all the mm's pmds share
	mmGuest  = 9  // context.has_pgste: there is a KVM guest
	mmFlush  = 10 // context.flush_mm: the TLB must be flushed before the next use
	mmList   = 16 // context.lock and context.pgtable_list, unless they live in an object of their own

	mmWords = 19
)

// Users returns the address of mm_users.
func (mm MM) Users() kern.Addr { return kern.Addr(mm) + mmUsers }

// Count returns the address of mm_count.
func (mm MM) Count() kern.Addr { return kern.Addr(mm) + mmCount }

// PGD returns the address of the word that holds the frame of the top-level table.
func (mm MM) PGD() kern.Addr { return kern.Addr(mm) + mmPGD }

// PageTableLock returns the address of page_table_lock, which protects the mm's pmds.
func (mm MM) PageTableLock() kern.Addr { return kern.Addr(mm) + mmPTLock }

// ID returns the number the mm was created with, as a debugger would.
func (mm MM) ID(m *kern.Machine) int { return int(m.Peek(kern.Addr(mm) + mmID)) }

// Freed tells whether the struct has been freed, as a debugger would.
func (mm MM) Freed(m *kern.Machine) bool {
	return kern.Addr(m.Peek(kern.Addr(mm)+mmID)) == kern.FreePoison
}

// AllocPGSTE is mm_alloc_pgste(): page tables of this mm are 4 KiB pages with PGSTEs.
func (mm MM) AllocPGSTE(c *kern.CPU) bool { return kern.Load(c, kern.Addr(mm)+mmPGSTE) != 0 }

// HasPGSTE is mm_has_pgste(): a KVM guest runs in this mm.
func (mm MM) HasPGSTE(c *kern.CPU) bool { return kern.ReadOnce(c, kern.Addr(mm)+mmGuest) != 0 }

// PeekAllocPGSTE is AllocPGSTE as a debugger would read it.
func (mm MM) PeekAllocPGSTE(m *kern.Machine) bool {
	v := m.Peek(kern.Addr(mm) + mmPGSTE)
	return v != 0 && kern.Addr(v) != kern.FreePoison
}

// SetAllocPGSTE makes all further page tables of the mm 4 KiB pages with PGSTEs. It must come before the first.
func (mm MM) SetAllocPGSTE(c *kern.CPU) { kern.Store(c, kern.Addr(mm)+mmPGSTE, 1) }

// SetHasPGSTE records that the mm has a KVM guest.
func (mm MM) SetHasPGSTE(c *kern.CPU) { kern.WriteOnce(c, kern.Addr(mm)+mmGuest, 1) }

// SetFlushMM notes that tables went away and the TLB must be flushed before they are freed.
func (mm MM) SetFlushMM(c *kern.CPU) {
	if kern.ReadOnce(c, kern.Addr(mm)+mmFlush) == 0 {
		kern.WriteOnce(c, kern.Addr(mm)+mmFlush, 1)
	}
}

// TestClearFlushMM tells whether a flush is due, and takes the note back. The caller holds the list lock.
func (mm MM) TestClearFlushMM(c *kern.CPU) bool {
	if kern.ReadOnce(c, kern.Addr(mm)+mmFlush) == 0 {
		return false
	}
	kern.WriteOnce(c, kern.Addr(mm)+mmFlush, 0)
	return true
}

// PgtableList is context.lock and, behind it, context.pgtable_list: the pages of the mm that have a half to give away.
type PgtableList kern.Addr

const pgtableListWords = 1 + kern.ListHeadWords

// Lock returns the address of the lock. It protects the list and the A bits of the mm's pages.
func (l PgtableList) Lock() kern.Addr { return kern.Addr(l) }

// Head returns the address of the list head.
func (l PgtableList) Head() kern.Addr { return kern.Addr(l) + 1 }

// EmbeddedList returns the list of an mm that holds its own.
func (mm MM) EmbeddedList() PgtableList { return PgtableList(kern.Addr(mm) + mmList) }

// List returns the mm's list, wherever it is.
func (mm MM) List(c *kern.CPU) PgtableList {
	return PgtableList(kern.Load(c, kern.Addr(mm)+mmListAt))
}

// PeekList is List as a debugger would read it; 0 once the mm is freed.
func (mm MM) PeekList(m *kern.Machine) PgtableList {
	l := kern.Addr(m.Peek(kern.Addr(mm) + mmListAt))
	if !l.IsPlace() {
		return 0
	}
	return PgtableList(l)
}
