package ftrace

import (
	"bytes"
	"math"

	"ptsim/internal/quote"
)

// parseEvent reads what follows the timestamp. It sets ev.Kind and the arguments
// of that kind.
func (r *Reader) parseEvent(s []byte, ev *Event) *fault {
	if len(s) == 0 {
		return nil // the kernel prints nothing for a system call without metadata
	}
	// Page faults are most of every trace.
	if bytes.HasPrefix(s, []byte("page_fault_user: a")) { // else it is a dynamic event, or broken
		s = s[len("page_fault_user: "):]
		if addr, code, ok := plainFault(s); ok {
			ev.Kind, ev.Addr, ev.Err = PageFaultUser, addr, code
			return nil
		}
		return parsePageFault(PageFaultUser, s, ev)
	}
	n := nameLen(s)
	if n+1 < len(s) && s[n] == ':' && s[n+1] != ' ' { // GROUP:EVENT: by perf script
		s = s[n+1:]
		n = nameLen(s)
	}
	name, rest := s[:n], s[n:]
	event := len(rest) > 0 && rest[0] == ':' && (bytes.HasPrefix(name, []byte("sys_enter")) || bytes.HasPrefix(name, []byte("sys_exit")))
	if bytes.HasPrefix(name, []byte("sys_")) && !event {
		f := parseSyscall(name, rest, ev, &r.names)
		r.named[ev.Kind] = true
		return f
	}
	rest, ok := cutPrefix(rest, ":")
	if !ok {
		return nil
	}
	gap := len(rest)
	rest = skipSpace(rest)
	gap -= len(rest)
	if event {
		return r.parseSyscallEvent(name, rest, ev)
	}
	if place, fields, ok := cutPlace(rest); ok {
		if known, f := parsePlaced(place, fields, ev); known || f != nil {
			return f
		}
		rest = fields // by its name, as if the kernel itself had the event
	}
	switch string(name) {
	case "page_fault_user": // with nothing behind it
		return parsePageFault(PageFaultUser, rest, ev)
	case "page_fault_kernel":
		return parsePageFault(PageFaultKernel, rest, ev)
	case "sched_process_fork":
		return parseFork(rest, ev)
	case "task_newtask":
		return parseNewTask(rest, gap == rawGap, ev)
	case "sched_process_exec":
		return parseExec(rest, ev)
	case "sched_process_exit":
		return parseProcessExit(rest, ev)
	case "exit_mmap":
		ev.Kind = ExitMmap
	case "mm_khugepaged_collapse_file":
		return parseCollapseFile(rest, ev, &r.names)
	}
	return nil
}

// plainFault is parsePageFault for what it mostly reads: "address=0xA ip=0xI error_code=0xE" and nothing behind.
func plainFault(s []byte) (addr, code uint64, ok bool) {
	const address, ip, errorCode = "address=0x", " ip=0x", " error_code=0x"
	if len(s) < len(address) || string(s[:len(address)]) != address {
		return 0, 0, false
	}
	s = s[len(address):]
	addr, rest := hexDigitsOf(s)
	if len(rest) == len(s) || len(rest) < len(ip) || string(rest[:len(ip)]) != ip {
		return 0, 0, false
	}
	s = rest
	s = s[len(ip):]
	i := 12 // digits of most addresses of user mode
	if len(s) <= i || s[i] != ' ' {
		for i = 0; i < len(s) && s[i] != ' '; i++ {
		}
	}
	s = s[i:]
	if len(s) < len(errorCode) || string(s[:len(errorCode)]) != errorCode {
		return 0, 0, false
	}
	digits := len(s) - len(errorCode)
	code, s = hexDigitsOf(s[len(errorCode):])
	return addr, code, len(s) == 0 && digits > 0
}

