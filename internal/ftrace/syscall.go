package ftrace

import (
	"bytes"
	"fmt"

	"ptsim/internal/quote"
)

// slot names the field of an Event that takes an argument.
type slot uint8

const (
	slotAddr slot = iota
	slotLen
	slotProt
	slotFlags
	slotOff
	slotNewAddr
	slotNewLen
	slotFD
	slotFD2
	slotPid
	slotCmd
	slotArg
)

// put stores an argument. A descriptor is an int, whatever the width at which
// the kernel printed it.
func (e *Event) put(s slot, v uint64) {
	switch s {
	case slotAddr:
		e.Addr = v
	case slotLen:
		e.Len = v
	case slotProt:
		e.Prot = v
	case slotFlags:
		e.Flags = v
	case slotOff:
		e.Off = v
	case slotNewAddr:
		e.NewAddr = v
	case slotNewLen:
		e.NewLen = v
	case slotFD:
		e.FD = int64(int32(v))
	case slotFD2:
		e.FD2 = int64(int32(v))
	case slotPid:
		e.Pid = int32(v)
	case slotCmd:
		e.Cmd = v
	case slotArg:
		e.Arg = v
	}
}

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

// parseSyscall reads what follows the name of a system call: "(ARGUMENTS)" on
// entry, " -> RESULT" on exit.
func parseSyscall(name, s []byte, ev *Event, in *names) *fault {
	c, ok := lookup(string(name[len("sys_"):]))
	if !ok {
		return nil
	}
	if args, ok := cutPrefix(s, "("); ok {
		ev.Kind = c.enter
		if len(args) == 0 || args[len(args)-1] != ')' {
			return bad(fmt.Sprintf("%s: the arguments end in %s", name, quote.Short(args[max(0, len(args)-16):])),
				`")" at the end of the line`)
		}
		return parseEnter(name, args[:len(args)-1], c, ev, in)
	}
	result, ok := cutPrefix(s, " -> ")
	if !ok {
		return bad(fmt.Sprintf("%s is followed by %s", name, quote.Short(s)), `"(ARGUMENTS)" or " -> RESULT"`)
	}
	if ev.Kind = c.exit; ev.Kind == Other {
		return nil
	}
	return parseResult(name, result, ev)
}

// parseResult reads the result of a call.
func parseResult(name, s []byte, ev *Event) *fault {
	v, rest, ok := cutHex(s)
	if !ok || len(rest) != 0 {
		return badField(string(name), "result", s, wantNumber)
	}
	ev.Ret = int64(v)
	return nil
}

// parseEnter reads the arguments of a call.
func parseEnter(name, s []byte, c call, ev *Event, in *names) *fault {
	switch c.enter {
	case OpenatEnter:
		return parseOpen(name, s, ev, in)
	case MemfdEnter:
		return parseFlags(name, s, ev)
	}
	return parseArgs(name, s, c.args, ev)
}

// parseArgs looks arguments up by name in "NAME: VALUE, NAME: VALUE". A value
// may be followed by what it points to, ` "a, b)"` or ` (61:2c, ...)`.
func parseArgs(name, s []byte, args []arg, ev *Event) *fault {
	var seen uint
	next := 0 // the argument that is due if they come in the usual order
	for len(s) > 0 {
		colon := bytes.IndexByte(s, ':')
		if colon < 0 {
			break
		}
		key, i := s[:colon], next
		if j := bytes.LastIndexByte(key, ' '); j >= 0 {
			key = key[j+1:] // option verbose prints types: "unsigned long addr: 0x0"
		}
		if i == len(args) || string(key) != args[i].name {
			for i = 0; i < len(args) && string(key) != args[i].name; i++ {
			}
		}
		s = skipSpace(s[colon+1:])
		if i < len(args) {
			v, rest, ok := cutHex(s)
			if !ok || len(rest) > 0 && rest[0] != ',' && rest[0] != ' ' {
				value, _, _ := bytes.Cut(s, []byte(", "))
				return badField(string(name), args[i].name, value, wantNumber)
			}
			ev.put(args[i].slot, v)
			seen |= 1 << i
			next = i + 1
			s = rest
		}
		s = skipValue(s)
	}
	for i := range args {
		if seen&(1<<i) == 0 {
			return noField(string(name), args[i].name)
		}
	}
	return nil
}

