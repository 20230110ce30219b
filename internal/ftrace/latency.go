package ftrace

import "bytes"

// parseLatency reads what option latency-format prints, "TASK-PID CPUFLAGS TIMEus : ", and trace-cmd report -l, in which
// the time is in seconds. The task name is cut to eight bytes. FLAGS begins where the digits of CPU end.
func parseLatency(line []byte, ev *Event) (text []byte, s stage, ticks bool) {
	furthest := atPID
	for rest := line; ; {
		i := bytes.IndexByte(rest, '-')
		if i < 0 {
			return nil, furthest, false
		}
		rest = rest[i+1:]
		text, s, ticks = parseLatencyColumns(rest, ev)
		if s == complete {
			return text, s, ticks
		}
		furthest = max(furthest, s)
	}
}

func parseLatencyColumns(s []byte, ev *Event) (text []byte, at stage, ticks bool) {
	var ok bool
	if ev.TID, s, ok = cutPid(s); !ok || len(s) == 0 || s[0] != ' ' {
		return nil, atPID, false
	}
	ev.TGID = -1
	if ev.CPU, s, ok = cutPid(skipSpace(s)); !ok || len(s) == 0 || s[0] == ' ' {
		return nil, atPID, false // no flags: some other form
	}
	i := bytes.IndexByte(s, ' ')
	if i < 0 || bytes.IndexByte(s[:i], ':') >= 0 {
		return nil, atPID, false
	}
	s = skipSpace(s[i:])
	if t, text, ok := cutTime(s); ok {
		ev.Time = t
		return skipSpace(text), complete, false
	}
	if t, text, ok := cutTicks(s); ok {
		ev.Time = t
		return skipSpace(text), complete, true
	}
	t, text, ok := cutMicroseconds(s)
	if !ok {
		return nil, atTime, false
	}
	ev.Time = t
	return skipSpace(text), complete, false
}

// cutMicroseconds reads "132696us : " as nanoseconds; a mark for the length of the pause that follows may stand before
// the blank.
func cutMicroseconds(s []byte) (int64, []byte, bool) {
	const most = 1 << 62 / 1000
	us, s, ok := cutDecimal(s, most)
	if !ok {
		return 0, nil, false
	}
	if s, ok = cutPrefix(s, "us"); !ok {
		return 0, nil, false
	}
	if len(s) > 0 && bytes.IndexByte([]byte(" +!#*@$"), s[0]) >= 0 {
		s = s[1:]
	}
	if s, ok = cutPrefix(s, ": "); !ok {
		return 0, nil, false
	}
	return us * 1000, s, true
}

// parseVerbose reads what latency-format prints with option verbose:
//
//	TASK PID CPU FLAGS PREEMPT INDEX [HEX] 15.295ms (+0.001ms): EVENT
//	TASK PID CPU FLAGS PREEMPT INDEX [HEX] 1234 (+1): EVENT
//
// HEX is the time itself: in microseconds in the first form, in the unit of the clock in the second.
func parseVerbose(line []byte, ev *Event) (text []byte, s stage, ticks bool) {
	for from := 0; ; {
		i := bytes.Index(line[from:], []byte(" ["))
		if i < 0 {
			return nil, atPID, false
		}
		from += i + 2
		if text, ticks, ok := parseVerboseAt(line[:from-2], line[from:], ev); ok {
			return text, complete, ticks
		}
	}
}

func parseVerboseAt(head, s []byte, ev *Event) (text []byte, ticks, ok bool) {
	stamp, s, ok := cutHex(s)
	if !ok || stamp > 1<<62/1000 && stamp>>63 != 0 {
		return nil, false, false
	}
	if s, ok = cutPrefix(s, "] "); !ok {
		return nil, false, false
	}
	i := bytes.Index(s, []byte("): "))
	if i < 0 {
		return nil, false, false
	}
	between, text := s[:i], s[i+len("): "):]
	ms := bytes.HasSuffix(between, []byte("ms"))
	if !bytes.Contains(between, []byte(" (+")) && !bytes.Contains(between, []byte(" (-")) {
		return nil, false, false
	}
	// INDEX, PREEMPT, FLAGS, CPU and PID, from the right: the task name may hold blanks.
	var column [5][]byte
	for n := range column {
		head = bytes.TrimRight(head, " ")
		j := bytes.LastIndexByte(head, ' ')
		if j < 0 {
			return nil, false, false
		}
		column[n], head = head[j+1:], head[:j]
	}
	cpu, ok1 := pid(column[3])
	tid, ok2 := pid(column[4])
	if !ok1 || !ok2 {
		return nil, false, false
	}
	ev.CPU, ev.TID, ev.TGID = cpu, tid, -1
	ev.Time = int64(stamp)
	if ms {
		if stamp > 1<<62/1000 {
			return nil, false, false
		}
		ev.Time *= 1000
	}
	return skipSpace(text), !ms, true
}