// parsePageFault reads, for either mode, "address=0xA ip=0xI error_code=0xE". An address to which
// the kernel has a symbol is printed as that symbol; it is no user mapping (a
// null pointer shows as the first per-CPU variable), so the event is of no use.
func parsePageFault(kind Kind, s []byte, ev *Event) *fault {
	event := "page_fault_user"
	if kind == PageFaultKernel {
		event = "page_fault_kernel"
	}
	s, ok := cutPrefix(s, "address=")
	if !ok {
		return noField(event, "address")
	}
	addr, rest, ok := cutHex(s)
	if !ok || len(rest) > 0 && rest[0] != ' ' {
		value, _, more := bytes.Cut(s, []byte(" "))
		if more && isSymbol(value) {
			return nil
		}
		return badField(event, "address", value, wantNumber)
	}
	const key = " error_code="
	at := rest
	for len(at) > 0 && !bytes.HasPrefix(at, []byte(key)) {
		if i := bytes.IndexByte(at[1:], ' '); i >= 0 {
			at = at[1+i:]
		} else {
			at = nil
		}
	}
	if len(at) == 0 {
		return noField(event, "error_code")
	}
	code, rest, ok := cutHex(at[len(key):])
	if !ok || len(rest) > 0 && rest[0] != ' ' && rest[0] != ',' {
		return badField(event, "error_code", at[len(key):], wantNumber)
	}
	ev.Kind, ev.Addr, ev.Err = kind, addr, code
	return nil
}

// isSymbol reports whether s is a C identifier, perhaps "+0x8/0x10" into it.
func isSymbol(s []byte) bool {
	name, _, _ := bytes.Cut(s, []byte("+"))
	for i, c := range name {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c != '.' && (c < '0' || c > '9')) {
			return false
		}
	}
	return len(name) > 0
}

// parseFork reads "comm=C pid=P child_comm=D child_pid=Q", or "parent_comm=C parent_pid=P ..." where a tool prints the
// fields by their own names. C and D are task
// names of at most 15 bytes, which may contain " pid=1" or " child_comm=", but
// not " pid=1 child_comm=": the first place where both stand is between them.
func parseFork(s []byte, ev *Event) *fault {
	const event, comm, child = "sched_process_fork", " child_comm=", " child_pid="
	i := bytes.LastIndex(s, []byte(child))
	if i < 0 {
		return noField(event, "child_pid")
	}
	childPid, ok := pidValue(s[i+len(child):])
	if !ok {
		return badField(event, "child_pid", s[i+len(child):], "a PID")
	}
	found := false
	for from := 0; ; {
		j := bytes.Index(s[from:i], []byte(comm))
		if j < 0 {
			break
		}
		found = true
		if p, ok := pidAtEnd(s[:from+j]); ok {
			ev.Kind, ev.Pid, ev.ChildPid = Fork, p, childPid
			return nil
		}
		from += j + 1
	}
	if !found {
		return noField(event, "child_comm")
	}
	return pidFault(event, s[:i])
}

// parseExec reads "filename=F pid=P old_pid=Q".
func parseExec(s []byte, ev *Event) *fault {
	const event, old = "sched_process_exec", " old_pid="
	i := bytes.LastIndex(s, []byte(old))
	if i < 0 {
		return noField(event, "old_pid")
	}
	oldPid, ok := pidValue(s[i+len(old):])
	if !ok {
		return badField(event, "old_pid", s[i+len(old):], "a PID")
	}
	p, ok := pidAtEnd(s[:i])
	if !ok {
		return pidFault(event, s[:i])
	}
	ev.Kind, ev.Pid, ev.ChildPid = Exec, p, oldPid
	return nil
}

// parseProcessExit reads "comm=C pid=P prio=N" and, on newer kernels,
// " group_dead=true".
func parseProcessExit(s []byte, ev *Event) *fault {
	const event, prio, dead = "sched_process_exit", " prio=", " group_dead="
	i := bytes.LastIndex(s, []byte(prio))
	if i < 0 {
		return noField(event, "prio")
	}
	rest := s[i+len(prio):]
	if _, ok := fieldValue(rest); !ok { // deadline tasks have -1
		return badField(event, "prio", s[i+len(prio):], "a decimal number")
	}
	p, ok := pidAtEnd(s[:i])
	if !ok {
		return pidFault(event, s[:i])
	}
	if j := bytes.Index(rest, []byte(dead)); j >= 0 {
		value, _, _ := bytes.Cut(rest[j+len(dead):], []byte(" "))
		switch string(value) {
		case "true", "1", "(1)": // by its name, or as the byte that it is
			ev.GroupDead = true
		case "false", "0", "(0)":
		default:
			return badField(event, "group_dead", value, "true or false")
		}
		ev.HasGroupDead = true
	}
	ev.Kind, ev.Pid = Exit, p
	return nil
}

