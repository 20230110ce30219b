package ftrace

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/quote"
)

// arch is the numbers that an architecture gives to the system calls that are read, for traces of
// raw_syscalls:sys_enter, which name a call by its number. Programs of another width than the kernel are not told apart.
type arch struct {
	name  string
	calls map[int64]string // the name without "sys_"
}

// The tables of arch/x86/entry/syscalls/syscall_64.tbl, arch/s390/kernel/syscalls/syscall.tbl and, for arm64,
// scripts/syscall.tbl of Linux. Read-only.
var arches = []*arch{
	{"x86-64", map[int64]string{
		2: "open", 3: "close", 9: "mmap", 11: "munmap", 12: "brk", 25: "mremap", 28: "madvise", 29: "shmget", 30: "shmat",
		32: "dup", 33: "dup2", 56: "clone", 57: "fork", 58: "vfork", 59: "execve", 67: "shmdt", 72: "fcntl", 85: "creat",
		101: "ptrace", 149: "mlock", 151: "mlockall", 152: "munlockall", 257: "openat", 292: "dup3", 310: "process_vm_readv",
		311: "process_vm_writev", 319: "memfd_create", 322: "execveat", 325: "mlock2", 434: "pidfd_open", 435: "clone3",
		437: "openat2", 438: "pidfd_getfd",
	}},
	{"s390x", map[int64]string{
		2: "fork", 5: "open", 6: "close", 8: "creat", 11: "execve", 26: "ptrace", 41: "dup", 45: "brk", 55: "fcntl",
		63: "dup2", 90: "old_mmap", 91: "munmap", 120: "clone", 150: "mlock", 152: "mlockall", 153: "munlockall", 163: "mremap",
		190: "vfork", 219: "madvise", 288: "openat", 326: "dup3", 340: "process_vm_readv", 341: "process_vm_writev",
		350: "memfd_create", 354: "execveat", 374: "mlock2", 395: "shmget", 397: "shmat", 398: "shmdt", 434: "pidfd_open",
		435: "clone3", 437: "openat2", 438: "pidfd_getfd",
	}},
	{"arm64", map[int64]string{
		23: "dup", 24: "dup3", 25: "fcntl", 56: "openat", 57: "close", 117: "ptrace", 194: "shmget", 196: "shmat", 197: "shmdt",
		214: "brk", 215: "munmap", 216: "mremap", 220: "clone", 221: "execve", 222: "mmap", 228: "mlock", 230: "mlockall",
		231: "munlockall", 233: "madvise", 270: "process_vm_readv", 271: "process_vm_writev", 279: "memfd_create",
		281: "execveat", 284: "mlock2", 434: "pidfd_open", 435: "clone3", 437: "openat2", 438: "pidfd_getfd",
	}},
}

// Arches are the names that [Options] takes.
func Arches() []string {
	names := make([]string, len(arches))
	for i, a := range arches {
		names[i] = a.name
	}
	return names
}

// chooseArch finds the architecture of that name or, if it is empty, the one of which the beginning of the trace tells.
// seen is false if nothing does, and x86-64 is assumed.
func chooseArch(name string, start []byte) (a *arch, seen bool, err error) {
	if name != "" {
		for _, a := range arches {
			if a.name == name {
				return a, true, nil
			}
		}
		return nil, false, fmt.Errorf("architecture %s; expected %s", quote.Short(name), strings.Join(Arches(), ", "))
	}
	for _, hint := range []struct {
		text string
		arch int
	}{
		{"# arch : x86_64", 0}, {"# arch : s390x", 1}, {"# arch : aarch64", 2}, // perf script --header
		{" x86_64, page size", 0}, {" s390x, page size", 1}, {" aarch64, page size", 2}, // ptsim record
		{"sys_old_mmap", 1}, {"sys_s390_", 1},
	} {
		if bytes.Contains(start, []byte(hint.text)) {
			return arches[hint.arch], true, nil
		}
	}
	return guessArch(start)
}

// guessArch looks at results: mmap and brk return addresses, and what has their numbers elsewhere never does.
func guessArch(start []byte) (*arch, bool, error) {
	const key = ": NR "
	votes := make([]int, len(arches))
	for {
		i := bytes.Index(start, []byte(key))
		if i < 0 {
			break
		}
		start = start[i+len(key):]
		nr, rest, ok := cutDecimal(start, 1<<20)
		if !ok {
			continue
		}
		if rest, ok = cutPrefix(rest, " = "); !ok {
			continue
		}
		const address = 1 << 24
		if v, _, ok := cutDecimal(rest, 1<<62); !ok || v < address {
			continue
		}
		for n, a := range arches {
			if c := a.calls[nr]; c == "mmap" || c == "brk" || c == "old_mmap" {
				votes[n]++
			}
		}
	}
	best := slices.Index(votes, slices.Max(votes))
	return arches[best], votes[best] > 0, nil
}

