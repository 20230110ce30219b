package ftrace

import "fmt"

// Kind says what happened. The zero Kind is [Other].
type Kind uint8

// The kinds of event. Of a system call, Enter is the call with its arguments and
// Exit its result.
const (
	Other           Kind = iota // any event not named below
	PageFaultUser               // page_fault_user, or a probe of handle_mm_fault
	PageFaultKernel             // page_fault_kernel: the kernel itself touched an address
	NewTask                     // task_newtask: tells what kind of task a fork makes
	Fork                        // sched_process_fork
	Exec                        // sched_process_exec
	Exit                        // sched_process_exit
	ExitMmap                    // exit_mmap: an address space is torn down
	MmapEnter
	MmapExit
	MremapEnter
	MremapExit
	BrkEnter
	BrkExit
	OpenatEnter // openat, open, creat or openat2
	OpenatExit
	MemfdEnter // memfd_create
	MemfdExit
	DupEnter
	DupExit
	FcntlEnter
	FcntlExit
	PidfdOpenEnter
	PidfdOpenExit
	PidfdGetfdEnter
	PidfdGetfdExit
	ShmgetEnter
	ShmgetExit
	ShmatEnter
	ShmatExit
	MlockEnter // mlock or mlock2
	MlockExit
	MlockallEnter
	MlockallExit
	PtraceEnter
	PtraceExit
	ProcessVMEnter // process_vm_readv or process_vm_writev
	ProcessVMExit
	MunlockallEnter
	ShmdtEnter
	MunmapEnter
	MadviseEnter
	CloseEnter
	Dup2Enter   // dup2 or dup3
	ExecveEnter // execve or execveat
	CloneEnter
	Clone3Enter
	ForkEnter
	VforkEnter
	CollapseFile // mm_khugepaged_collapse_file
	Lost         // the kernel dropped events here

	NumKinds = iota // for arrays indexed by Kind
)

// String returns the name of the constant.
func (k Kind) String() string {
	names := [NumKinds]string{
		"Other", "PageFaultUser", "PageFaultKernel", "NewTask", "Fork", "Exec", "Exit", "ExitMmap", "MmapEnter", "MmapExit",
		"MremapEnter", "MremapExit", "BrkEnter", "BrkExit", "OpenatEnter", "OpenatExit", "MemfdEnter", "MemfdExit",
		"DupEnter", "DupExit", "FcntlEnter", "FcntlExit", "PidfdOpenEnter", "PidfdOpenExit", "PidfdGetfdEnter",
		"PidfdGetfdExit", "ShmgetEnter", "ShmgetExit", "ShmatEnter", "ShmatExit", "MlockEnter", "MlockExit",
		"MlockallEnter", "MlockallExit", "PtraceEnter", "PtraceExit", "ProcessVMEnter", "ProcessVMExit",
		"MunlockallEnter", "ShmdtEnter", "MunmapEnter", "MadviseEnter", "CloseEnter", "Dup2Enter", "ExecveEnter",
		"CloneEnter", "Clone3Enter", "ForkEnter", "VforkEnter", "CollapseFile", "Lost",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Result is the outcome of a collapse. The zero Result is [ResultOther].
type Result uint8

// The outcomes that the kernel prints, as far as they differ in effect.
const (
	ResultOther     Result = iota // nothing was collapsed
	ResultSucceeded               // "succeeded": khugepaged did it
	ResultPteMapped               // "pte_mapped_hugepage": MADV_COLLAPSE did it, or found it done
)

// String returns the outcome as the kernel prints it, "other" for the rest.
func (r Result) String() string {
	switch r {
	case ResultOther:
		return "other"
	case ResultSucceeded:
		return "succeeded"
	case ResultPteMapped:
		return "pte_mapped_hugepage"
	}
	return fmt.Sprintf("Result(%d)", uint8(r))
}

// Event is one line of a trace. Line to Time are set for every kind; of the
// others, those in the table, and the rest are zero:
//
//	PageFaultUser,
//	PageFaultKernel      Addr, Err (error_code; bit 0: the page was there, bit 1: a write, bit 2: user mode)
//	NewTask              Pid (the new TID), Flags (clone's)
//	Fork                 Pid (parent), ChildPid: TIDs
//	Exec                 Pid, ChildPid (old_pid: the TID before, differs if a thread called)
//	Exit                 Pid, and GroupDead if HasGroupDead
//	MmapEnter            Addr, Len, Prot, Flags, FD, Off (bytes)
//	MremapEnter          Addr, Len (old_len), NewLen, Flags, NewAddr
//	BrkEnter             Addr
//	OpenatEnter          FD (directory), Addr (where the path is), Name (the path, if printed whole),
//	                     Flags (where the kernel prints names: O_CLOEXEC, 0x80000, alone; openat2: none)
//	MemfdEnter           Flags
//	DupEnter             FD
//	FcntlEnter           FD, Cmd, Arg
//	PidfdOpenEnter       Pid
//	PidfdGetfdEnter      FD (of the process), FD2 (its descriptor)
//	ShmgetEnter          Arg (key), Len, Flags
//	ShmatEnter           FD (the segment's number), Addr, Flags
//	ShmdtEnter           Addr
//	MlockEnter           Addr, Len, Flags (mlock2)
//	MlockallEnter        Flags
//	PtraceEnter          Cmd (request), Pid, Addr
//	ProcessVMEnter       Pid
//	MunmapEnter          Addr, Len
//	MadviseEnter         Addr, Len, Flags (behavior)
//	CloseEnter           FD
//	Dup2Enter            FD (old), FD2 (new), Flags (dup3)
//	CloneEnter           Flags
//	the kinds in Exit,
//	but Exit itself      Ret: the result, or a negative errno
//	CollapseFile         MM, Addr, Name (the file's own, without a folder), Index, Result
//	Lost                 Count
//	ExitMmap, ExecveEnter, Clone3Enter, ForkEnter, VforkEnter, MunlockallEnter, Other: nothing
type Event struct {
	Line int   // line in the file, from 1
	Time int64 // nanoseconds on the trace clock; Lost: that of the event before it
	Kind Kind

	Result       Result // CollapseFile
	GroupDead    bool   // Exit: it was the last thread of its process
	HasGroupDead bool   // Exit: the kernel printed GroupDead; older ones do not

	CPU  int32
	TID  int32 // -1 for Lost
	TGID int32 // -1 if the trace does not show it

	Pid, ChildPid int32

	// Addr of a CollapseFile is an address in MM at which the range shows. From
	// v6.2 to v6.11 the kernel printed is_shmem in its place: 0 or 1 there means
	// that the range is not known.
	Addr            uint64
	Len, Prot       uint64
	Flags, Off      uint64
	NewAddr, NewLen uint64

	FD, FD2 int64  // descriptors, signed: -1 for 0xffffffff
	Cmd     uint64 // FcntlEnter, PtraceEnter
	Arg     uint64 // FcntlEnter, ShmgetEnter
	Index   uint64 // CollapseFile: the page of the file at which the scan stopped
	Name    string // OpenatEnter, CollapseFile
	Ret     int64  // 0xfffffffffffffff4 is -12
	Err     uint64 // page fault error code
	MM      uint64 // the mm pointer as printed (usually hashed), 0 if withheld
	Count   int64  // events lost, 0 if the trace does not say how many
}

// Collapsed reports whether e is a collapse that did its work. The other results
// of [CollapseFile] changed nothing.
func (e *Event) Collapsed() bool {
	return e.Kind == CollapseFile && (e.Result == ResultSucceeded || e.Result == ResultPteMapped)
}
