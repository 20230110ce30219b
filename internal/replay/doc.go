// Package replay turns a recorded trace into operations of a simulated machine (package s390sim): it keeps track of
// processes, their descriptors and their break, and calls the machine for every mapping, fault, fork, exit and collapse.
//
// # The rules
//
//  1. A process is a TGID. fork makes a new address space, exec replaces it, the exit of the last thread drops it. clone's
//     flags tell a thread, a vfork and a fork apart: CLONE_VM shares the address space, with CLONE_THREAD for good, without
//     it (vfork, posix_spawn) until the child executes or exits. clone3 shows no flags, so its child is a thread if it
//     keeps its parent's TGID and a fork otherwise (without TGIDs, source.go reads ahead to what tells); that is known from the child's first event, so the fork is made then,
//     and before anything that ends the parent's address space. A process that runs user code or executes, and that
//     nobody saw being forked, was there before the trace.
//  2. mmap, munmap, mremap and brk keep the VMAs. A mapping over an old one unmaps it first. Where mremap moves one, its
//     populated segments get tables at the new place, as move_page_tables does. munmap, close and dup2 are
//     traced on entry only and are taken to succeed. A fault outside every known VMA belongs to a mapping from before the
//     trace: one is assumed, or the assumed one next to it extended, to cover the segment as far as no VMA is known there.
//  3. The first fault in an unpopulated 1 MiB segment allocates its table, be it of user or of kernel mode; so does what
//     populates memory without a fault: MAP_POPULATE, mlock, MADV_POPULATE_WRITE, ptrace. What execve writes before it is
//     told belongs to the new address space. fork copies the tables of mappings with an
//     anon_vma: private ones in which a fault made anonymous memory (any fault if there is no file, a write if there is).
//     An assumed mapping counts as one of a file.
//  4. munmap frees the tables of segments that no VMA overlaps any more, through one gather a call. exit and exec free
//     all, in address order. exec allocates one more table, for the arguments, and frees it by itself: see
//     s390sim's ArgStack.
//  5. A collapse that did its work retracts the tables of its 2 MiB, two s390 segments, in every mm that maps them. The
//     file and offset come from the VMA at the event's address: in the task's own mm with MADV_COLLAPSE; for khugepaged in
//     the mm that the event's pointer stands for, which is found by the addresses it holds.
//     What collapses tell of sharing is in sharing.go.
//  6. Time is the trace's. Grace periods end as it passes.
//
// # What is assumed
//
// Where the trace cannot tell, Assumptions counts how often something was assumed. File names are bare pointers in most
// traces, so that every openat counts as a file of its own until something says otherwise. Host addresses are used as they
// are: a user address of x86-64 is one of s390, too. Adjacent mappings are not merged. A host page table spans 2 MiB and an s390 one 1 MiB; where host faults fall decides which segments get tables,
// so a host fault-around or huge page that needs no second fault leaves a neighbouring segment without one.
//
// # Where to start
//
// New and (*Replay).Event. process.go has fork, exec and exit; memory.go mappings, faults and the break; kernelmode.go what
// the kernel populates; descriptors.go what descriptors stand for, and sharing.go which of it is the same; collapse.go the
// search for the file range.
package replay
