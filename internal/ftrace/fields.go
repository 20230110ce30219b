package ftrace

import "bytes"

// A system call has two names in a trace. tracefs prints "sys_mmap(addr: 0x0, ...)" and "sys_mmap -> 0x7f..". perf script and
// trace-cmd report name the events themselves, and follow the format that the kernel gives for each:
//
//	sys_enter_mmap: addr: 0x00000000, len: 0x00002000, prot: 0x00000003, ...
//	sys_exit_mmap: 0x7f156c9c9000
//
// Option fields of tracefs and trace-cmd report -R list the fields of an event, in hexadecimal behind 0x or in decimal:
//
//	sys_enter_mmap: __syscall_nr=0x9 (9) addr=0x0 (0) len=0x2000 (8192) ...
//	sys_exit_mmap: __syscall_nr=9 ret=0x7f156c9c9000

// parseSyscallEvent reads the events sys_enter_X and sys_exit_X, and raw_syscalls' sys_enter and sys_exit.
func (r *Reader) parseSyscallEvent(name, s []byte, ev *Event) *fault {
	call, enter := cutPrefix(name, "sys_enter")
	if !enter {
		var ok bool
		if call, ok = cutPrefix(name, "sys_exit"); !ok {
			return nil
		}
	}
	switch {
	case len(call) == 0 && enter:
		return r.parseRawEnter(s, ev)
	case len(call) == 0:
		return r.parseRawExit(s, ev)
	case call[0] != '_':
		return nil
	}
	c, ok := lookup(string(call[1:]))
	if !ok {
		return nil
	}
	defer func() { r.named[ev.Kind] = true }()
	fields := bytes.HasPrefix(s, []byte("__syscall_nr=")) || bytes.HasPrefix(s, []byte("nr="))
	switch {
	case enter && c.enter == Other, !enter && c.exit == Other:
		return nil
	case enter && fields:
		r.stats.Fields++
		ev.Kind = c.enter
		return parseEnterFields(name, s, c, ev)
	case enter:
		ev.Kind = c.enter
		return parseEnter(name, s, c, ev, &r.names)
	case fields:
		r.stats.Fields++
		i := bytes.Index(s, []byte(" ret="))
		if i < 0 {
			return noField(string(name), "ret")
		}
		s, _, _ = bytes.Cut(s[i+len(" ret="):], []byte(" "))
		v, ok := fieldValue(s)
		if !ok {
			return badField(string(name), "ret", s, wantNumber)
		}
		ev.Kind, ev.Ret = c.exit, v
		return nil
	}
	ev.Kind = c.exit
	return parseResult(name, s, ev)
}

// The fields read of openat and its like, and of memfd_create. Read-only.
var (
	openFields = []arg{{"flags", slotFlags}, {"dfd", slotFD}, {"filename", slotAddr}, {"pathname", slotAddr}}
	flagsField = []arg{{"flags", slotFlags}}
)

// parseEnterFields reads the fields of sys_enter_X.
func parseEnterFields(name, s []byte, c call, ev *Event) *fault {
	args, needed := c.args, len(c.args)
	switch c.enter {
	case OpenatEnter:
		args, needed, ev.FD = openFields, 0, atCWD
		if hasFlags(name) {
			needed = 1
		}
	case MemfdEnter:
		args, needed = flagsField, 1
	}
	var seen uint
	for len(s) > 0 {
		field, rest, _ := bytes.Cut(s, []byte(" "))
		s = skipSpace(rest)
		key, value, _ := bytes.Cut(field, []byte("="))
		for i := range args {
			if string(key) != args[i].name {
				continue
			}
			v, ok := fieldValue(value)
			if !ok && i >= needed {
				continue // a path, by its place in the kernel
			}
			if !ok {
				return badField(string(name), args[i].name, value, wantNumber)
			}
			ev.put(args[i].slot, uint64(v))
			seen |= 1 << i
		}
	}
	for i := range needed {
		if seen&(1<<i) == 0 {
			return noField(string(name), args[i].name)
		}
	}
	return nil
}

// rawGap is how many blanks trace-cmd report -R puts behind "task_newtask:"; without -R it is one less.
const rawGap = 10

// parseNewTask reads "pid=P comm=C clone_flags=F oom_score_adj=N". F is hexadecimal without 0x; trace-cmd report -R, which
// raw tells, prints it in decimal where the kernel has it as u64.
func parseNewTask(s []byte, raw bool, ev *Event) *fault {
	const event, flags = "task_newtask", " clone_flags="
	value, ok := cutPrefix(s, "pid=")
	if !ok {
		return noField(event, "pid")
	}
	child, ok := fieldValue(value)
	if !ok || child < 0 || child > 1<<31-1 {
		return badField(event, "pid", value, "a PID")
	}
	i := bytes.LastIndex(s, []byte(flags))
	if i < 0 {
		return noField(event, "clone_flags")
	}
	value, _, _ = bytes.Cut(s[i+len(flags):], []byte(" "))
	var v uint64
	if raw && !bytes.HasPrefix(value, []byte("0x")) {
		n, valid := fieldValue(value)
		v, ok = uint64(n), valid
	} else {
		var rest []byte
		v, rest, ok = cutHex(value)
		ok = ok && len(rest) == 0
	}
	if !ok {
		return badField(event, "clone_flags", value, wantNumber)
	}
	ev.Kind, ev.Pid, ev.Flags = NewTask, int32(child), v
	return nil
}
