package report

import "ptsim/internal/replay"

// assumption is one thing that was assumed so many times, and how to say it of one and of many.
type assumption struct {
	name      string
	n         int
	one, many string
}

func assumptions(a replay.Assumptions) []assumption {
	return []assumption{
		{"unknown_process", a.UnknownProcess, "process that was there before the trace", "processes that were there before the trace"},
		{"clone3_fork", a.Clone3Fork, "child of an unseen kind of clone, taken for a fork", "children of unseen kinds of clone, taken for forks"},
		{"clone3_thread", a.Clone3Thread, "child of clone3, taken for a thread", "children of clone3, taken for threads"},
		{"assumed_mapping", a.AssumedMapping, "fault in a mapping from before the trace", "faults in mappings from before the trace"},
		{"maybe_raced", a.MaybeRaced, "fault that may have lost the race for a table, which would be one more, freed at once", "faults that may have lost the race for a table, each of which would be one more, freed at once"},
		{"null_pointer", a.NullPointer, "fault at a null pointer, left out", "faults at null pointers, left out"},
		{"remote_access", a.RemoteAccess, "access to another process's memory, which may have populated some", "accesses to other processes' memory, which may have populated some"},
		{"kernel_address", a.KernelAddress, "fault beyond all user addresses, left out", "faults beyond all user addresses, left out"},
		{"unknown_fd", a.UnknownFD, "descriptor nobody saw being opened", "descriptors nobody saw being opened"},
		{"unknown_break", a.UnknownBreak, "break first seen when it moved", "breaks first seen when they moved"},
		{"unknown_collapse", a.UnknownCollapse, "collapse of an unknown range, left out", "collapses of unknown ranges, left out"},
		{"ambiguous_mm", a.AmbiguousMM, "collapse that fits several address spaces", "collapses that fit several address spaces"},
		{"tied_files", a.TiedFiles, "file that was opened apart, taken for another by a collapse's name or a fault after it", "files that were opened apart, taken for others by collapses' names or faults after them"},
		{"unseen_sharing", a.UnseenSharing, "fault on a mapped page after a collapse: sharing was not seen", "faults on mapped pages after a collapse: sharing was not seen"},
		{"unmatched_return", a.UnmatchedReturns, "result of a call from before the trace, left out", "results of calls from before the trace, left out"},
	}
}
