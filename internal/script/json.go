package script

import "strconv"

// AppendJSON appends the state as the corpus writes it: one object on one line, the keys in the corpus' order, nothing
// escaped that need not be.
func (s *State) AppendJSON(b []byte) []byte {
	b = appendKeyInt(b, `{"i":`, s.I)
	b = append(b, `,"op":`...)
	b = appendString(b, s.Op)
	b = s.Ret.appendJSON(b)
	b = append(b, `,"pages":[`...)
	for i, p := range s.Pages {
		b = p.appendJSON(appendComma(b, i))
	}
	b = append(b, `],"lists":{`...)
	for i, l := range s.Lists {
		b = appendComma(b, i)
		b = appendMMKey(b, l.MM)
		b = appendInts(b, l.Pages)
	}
	b = append(b, `},"tlb":{`...)
	for i, t := range s.TLB {
		b = appendComma(b, i)
		b = appendMMKey(b, t.MM)
		b = append(b, '"')
		b = appendEntries(b, t.Entries)
		b = append(b, '"')
	}
	b = append(b, `},"rcu":[`...)
	for i := range s.RCU {
		b = appendComma(b, i)
		b = append(b, '"')
		b = s.RCU[i].append(b)
		b = append(b, '"')
	}
	b = append(b, `],"freed":`...)
	b = appendInts(b, s.Freed)
	b = append(b, `,"crst":`...)
	b = appendInts(b, s.CRST)
	b = append(b, `,"mm":{`...)
	for i, m := range s.MM {
		b = m.appendJSON(appendComma(b, i))
	}
	b = append(b, `},"ipi":`...)
	b = strconv.AppendUint(b, s.IPI, 10)
	b = append(b, `,"gmap":`...)
	b = strconv.AppendUint(b, s.Gmap, 10)
	b = appendStrings(append(b, `,"warn":`...), s.Warn)
	if s.Work != 0 {
		b = appendKeyInt(b, `,"work":`, s.Work)
	}
	if s.Corrupt {
		b = append(b, `,"corrupt":1`...)
	}
	if s.Err != "" {
		b = append(b, `,"err":`...)
		b = appendString(b, s.Err)
	}
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json. An Encoder with HTML escaping on would change the line.
func (s *State) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil), nil }

func (p *PageState) appendJSON(b []byte) []byte {
	b = appendKeyInt(b, "[", p.ID)
	b = appendKeyInt(b, ",", int(p.Mask))
	b = appendKeyInt(b, ",", b2i(p.OnList))
	b = appendKeyInt(b, ",", b2i(p.Active))
	return append(b, ']')
}

func (m MMState) appendJSON(b []byte) []byte {
	b = appendKeyInt(appendMMKey(b, m.ID), "[", m.Users)
	return append(appendKeyInt(b, ",", m.Count), ']')
}

func (r *Ret) appendJSON(b []byte) []byte {
	if r.Kind == NoRet {
		return b
	}
	b = append(b, `,"ret":`...)
	switch r.Kind {
	case RetTable:
		b = appendString(append(b, '['), r.Name)
		b = appendKeyInt(b, ",", r.ID)
		b = appendKeyInt(b, ",", r.Half)
		return append(b, ']')
	case RetCRST:
		b = appendString(append(b, '['), r.Name)
		b = appendKeyInt(b, ",", r.ID)
		return append(b, ']')
	case RetMiss:
		return append(b, `"miss"`...)
	case RetDone:
		return append(b, `"done"`...)
	case RetSkip:
		return append(b, `"skip"`...)
	case RetUnsupported:
		return append(b, `"unsupported"`...)
	}
	return append(b, "null"...)
}

func (c *Callback) String() string { return string(c.append(nil)) }

func (c *Callback) append(b []byte) []byte {
	b = append(b, c.Func...)
	if c.Func == "batch" {
		return appendEntries(append(b, ':'), c.Entries)
	}
	return appendKeyInt(b, ":p", c.Page)
}

func (e Entry) String() string { return string(e.append(nil)) }

func (e Entry) append(b []byte) []byte {
	if e.CRST {
		return appendKeyInt(b, "c", e.ID)
	}
	b = appendKeyInt(b, "p", e.ID)
	return appendKeyInt(b, ".", e.Half)
}

func appendEntries(b []byte, entries []Entry) []byte {
	b = append(b, '[')
	for i, e := range entries {
		b = appendComma(b, i)
		b = e.append(b)
	}
	return append(b, ']')
}

func appendInts(b []byte, v []int) []byte {
	b = append(b, '[')
	for i, n := range v {
		b = appendComma(b, i)
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, ']')
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		b = appendString(appendComma(b, i), s)
	}
	return append(b, ']')
}

func appendMMKey(b []byte, id int) []byte { return append(appendKeyInt(b, `"`, id), `":`...) }

func appendKeyInt(b []byte, key string, v int) []byte {
	return strconv.AppendInt(append(b, key...), int64(v), 10)
}

func appendComma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

// appendString quotes s, which is ASCII, as JSON.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch ch := s[i]; {
		case ch == '"' || ch == '\\':
			b = append(b, '\\', ch)
		case ch == '\t':
			b = append(b, `\t`...)
		case ch < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[ch>>4], hex[ch&15])
		default:
			b = append(b, ch)
		}
	}
	return append(b, '"')
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
