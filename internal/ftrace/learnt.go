package ftrace

import "encoding/binary"

// learnt remembers what the columns between the dash and the time said: a task prints the same there, blanks included, until
// it moves to another CPU or its irq-info changes. What is read from columns that are known is what [parseColumns] reads.
type learnt struct {
	tasks   [learntTasks]taskSlot
	seconds string // of the time before, with the dot
	second  int64  // in nanoseconds
}

// learntTasks is how many tasks are remembered, by their numbers; a power of 2.
const learntTasks = 64

// taskSlot is what a task printed last: faults print another irq-info than system calls do.
type taskSlot struct {
	ways [2]taskColumns
	last uint8 // the way that was read or learnt last
}

type taskColumns struct {
	text           string // the columns
	line           string // what came before them, and they: the line up to its time
	cpu, tid, tgid int32
}

// slot returns where the task's columns are kept.
func (l *learnt) slot(rest []byte) *taskSlot {
	const fibonacci = 0x9e3779b97f4a7c15
	return &l.tasks[binary.LittleEndian.Uint64(rest)*fibonacci>>(64-6)]
}

// read reads columns that are known, and the time behind them. It returns the event.
func (l *learnt) read(rest []byte, ev *Event) ([]byte, bool) {
	if len(rest) < 8 {
		return nil, false
	}
	slot := l.slot(rest)
	for range slot.ways {
		c := &slot.ways[slot.last]
		n := len(c.text)
		if n == 0 || len(rest) < n || string(rest[:n]) != c.text {
			slot.last ^= 1
			continue
		}
		t, text, ok := l.time(rest[n:])
		if !ok {
			return nil, false
		}
		ev.CPU, ev.TID, ev.TGID, ev.Time = c.cpu, c.tid, c.tgid, t
		return skipSpace(text), true
	}
	return nil, false
}

// before returns the columns of the task whose line b begins with, and all that comes before them, nil if they are not known.
func (l *learnt) before(b []byte) *taskColumns {
	slot := l.slot(b[dashColumn+1:])
	for range slot.ways {
		if c := &slot.ways[slot.last]; len(c.line) > 0 && len(b) >= len(c.line) && string(b[:len(c.line)]) == c.line {
			return c
		}
		slot.last ^= 1
	}
	return nil
}

// time is [cutTime] for a time that is likely to be in the same second as the one before, with six digits behind the dot.
func (l *learnt) time(s []byte) (int64, []byte, bool) {
	n := len(l.seconds)
	if n > 0 && len(s) >= n+8 && string(s[:n]) == l.seconds && s[n+6] == ':' {
		if us, ok := sixDigits(s[n:]); ok {
			return l.second + us*1000, s[n+7:], true
		}
		return 0, nil, false
	}
	t, text, ok := cutTime(s)
	if ok {
		for i, c := range s {
			if c == '.' {
				const second = 1_000_000_000
				l.seconds, l.second = string(s[:i+1]), t-t%second
				break
			}
		}
	}
	return t, text, ok
}

// learn keeps the columns of a line as they were read into ev. text is the line's event.
func (l *learnt) learn(line, text []byte, ev *Event) {
	rest := line[dashColumn+1:]
	end := len(rest) - len(text)
	for end > 0 && rest[end-1] != ':' {
		end--
	}
	for end > 0 && rest[end-1] != ' ' {
		end--
	}
	if end < 8 {
		return
	}
	known := string(line[:dashColumn+1+end])
	slot := l.slot(rest)
	slot.last ^= 1
	slot.ways[slot.last] = taskColumns{known[dashColumn+1:], known, ev.CPU, ev.TID, ev.TGID}
}
