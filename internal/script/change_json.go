package script

import "strconv"

// AppendJSON appends the change as one object on one line, in the form that the package doc tells. Only "i" and "op" are
// always there.
func (ch *Change) AppendJSON(b []byte) []byte {
	b = appendKeyInt(b, `{"i":`, ch.I)
	b = append(b, `,"op":`...)
	b = appendString(b, ch.Op)
	b = ch.Ret.appendJSON(b)
	if len(ch.Pages) > 0 {
		b = append(b, `,"pages":[`...)
		for i := range ch.Pages {
			b = ch.Pages[i].appendJSON(appendComma(b, i))
		}
		b = append(b, ']')
	}
	if len(ch.Freed) > 0 {
		b = appendInts(append(b, `,"freed":`...), ch.Freed)
	}
	b = ch.appendLists(b)
	b = ch.appendBatches(b)
	b = ch.appendQueue(b)
	if len(ch.CRSTNew) > 0 {
		b = appendInts(append(b, `,"crst":`...), ch.CRSTNew)
	}
	if len(ch.CRSTGone) > 0 {
		b = appendInts(append(b, `,"crstfreed":`...), ch.CRSTGone)
	}
	if len(ch.MM)+len(ch.MMs) > 0 {
		b = append(b, `,"mm":{`...)
		for i, m := range ch.MM {
			b = m.appendJSON(appendComma(b, i))
		}
		for i, id := range ch.MMs {
			b = append(appendMMKey(appendComma(b, i+len(ch.MM)), id), "null"...)
		}
		b = append(b, '}')
	}
	if ch.IPI != ch.Before.IPI {
		b = strconv.AppendUint(append(b, `,"ipi":`...), ch.IPI, 10)
	}
	if ch.Gmap != ch.Before.Gmap {
		b = strconv.AppendUint(append(b, `,"gmap":`...), ch.Gmap, 10)
	}
	if len(ch.Warn) > 0 {
		b = appendStrings(append(b, `,"warn":`...), ch.Warn)
	}
	if ch.Work != ch.Before.Work {
		b = appendKeyInt(b, `,"work":`, ch.Work)
	}
	if ch.Corrupt && !ch.Before.Corrupt {
		b = append(b, `,"corrupt":1`...)
	}
	if len(ch.Violations) > 0 {
		b = append(b, `,"violations":[`...)
		for i, v := range ch.Violations {
			b = appendString(appendComma(b, i), v.Sentence())
		}
		b = append(b, ']')
	}
	if ch.Err != "" {
		b = appendString(append(b, `,"err":`...), ch.Err)
	}
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (ch *Change) MarshalJSON() ([]byte, error) { return ch.AppendJSON(nil), nil }

func (ch *Change) appendLists(b []byte) []byte {
	if len(ch.Lists) == 0 {
		return b
	}
	b = append(b, `,"lists":{`...)
	for i, l := range ch.Lists {
		b = appendMMKey(appendComma(b, i), l.MM)
		if l.Whole {
			b = appendInts(b, l.Front)
			continue
		}
		b = append(b, '[')
		for i, s := range l.Steps {
			b = appendString(append(appendComma(b, i), '['), s.Op)
			b = append(appendKeyInt(b, ",", s.Page), ']')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (ch *Change) appendBatches(b []byte) []byte {
	if len(ch.TLB) == 0 {
		return b
	}
	b = append(b, `,"tlb":{`...)
	for i, t := range ch.TLB {
		b = appendMMKey(appendComma(b, i), t.MM)
		switch {
		case t.Closed:
			b = append(b, "null"...)
		case t.New:
			b = append(appendEntries(append(b, '"'), t.Entries), '"')
		default:
			b = append(b, '[')
			for i, e := range t.Entries[len(t.Entries)-t.Added:] {
				b = append(e.append(append(appendComma(b, i), '"')), '"')
			}
			b = append(b, ']')
		}
	}
	return append(b, '}')
}

func (ch *Change) appendQueue(b []byte) []byte {
	if len(ch.Ran) > 0 {
		b = appendKeyInt(b, `,"ran":[`, ch.RanAt)
		b = append(appendKeyInt(b, ",", len(ch.Ran)), ']')
	}
	if len(ch.Queued) > 0 {
		b = append(b, `,"rcu":[`...)
		for i := range ch.Queued {
			b = append(ch.Queued[i].append(append(appendComma(b, i), '"')), '"')
		}
		b = append(b, ']')
	}
	return b
}
