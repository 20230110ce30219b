package ftrace

import "bytes"

// parsePerf reads the columns of perf script:
//
//	TASK PID/TID [CPU] MISC TIME: PERIOD GROUP:EVENT: TEXT
//
// perf prints them in this order, whatever the order in -F. All but TIME, the event and one of PID and TID may be absent;
// without CPU all is on CPU 0. TASK may hold anything, so TIME is looked for first and the rest is read from there to
// the left.
func parsePerf(line []byte, ev *Event) ([]byte, stage) {
	furthest := atPID
	for from := 0; ; {
		i := bytes.IndexByte(line[from:], ':')
		if i < 0 {
			return nil, furthest
		}
		from += i + 1
		head := line[:from]
		start := bytes.LastIndexByte(head, ' ') + 1
		t, rest, ok := cutTime(head[start:])
		if !ok || len(rest) != 0 || from == len(line) || line[from] != ' ' {
			continue
		}
		text := skipSpace(line[from:])
		if _, after, ok := cutDecimal(text, 1<<62); ok && len(after) > 0 && after[0] == ' ' {
			text = skipSpace(after) // the period
		}
		name, _, _ := bytes.Cut(text, []byte(" "))
		if len(name) == 0 || name[len(name)-1] != ':' {
			continue
		}
		if !parsePerfTask(line[:start], ev) {
			if bytes.IndexByte(name, ':') < len(name)-1 { // nobody else prints GROUP:EVENT:
				furthest = atTask
			}
			continue
		}
		ev.Time = t
		return cutAddress(text), complete
	}
}

// parsePerfTask reads "TASK PID/TID [CPU] MISC " from the right.
func parsePerfTask(s []byte, ev *Event) bool {
	s = bytes.TrimRight(s, " ")
	ev.CPU, ev.TGID = 0, -1
	if i := bytes.LastIndex(s, []byte("] ")); i >= 0 && len(s)-i < 10 {
		s = s[:i+1] // MISC, a few letters
	}
	if n := len(s); n > 0 && s[n-1] == ']' {
		i := bytes.LastIndexByte(s, '[')
		cpu, ok := pid(s[i+1 : n-1])
		if i < 0 || !ok {
			return false
		}
		ev.CPU = cpu
		s = bytes.TrimRight(s[:i], " ")
	}
	word := s[bytes.LastIndexByte(s, ' ')+1:]
	process, rest, ok := cutPid(word)
	if !ok {
		return false
	}
	ev.TID = process
	if len(rest) > 0 {
		if rest[0] != '/' {
			return false
		}
		if ev.TID, ok = pid(rest[1:]); !ok {
			return false
		}
		ev.TGID = process
	}
	return true
}

// cutAddress drops what -F ip,sym adds behind the text: an address of the kernel in sixteen digits, and its symbol.
func cutAddress(text []byte) []byte {
	i := bytes.LastIndex(text, []byte(" ffff"))
	if i < 0 || len(text)-i < 17 {
		return text
	}
	v, rest, ok := cutHex(text[i+1:])
	if !ok || v>>48 != 0xffff || len(rest) != 0 && rest[0] != ' ' {
		return text
	}
	return bytes.TrimRight(text[:i], " ")
}
