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
