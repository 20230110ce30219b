package ftrace

import (
	"bytes"
	"fmt"

	"ptsim/internal/quote"
)

// perfFields is what perf script has to be asked for.
const perfFields = "the fields that perf script prints by itself, or -F comm,pid,tid,cpu,time,event,trace"

// foreignFile recognises, by its first bytes, a file that is no text of events, and says how to make one of it.
func foreignFile(start []byte) *fault {
	for _, k := range []struct{ magic, what, want string }{
		{"\x17\x08\x44tracing", "this is a trace.dat of trace-cmd", "its text: trace-cmd report -i FILE > FILE.txt"},
		{"PERFILE2", "this is a perf.data of perf", "its text: perf script -i FILE -F comm,pid,tid,cpu,time,event,trace > FILE.txt"},
		{"2ELIFREP", "this is a perf.data of perf, from a machine of the other byte order", "its text: perf script -i FILE -F comm,pid,tid,cpu,time,event,trace > FILE.txt"},
		{"\xff\xfe", "this is UTF-16", "UTF-8: iconv -f UTF-16 -t UTF-8 FILE > FILE.txt"},
		{"\xfe\xff", "this is UTF-16", "UTF-8: iconv -f UTF-16 -t UTF-8 FILE > FILE.txt"},
		{"PK\x03\x04", "this is a zip archive", "one file of it: unzip -p ARCHIVE FILE | ptsim retract -"},
		{"\x04\x22\x4d\x18", "this is packed by lz4", "plain text, gzip, xz, zstd or bzip2: lz4 -dc FILE | ptsim retract -"},
		{"7z\xbc\xaf\x27\x1c", "this is a 7z archive", "one file of it: 7z e -so ARCHIVE FILE | ptsim retract -"},
		{"LZIP", "this is packed by lzip", "plain text, gzip, xz, zstd or bzip2: lzip -dc FILE | ptsim retract -"},
		{"\x5d\x00\x00", "this is packed by lzma", "plain text, gzip, xz, zstd or bzip2: xz -dc FILE | ptsim retract -"},
		{"\xc1\x1f\xfc\xc1", "this is a CTF stream, as LTTng records", "the text of tracefs, trace-cmd report or perf script; LTTng's events hold no page faults: record again, with ptsim record"},
		{"{", "this is JSON, as the trace viewers of Chrome and Perfetto read", wantAgain},
		{"[{", "this is JSON, as the trace viewers of Chrome and Perfetto read", wantAgain},
		{"<!", "this is HTML or XML, as systrace writes", wantInside},
		{"<html", "this is HTML or XML, as systrace writes", wantInside},
		{"<?xml", "this is HTML or XML, as systrace writes", wantInside},
	} {
		if bytes.HasPrefix(start, []byte(k.magic)) {
			return final(k.what, k.want)
		}
	}
	if len(start) > 262 && bytes.HasPrefix(start[257:], []byte("ustar")) {
		return final("this is a tar archive", "one file of it: tar -xOf ARCHIVE FILE | ptsim retract -")
	}
	return nil
}

const wantInside = "the text inside: sed -n '/TASK-PID/,/<\\/script>/{/<\\/script>/d;p}' FILE > FILE.txt"

const wantAgain = "the text of tracefs, trace-cmd report or perf script: such JSON lacks the arguments of faults and calls; record again, with ptsim record"

// foreignLine recognises a line that another tool, or a tracing option, prints in place of "TASK-PID [CPU] TIME: EVENT",
// and says what to run or to switch off.
func foreignLine(line []byte) *fault {
	s := skipSpace(line)
	at := func(what, want string) *fault { return final(fmt.Sprintf("%s: %s", what, quote.Short(s)), want) }
	switch {
	case isDmesg(s):
		return at("this is the kernel's log", "the events that it dumped: sed 's/^\\[[^]]*\\] //' FILE > FILE.txt leaves them as latency-format prints them; better the file trace of tracefs")
	case isPerfTrace(s):
		return at("this is the text of perf trace", "the text of perf script, which has the page faults: perf trace record ..., or perf record -e ..., then perf script > FILE.txt")
	case isStrace(s):
		return at("this is the text of strace", "the text of tracefs, trace-cmd report or perf script; strace sees no page faults: record again, with ptsim record -- COMMAND")
	case isGraph(s):
		return at("this is the text of the tracer function_graph", "events: echo nop > current_tracer, and record again")
	case isRawOption(s):
		return rawOption(s)
	case startsEvent(s):
		return at("option context-info of tracefs was off: no task, CPU and time", "them: echo 1 > options/context-info, and read the file trace again")
	case bytes.HasPrefix(s, []byte("Attaching ")) && bytes.Contains(s, []byte("probe")):
		return at("this is the text of bpftrace", wantText)
	case len(line) > 0 && line[0] == '[' && bytes.Contains(line, []byte("{ cpu_id = ")):
		return at("this is the text of babeltrace, of a trace by LTTng", "the text of tracefs, trace-cmd report or perf script: record again, with ptsim record")
	}
	return nil
}