const pidKey = " pid="

// pidAtEnd reads the PID of a text that ends in " pid=PID" or " parent_pid=PID".
func pidAtEnd(s []byte) (int32, bool) {
	i := bytes.LastIndex(s, []byte("pid="))
	if i < 0 || !bytes.HasSuffix(s[:i], []byte(" ")) && !bytes.HasSuffix(s[:i], []byte(" parent_")) {
		return 0, false
	}
	return pidValue(s[i+len("pid="):])
}

// pidValue reads a PID, "101" or "0x65 (101)", that is all of s.
func pidValue(s []byte) (int32, bool) {
	if p, ok := pid(s); ok {
		return p, true
	}
	v, rest, ok := cutHex(s)
	if !ok || len(s) < 2 || s[1] != 'x' || v > math.MaxInt32 {
		return 0, false
	}
	if len(rest) > 0 && (!bytes.HasPrefix(rest, []byte(" (")) || rest[len(rest)-1] != ')') {
		return 0, false
	}
	return int32(v), true
}

// pidFault says why pidAtEnd failed.
func pidFault(event string, s []byte) *fault {
	i := bytes.LastIndex(s, []byte(pidKey))
	if i < 0 {
		return noField(event, "pid")
	}
	return badField(event, "pid", s[i+len(pidKey):], "a PID")
}

// parseCollapseFile reads "mm=M, hpage_pfn=.., index=.., addr=A, is_shmem=..,
// filename=F, nr=.., result=R". Only F is free text.
func parseCollapseFile(s []byte, ev *Event, in *names) *fault {
	const event, addr, result = "mm_khugepaged_collapse_file", ", addr=", ", result="
	i := bytes.LastIndex(s, []byte(result))
	if i < 0 {
		if bytes.Contains(s, []byte(" result=")) {
			return final(event+": the result is a number, as option fields of tracefs and trace-cmd report -R print it: "+quote.Short(s),
				"its name: echo 0 > options/fields, or leave out -R")
		}
		return noField(event, "result")
	}
	outcome := s[i+len(result):]
	if len(outcome) == 0 {
		return badField(event, "result", outcome, "the outcome of a collapse")
	}
	head, tail, named := bytes.Cut(s[:i], []byte(", filename="))
	mm, ok := cutPrefix(head, "mm=")
	if !ok {
		return noField(event, "mm")
	}
	mm, _, _ = bytes.Cut(mm, []byte(", "))
	var ptr uint64
	if len(mm) == 0 || mm[0] != '(' { // "(____ptrval____)": nothing to hash with yet
		var rest []byte
		if ptr, rest, ok = cutHex(mm); !ok || len(rest) > 0 {
			return badField(event, "mm", mm, "a pointer of at most 64 bits, hexadecimal")
		}
	}
	i = bytes.Index(head, []byte(addr))
	if i < 0 {
		return noField(event, "addr")
	}
	value, _, _ := bytes.Cut(head[i+len(addr):], []byte(", "))
	a, rest, ok := cutHex(value)
	if !ok || len(rest) > 0 {
		return badField(event, "addr", value, wantNumber)
	}
	ev.Kind, ev.MM, ev.Addr = CollapseFile, ptr, a
	if index, ok := cutAfter(head, ", index="); ok {
		ev.Index = uint64(index)
	}
	if nr := bytes.LastIndex(tail, []byte(", nr=")); named && nr >= 0 {
		ev.Name = in.get(tail[:nr])
	}
	switch string(outcome) {
	case "succeeded":
		ev.Result = ResultSucceeded
	case "pte_mapped_hugepage":
		ev.Result = ResultPteMapped
	}
	return nil
}

// cutAfter reads the decimal number behind a key.
func cutAfter(s []byte, key string) (int64, bool) {
	i := bytes.Index(s, []byte(key))
	if i < 0 {
		return 0, false
	}
	v, _, ok := cutDecimal(s[i+len(key):], math.MaxInt64)
	return v, ok
}