// parseRawEnter reads "NR 9 (0, 400000, 3, 22, ffffffff, 0)": what raw_syscalls:sys_enter shows.
func (r *Reader) parseRawEnter(s []byte, ev *Event) *fault {
	if bytes.HasPrefix(s, []byte("id=")) {
		return r.parseRawFields(s, ev)
	}
	nr, s, ok := cutNR(s)
	if !ok {
		return nil
	}
	name, c, ok := r.rawCall(nr)
	if !ok || c.enter == Other {
		return nil
	}
	if s, ok = cutPrefix(s, " ("); !ok {
		return bad(fmt.Sprintf("sys_enter: NR %d is followed by %s", nr, quote.Short(s)), `"(ARGUMENTS)"`)
	}
	var words [6]uint64
	for i := range words {
		v, rest, ok := cutHex(skipSpace(s))
		if !ok || len(rest) == 0 || rest[0] != ',' && rest[0] != ')' {
			return bad(fmt.Sprintf("sys_enter: argument %d of NR %d is %s", i+1, nr, quote.Short(s)), wantNumber)
		}
		words[i], s = v, rest[1:]
	}
	r.arch.setWords(name, c, &words, ev)
	return nil
}

// parseRawExit reads "NR 9 = 140086437318656".
func (r *Reader) parseRawExit(s []byte, ev *Event) *fault {
	var nr, ret int64
	var ok bool
	if id, isFields := cutPrefix(s, "id="); isFields {
		if nr, ok = fieldValue(id); !ok {
			return badField("sys_exit", "id", id, "a number")
		}
		i := bytes.Index(s, []byte(" ret="))
		if i < 0 {
			return noField("sys_exit", "ret")
		}
		if ret, ok = fieldValue(s[i+len(" ret="):]); !ok {
			return badField("sys_exit", "ret", s[i+len(" ret="):], "a number")
		}
	} else {
		if nr, s, ok = cutNR(s); !ok {
			return nil
		}
		if s, ok = cutPrefix(s, " = "); !ok {
			return bad(fmt.Sprintf("sys_exit: NR %d is followed by %s", nr, quote.Short(s)), `"= RESULT"`)
		}
		if ret, ok = fieldValue(s); !ok {
			return badField("sys_exit", "result", s, "a decimal number")
		}
	}
	if _, c, known := r.rawCall(nr); known && c.exit != Other {
		ev.Kind, ev.Ret = c.exit, ret
	}
	return nil
}

// parseRawFields reads the fields of raw_syscalls:sys_enter: "id=9 args=ARRAY[00, 20, ...]" by trace-cmd report -R, the
// bytes of six words. Option fields of tracefs withholds them, so that nothing of the call is known.
func (r *Reader) parseRawFields(s []byte, ev *Event) *fault {
	nr, ok := fieldValue(s[len("id="):])
	if !ok {
		return badField("sys_enter", "id", s[len("id="):], "a number")
	}
	name, c, known := r.rawCall(nr)
	_, bytesOf, ok := bytes.Cut(s, []byte("args=ARRAY["))
	if !known || c.enter == Other {
		return nil
	}
	if !ok {
		return final("sys_enter without its arguments, as option fields of tracefs prints it: "+quote.Short(s),
			"its arguments: echo 0 > options/fields, and read the file trace again")
	}
	var words [6]uint64
	for i := range words {
		for b := range 8 {
			v, rest, ok := cutHex(skipSpace(bytesOf))
			if !ok || v > 0xff || len(rest) == 0 {
				return badField("sys_enter", "args", s, "48 bytes, hexadecimal")
			}
			at := b
			if r.arch.name == "s390x" {
				at = 7 - b
			}
			words[i] |= v << (8 * at)
			bytesOf = rest[1:]
		}
	}
	r.arch.setWords(name, c, &words, ev)
	return nil
}

func (r *Reader) rawCall(nr int64) (name string, c call, ok bool) {
	r.stats.Raw++
	if name, ok = r.arch.calls[nr]; ok {
		c, ok = lookup(name)
	}
	if r.named[c.enter] {
		c.enter = Other // the call has events of its own in this trace
	}
	if r.named[c.exit] {
		c.exit = Other
	}
	return name, c, ok
}

// setWords stores the arguments of a call by position.
func (a *arch) setWords(name string, c call, words *[6]uint64, ev *Event) {
	ev.Kind = c.enter
	switch {
	case c.enter == OpenatEnter:
		at := 0
		ev.FD = atCWD
		if name == "openat" || name == "openat2" {
			ev.FD, at = int64(int32(words[0])), 1
		}
		ev.Addr = words[at]
		if hasFlags([]byte(name)) {
			ev.Flags = words[at+1]
		}
	case c.enter == MemfdEnter:
		ev.Flags = words[1]
	case name == "clone" && a.name == "s390x": // CONFIG_CLONE_BACKWARDS2
		ev.Flags = words[1]
	default:
		for i, arg := range c.args {
			ev.put(arg.slot, words[i])
		}
	}
}

func cutNR(s []byte) (int64, []byte, bool) {
	s, ok := cutPrefix(s, "NR ")
	if !ok {
		return 0, nil, false
	}
	return cutDecimal(s, 1<<31)
}

// fieldValue reads a value that is decimal, perhaps negative, or hexadecimal behind 0x, and may be followed by a blank.
func fieldValue(s []byte) (int64, bool) {
	if len(s) > 1 && s[0] == '0' && s[1] == 'x' {
		v, rest, ok := cutHex(s)
		return int64(v), ok && (len(rest) == 0 || rest[0] == ' ')
	}
	digits, negative := cutPrefix(s, "-")
	v, rest, ok := cutDecimal(digits, 1<<63-1)
	if negative {
		v = -v
	}
	return v, ok && (len(rest) == 0 || rest[0] == ' ')
}
