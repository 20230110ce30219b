package ftrace

import "encoding/binary"

// Four lines in five of a trace are faults of tasks whose columns are known, as the kernel prints them:
//
//	           cc1-10763   (  10763) [001] d....  5303.361206: page_fault_user: address=0x7fd9d5c1d8e0 ip=0x7fd9d5b8a0b1 error_code=0x6
//
// They are read in place, without a look for the end of the line first: it is where the error code ends. What is read so is what
// the other functions of this package read. Where anything is other than expected, they do.

const (
	quickName  = ": page_fault_user: "
	quickFault = 55 // bytes of "address=0x7fd9d5c1d8e0 ip=0x7fd9d5b8a0b1 error_code=0x6"
)

// quick reads the next line if it is such a fault, and tells whether it was.
func (r *Reader) quick(ev *Event) bool {
	l := r.in
	b := l.buf[l.pos:l.end]
	if r.form != formTracefs || r.stack || len(b) < dashColumn+9 {
		return false
	}
	c := r.learnt.before(b)
	if c == nil {
		return false
	}
	n, seconds := len(c.line), r.learnt.seconds
	i := n + len(seconds)
	if len(seconds) == 0 || len(b) < i+6+len(quickName)+quickFault || string(b[n:i]) != seconds {
		return false
	}
	us, ok := sixDigits(b[i:])
	i += 6
	if !ok || string(b[i:i+len(quickName)]) != quickName {
		return false
	}
	i += len(quickName)
	addr, code, rest, ok := cutFault(b[i:])
	if !ok || len(rest) == 0 || rest[0] != '\n' {
		return false
	}
	t := r.learnt.second + us*1000 + r.order.shift
	if t < r.order.last || t < r.order.shift {
		return false
	}
	l.pos = l.end - len(rest) + 1
	l.seen = l.pos
	r.stats.Lines++
	r.stats.Events++
	r.other = false
	r.order.last, r.order.run, r.order.any, r.order.seam = t, 0, true, false
	r.headers.saw(c.cpu)
	*ev = Event{} // and then field by field: a literal would be made elsewhere and copied
	ev.Line, ev.Time, ev.Kind = r.stats.Lines, t, PageFaultUser
	ev.CPU, ev.TID, ev.TGID = c.cpu, c.tid, c.tgid
	ev.Addr, ev.Err = addr, code
	return true
}

// cutFault reads "address=0xA ip=0xI error_code=0xE", where A and I have twelve digits, as most addresses of user mode, and E has
// one or two.
func cutFault(s []byte) (addr, code uint64, rest []byte, ok bool) {
	if len(s) < quickFault {
		return 0, 0, nil, false
	}
	const address, ip, errorCode = "address=0x", " ip=0x", " error_code=0x"
	if string(s[:10]) != address || string(s[22:28]) != ip || string(s[40:54]) != errorCode {
		return 0, 0, nil, false
	}
	high, ok := eightHex(s[10:])
	low, ok2 := eightHex(s[14:])
	_, wrong := nibbles(binary.LittleEndian.Uint64(s[28:])) // the ip only has to be a number
	_, wrong2 := nibbles(binary.LittleEndian.Uint64(s[32:]))
	addr = uint64(high)<<16 | uint64(low&0xffff)
	digit := hexDigits[s[54]]
	ok = ok && ok2 && wrong|wrong2 == 0 && digit <= 15
	code, s = uint64(digit), s[55:]
	if len(s) > 0 && s[0] != '\n' {
		digit = hexDigits[s[0]]
		ok = ok && digit <= 15
		code, s = code<<4|uint64(digit), s[1:]
	}
	return addr, code, s, ok
}
