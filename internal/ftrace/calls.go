package ftrace

// arg is an argument by its name in the kernel's definition of the call, which
// the trace shows.
type arg struct {
	name string
	slot slot
}

// The arguments read of each call, in the usual order. Read-only.
var (
	mmapArgs = []arg{
		{"addr", slotAddr}, {"len", slotLen}, {"prot", slotProt}, {"flags", slotFlags}, {"fd", slotFD}, {"off", slotOff},
	}
	mremapArgs = []arg{
		{"addr", slotAddr}, {"old_len", slotLen}, {"new_len", slotNewLen}, {"flags", slotFlags}, {"new_addr", slotNewAddr},
	}
	brkArgs     = []arg{{"brk", slotAddr}}
	munmapArgs  = []arg{{"addr", slotAddr}, {"len", slotLen}}
	madviseArgs = []arg{{"start", slotAddr}, {"len_in", slotLen}, {"behavior", slotFlags}}
	closeArgs   = []arg{{"fd", slotFD}}
	dup2Args    = []arg{{"oldfd", slotFD}, {"newfd", slotFD2}}
	dup3Args    = []arg{{"oldfd", slotFD}, {"newfd", slotFD2}, {"flags", slotFlags}}
	cloneArgs   = []arg{{"clone_flags", slotFlags}}

	dupArgs        = []arg{{"fildes", slotFD}}
	fcntlArgs      = []arg{{"fd", slotFD}, {"cmd", slotCmd}, {"arg", slotArg}}
	pidfdOpenArgs  = []arg{{"pid", slotPid}}
	pidfdGetfdArgs = []arg{{"pidfd", slotFD}, {"fd", slotFD2}}
	shmgetArgs     = []arg{{"key", slotArg}, {"size", slotLen}, {"shmflg", slotFlags}}
	shmatArgs      = []arg{{"shmid", slotFD}, {"shmaddr", slotAddr}, {"shmflg", slotFlags}}
	shmdtArgs      = []arg{{"shmaddr", slotAddr}}
	mlockArgs      = []arg{{"start", slotAddr}, {"len", slotLen}}
	mlock2Args     = []arg{{"start", slotAddr}, {"len", slotLen}, {"flags", slotFlags}}
	mlockallArgs   = []arg{{"flags", slotFlags}}
	ptraceArgs     = []arg{{"request", slotCmd}, {"pid", slotPid}, {"addr", slotAddr}}
	processVMArgs  = []arg{{"pid", slotPid}}
)

// call is what is read of a system call: its kinds of event, Other for one that
// is of no use.
type call struct {
	enter, exit Kind
	args        []arg
}

// lookup finds a call by its name without "sys_".
func lookup(name string) (c call, ok bool) {
	switch name {
	case "mmap":
		return call{MmapEnter, MmapExit, mmapArgs}, true
	case "old_mmap": // s390; its arguments are in an event of their own, see dynamic.go
		return call{Other, MmapExit, nil}, true
	case "mremap":
		return call{MremapEnter, MremapExit, mremapArgs}, true
	case "brk":
		return call{BrkEnter, BrkExit, brkArgs}, true
	case "openat", "open", "creat", "openat2":
		return call{OpenatEnter, OpenatExit, nil}, true
	case "memfd_create":
		return call{MemfdEnter, MemfdExit, nil}, true
	case "munmap":
		return call{MunmapEnter, Other, munmapArgs}, true
	case "madvise":
		return call{MadviseEnter, Other, madviseArgs}, true
	case "close":
		return call{CloseEnter, Other, closeArgs}, true
	case "dup2":
		return call{Dup2Enter, Other, dup2Args}, true
	case "dup3":
		return call{Dup2Enter, Other, dup3Args}, true
	case "dup":
		return call{DupEnter, DupExit, dupArgs}, true
	case "fcntl":
		return call{FcntlEnter, FcntlExit, fcntlArgs}, true
	case "pidfd_open":
		return call{PidfdOpenEnter, PidfdOpenExit, pidfdOpenArgs}, true
	case "pidfd_getfd":
		return call{PidfdGetfdEnter, PidfdGetfdExit, pidfdGetfdArgs}, true
	case "shmget":
		return call{ShmgetEnter, ShmgetExit, shmgetArgs}, true
	case "shmat":
		return call{ShmatEnter, ShmatExit, shmatArgs}, true
	case "shmdt":
		return call{ShmdtEnter, Other, shmdtArgs}, true
	case "mlock":
		return call{MlockEnter, MlockExit, mlockArgs}, true
	case "mlock2":
		return call{MlockEnter, MlockExit, mlock2Args}, true
	case "mlockall":
		return call{MlockallEnter, MlockallExit, mlockallArgs}, true
	case "munlockall":
		return call{MunlockallEnter, Other, nil}, true
	case "ptrace":
		return call{PtraceEnter, PtraceExit, ptraceArgs}, true
	case "process_vm_readv", "process_vm_writev":
		return call{ProcessVMEnter, ProcessVMExit, processVMArgs}, true
	case "execve", "execveat":
		return call{ExecveEnter, Other, nil}, true
	case "clone":
		return call{CloneEnter, Other, cloneArgs}, true
	case "clone3":
		return call{Clone3Enter, Other, nil}, true
	case "fork":
		return call{ForkEnter, Other, nil}, true
	case "vfork":
		return call{VforkEnter, Other, nil}, true
	}
	return call{}, false
}
