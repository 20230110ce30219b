package ftrace

import (
	"bytes"
)

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
