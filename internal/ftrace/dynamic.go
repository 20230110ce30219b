package ftrace

import "bytes"

// Whoever traces a kernel without page_fault_user makes the event himself: a kprobe on handle_mm_fault, which every fault
// at a user address goes through on every architecture. And s390 has no sys_enter_mmap: its mmap is
// "sys_old_mmap(arg: POINTER)", with the six arguments in user memory, which an event probe on that event reads:
//
//	faults: (handle_mm_fault+0x0/0x268) address=0x1b67000 error_code=0x255
//	mmap: (syscalls.sys_enter_old_mmap) addr=0x0 len=0x1000 prot=0x3 flags=0x22 fd=0xffffffffffffffff off=0x0
//
// A dynamic event is called whatever its maker likes, so these two are known by what stands in parentheses.
const (
	onFault   = "handle_mm_fault"
	onOldMmap = "syscalls.sys_enter_old_mmap"
)

// The flags that handle_mm_fault is called with (enum fault_flag; the same in v6.1 and v6.12).
const (
	flagWrite       = 0x1
	flagUser        = 0x40
	flagRemote      = 0x80
	flagInstruction = 0x100
)

// The bits of x86's error_code, by which a fault is told in Event.Err.
const (
	codeWrite       = 1 << 1
	codeUser        = 1 << 2
	codeInstruction = 1 << 4
)

// cutPlace takes "(SYMBOL+0x..) " or "(GROUP.EVENT) " from what follows the name of a dynamic event, and returns the
// symbol or event.
func cutPlace(s []byte) (place, rest []byte, ok bool) {
	if len(s) == 0 || s[0] != '(' {
		return nil, s, false
	}
	i := bytes.IndexByte(s, ')')
	if i < 0 {
		return nil, s, false
	}
	place, rest = s[1:i], skipSpace(s[i+1:])
	if j := bytes.IndexByte(place, '+'); j >= 0 {
		place = place[:j]
	}
	return place, rest, true
}

// parsePlaced reads a dynamic event by its place. It leaves alone what it does not know.
func parsePlaced(place, s []byte, ev *Event) (known bool, f *fault) {
	switch string(place) {
	case onFault:
		return true, parseHandledFault(s, ev)
	case onOldMmap:
		return true, parseSixWords(s, ev)
	}
	return false, nil
}

// parseHandledFault reads "address=0xA error_code=0xFLAGS", with other fields among them. A remote fault, of ptrace or of
// the argument pages that execve writes through the new mm, is in an mm that the line does not tell: it is of no use.
func parseHandledFault(s []byte, ev *Event) *fault {
	if f := parsePageFault(PageFaultKernel, s, ev); f != nil || ev.Kind == Other {
		return f
	}
	flags := ev.Err
	ev.Err = 0
	if flags&flagRemote != 0 {
		ev.Kind, ev.Addr = Other, 0
		return nil
	}
	if flags&flagUser != 0 {
		ev.Kind = PageFaultUser
		ev.Err |= codeUser
	}
	if flags&flagWrite != 0 {
		ev.Err |= codeWrite
	}
	if flags&flagInstruction != 0 {
		ev.Err |= codeInstruction
	}
	return nil
}

// parseSixWords reads the six arguments of mmap in "NAME=0xVALUE NAME=0xVALUE". A word that the probe could not read is
// printed as "(fault)": such a mapping is not known.
func parseSixWords(s []byte, ev *Event) *fault {
	const event = "sys_enter_old_mmap"
	var seen uint
	for len(s) > 0 {
		field, rest, _ := bytes.Cut(s, []byte(" "))
		s = skipSpace(rest)
		key, value, _ := bytes.Cut(field, []byte("="))
		for i := range mmapArgs {
			if string(key) != mmapArgs[i].name {
				continue
			}
			if string(value) == "(fault)" {
				*ev = Event{Time: ev.Time, CPU: ev.CPU, TID: ev.TID, TGID: ev.TGID}
				return nil
			}
			v, rest, ok := cutHex(value)
			if !ok || len(rest) > 0 {
				return badField(event, mmapArgs[i].name, value, wantNumber)
			}
			ev.put(mmapArgs[i].slot, v)
			seen |= 1 << i
		}
	}
	for i := range mmapArgs {
		if seen&(1<<i) == 0 {
			return noField(event, mmapArgs[i].name)
		}
	}
	ev.Kind = MmapEnter
	return nil
}