// skipValue drops the rest of a value and the comma after it.
func skipValue(s []byte) []byte {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			end := bytes.IndexByte(s[i+1:], '"')
			if end < 0 {
				return nil
			}
			i += end + 1
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return nil
			}
			depth--
		case ',':
			if depth == 0 {
				return skipSpace(s[i+1:])
			}
		}
	}
	return nil
}

// parseOpen reads the arguments of openat and of the calls like it: the directory, the pointer to the path with the path
// itself where the kernel prints it, and the flags. open and creat have no directory, creat and openat2 no flags of their own.
func parseOpen(name, s []byte, ev *Event, in *names) *fault {
	ev.FD = atCWD
	rest := s
	rest, _ = cutPrefix(rest, "int ") // option verbose prints types
	if r, ok := cutPrefix(rest, "dfd: "); ok {
		v, r, ok := cutHex(r)
		if !ok || len(r) == 0 || r[0] != ',' {
			return badField(string(name), "dfd", rest[len("dfd: "):], wantNumber)
		}
		ev.FD, rest = int64(int32(v)), skipSpace(r[1:])
		if v == 0x4294967196 { // in decimal, as kernels that print paths do
			ev.FD = atCWD
		}
	}
	for _, key := range []string{"filename: ", "pathname: "} {
		rest, _ = cutPrefix(rest, "const char * ")
		r, ok := cutPrefix(rest, key)
		if !ok {
			continue
		}
		if v, r, ok := cutHex(r); ok {
			ev.Addr = v
			ev.Name = in.get(printedPath(r))
		}
	}
	if !hasFlags(name) {
		return nil
	}
	return parseFlags(name, s, ev)
}

// hasFlags tells whether a call like openat has flags among its arguments: creat has none, openat2 has them in memory.
func hasFlags(name []byte) bool {
	return !bytes.HasSuffix(name, []byte("creat")) && !bytes.HasSuffix(name, []byte("openat2"))
}

// atCWD is AT_FDCWD: paths that are not absolute begin at the current folder.
const atCWD = -100

// printedPath returns the path in ` "PATH", flags: ..`, nil if there is none or the kernel cut it short (`"PATH"...`). A
// path may hold quotes; the last one before the arguments that follow ends it.
func printedPath(s []byte) []byte {
	s, ok := cutPrefix(s, ` "`)
	if !ok {
		return nil
	}
	for _, next := range []string{`", flags: `, `", how: `, `", mode: `} {
		if i := bytes.LastIndex(s, []byte(next)); i >= 0 {
			return s[:i]
		}
	}
	return nil
}

// parseFlags reads the flags of openat or memfd_create. The file name before
// them is user data in which even quotes are not escaped, so they are looked for
// from the right. Recent kernels print openat's as names.
func parseFlags(name, s []byte, ev *Event) *fault {
	const key = "flags: "
	i := bytes.LastIndex(s, []byte(", "+key))
	if i < 0 { // with its type before it, by option verbose
		if i = max(bytes.LastIndex(s, []byte(", int "+key)), bytes.LastIndex(s, []byte(", unsigned int "+key))); i < 0 {
			return noField(string(name), "flags")
		}
		i = bytes.LastIndex(s, []byte(key)) - len(", ")
	}
	s = s[i+len(", ")+len(key):]
	if j := bytes.IndexByte(s, ','); j >= 0 {
		s = s[:j] // the mode
	}
	v, rest, ok := cutHex(s)
	if ok && len(rest) == 0 {
		ev.Flags = v
		return nil
	}
	if ev.Kind != OpenatEnter || !bytes.HasPrefix(s, []byte("O_")) {
		return badField(string(name), "flags", s, wantNumber)
	}
	const oCloexec = 0x80000
	for flag := range bytes.SplitSeq(s, []byte("|")) {
		if string(flag) == "O_CLOEXEC" {
			ev.Flags = oCloexec
		}
	}
	return nil
}