// rawOption tells of a line that shows an event by its number.
func rawOption(line []byte) *fault {
	return final("option raw, hex or bin of tracefs was on: "+quote.Short(line), "the events in words: echo 0 > options/raw (or hex, or bin), and read the file trace again")
}

// isDmesg recognises "[   12.345678] " with nothing before it, or "<4>[   12.345678]".
func isDmesg(s []byte) bool {
	if len(s) > 3 && s[0] == '<' {
		_, after, ok := cutDecimal(s[1:], 1<<16)
		if rest, closed := cutPrefix(after, ">"); ok && closed {
			s = rest
		}
	}
	s, ok := cutPrefix(s, "[")
	if !ok {
		return false
	}
	_, s, ok = cutDecimal(skipSpace(s), 1<<32)
	if !ok || len(s) == 0 || s[0] != '.' {
		return false
	}
	_, s, ok = cutDecimal(s[1:], 1<<32)
	return ok && len(s) > 0 && s[0] == ']'
}

// isPerfTrace recognises "0.000 ( 0.052 ms): true/30053 mmap(...".
func isPerfTrace(s []byte) bool {
	_, s, ok := cutDecimal(s, 1<<40)
	if !ok || len(s) == 0 || s[0] != '.' {
		return false
	}
	_, s, ok = cutDecimal(s[1:], 1<<40)
	if !ok {
		return false
	}
	s, ok = cutPrefix(skipSpace(s), "(")
	return ok && (bytes.Contains(s, []byte(" ms):")) || bytes.HasPrefix(skipSpace(s), []byte("):")))
}

// isStrace recognises "[pid 100] 12:00:00.1 mmap(NULL, 8192, ...) = 0x7f", with any of the columns before the call, and
// the lines for exits and signals.
func isStrace(s []byte) bool {
	if bytes.HasPrefix(s, []byte("+++ exited")) || bytes.HasPrefix(s, []byte("--- SIG")) || bytes.HasPrefix(s, []byte("strace: ")) {
		return true
	}
	if rest, ok := cutPrefix(s, "[pid "); ok {
		if _, s, ok = bytes.Cut(rest, []byte("] ")); !ok {
			return false
		}
	}
	for len(s) > 0 && ('0' <= s[0] && s[0] <= '9' || s[0] == ':' || s[0] == '.' || s[0] == ' ') {
		s = s[1:]
	}
	if bytes.HasPrefix(s, []byte("+++ exited")) || bytes.HasPrefix(s, []byte("--- SIG")) || bytes.HasPrefix(s, []byte("<... ")) {
		return true
	}
	n := nameLen(s)
	if n == 0 || n == len(s) || s[n] != '(' || bytes.HasPrefix(s, []byte("sys_")) {
		return false
	}
	return bytes.Contains(s[n:], []byte(") = ")) || bytes.Contains(s[n:], []byte(")  ")) || bytes.HasSuffix(s, []byte("<unfinished ...>"))
}

// isGraph recognises " 0)   0.123 us    |  foo();".
func isGraph(s []byte) bool {
	_, rest, ok := cutDecimal(s, 1<<16)
	return ok && len(rest) > 0 && rest[0] == ')' && bytes.IndexByte(rest, '|') > 0
}

// isRawOption recognises "29759 1 4840347037494 type: 442".
func isRawOption(s []byte) bool {
	return bytes.Contains(s, []byte(" type: ")) && !bytes.Contains(s, []byte("] "))
}

// startsEvent reports whether a line begins with an event that is read, as it does without its columns.
func startsEvent(s []byte) bool {
	n := nameLen(s)
	if n == 0 || n == len(s) {
		return false
	}
	switch string(s[:n]) {
	case "page_fault_user", "page_fault_kernel", "sched_process_fork", "sched_process_exec", "sched_process_exit", "exit_mmap",
		"task_newtask", "sys_enter", "sys_exit":
		return s[n] == ':'
	}
	return bytes.HasPrefix(s, []byte("sys_")) && (s[n] == '(' || bytes.HasPrefix(s[n:], []byte(" -> ")) || s[n] == ':')
}

// nameLen is how long the name is with which s begins.
func nameLen(s []byte) int {
	n := 0
	for n < len(s) && (s[n] == '_' || 'a' <= s[n] && s[n] <= 'z' || '0' <= s[n] && s[n] <= '9' || 'A' <= s[n] && s[n] <= 'Z') {
		n++
	}
	return n
}
