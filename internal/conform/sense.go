package conform

import "fmt"

// sense looks whether the records of a log make sense together, whatever the allocator decides: the mms and pages that
// they name are there, and an allocation has begun before it ends. It ties records together, too.
type sense struct {
	l     *Log
	mms   map[int]*seen
	pages map[int]*page
	form  int // the record that showed which form the log has, -1 before
}

// seen is an mm of a log.
type seen struct {
	looks   []int // records of allocations that have not come to an end
	gather  int   // the line of the last rcu that no flush has followed, 0 if there is none
	dropped int   // the line, 0 before
}

// page is a page of a log.
type page struct {
	mm   int
	last int // the last record about it
}

func newSense(l *Log) *sense {
	return &sense{l: l, mms: map[int]*seen{}, pages: map[int]*page{}, form: -1}
}

// add takes a record into the log. If it makes no sense it says why and what was expected.
func (s *sense) add(r Record) (what, expected string) {
	i := len(s.l.Records)
	if what, expected := s.sameForm(&r, i); what != "" {
		return what, expected
	}
	if r.Kind == MM {
		if s.mms[r.MM] != nil {
			return fmt.Sprintf("mm %d a second time", r.MM), "a number that no mm has had"
		}
		s.mms[r.MM] = &seen{}
		s.l.Records = append(s.l.Records, r)
		return "", ""
	}
	if r.Page >= 0 {
		if what, expected := s.page(&r, i); what != "" {
			return what, expected
		}
	}
	if r.Kind != Batch && r.Kind != Remove {
		if what, expected := s.mm(&r, i); what != "" {
			return what, expected
		}
	}
	s.l.Records = append(s.l.Records, r)
	return "", ""
}

// sameForm wants a log to be of one form.
func (s *sense) sameForm(r *Record, i int) (what, expected string) {
	is := false
	switch r.Kind {
	case Look, Hit, Add:
	case Alloc:
		is = true
	case Free, RCU, Remove:
		is = r.Half < 0
	default:
		return "", ""
	}
	if s.form < 0 {
		s.form, s.l.Whole = i, is
		return "", ""
	}
	if is == s.l.Whole {
		return "", ""
	}
	first := &s.l.Records[s.form]
	if is {
		return "a table with a page to itself", fmt.Sprintf("halves of pages, as in line %d", first.Line)
	}
	return "a half of a page, or a list", fmt.Sprintf("tables with a page to themselves, as in line %d", first.Line)
}

// page looks at the page of a record.
func (s *sense) page(r *Record, i int) (what, expected string) {
	p := s.pages[r.Page]
	if r.Kind == Add || r.Kind == Alloc {
		if p != nil {
			return fmt.Sprintf("p%d a second time", r.Page), "a number that no page has had: they are numbered by birth"
		}
		s.pages[r.Page] = &page{r.MM, i}
		return "", ""
	}
	if p == nil {
		return fmt.Sprintf("no page p%d", r.Page), fmt.Sprintf("the record of its birth before it, such as \"add 1 p%d\"", r.Page)
	}
	if r.Kind == Remove {
		r.MM = p.mm
	} else if r.MM != p.mm {
		return fmt.Sprintf("p%d in mm %d", r.Page, r.MM), fmt.Sprintf("mm %d, whose page it is", p.mm)
	}
	s.l.Records[p.last].next = i
	p.last = i
	return "", ""
}

// mm looks at the mm of a record.
func (s *sense) mm(r *Record, i int) (what, expected string) {
	mm := s.mms[r.MM]
	switch {
	case mm == nil:
		return fmt.Sprintf("no mm %d", r.MM), fmt.Sprintf("\"mm %d\" before it", r.MM)
	case mm.dropped > 0:
		return fmt.Sprintf("mm %d was dropped in line %d", r.MM, mm.dropped), "an mm that is there"
	}
	switch r.Kind {
	case Look:
		mm.looks = append(mm.looks, i)
	case Hit, Add:
		if len(mm.looks) == 0 {
			return fmt.Sprintf("%s %s of mm %d without a look", article(r.Kind), r.Kind, r.MM), fmt.Sprintf("\"look %d\" before it", r.MM)
		}
		if r.Kind == Add {
			mm.looks = mm.looks[1:]
			break
		}
		last := len(mm.looks) - 1
		s.l.Records[mm.looks[last]].hit = true // the lock is held from the look on
		mm.looks = mm.looks[:last]
	case RCU:
		mm.gather = r.Line
	case Flush:
		mm.gather = 0
	case Drop:
		if len(mm.looks) > 0 {
			return fmt.Sprintf("mm %d is dropped in the middle of an allocation", r.MM),
				fmt.Sprintf("a hit or an add for the look in line %d", s.l.Records[mm.looks[0]].Line)
		}
		if mm.gather > 0 {
			return fmt.Sprintf("mm %d is dropped with a table in its gather", r.MM),
				fmt.Sprintf("a flush after the rcu in line %d", mm.gather)
		}
		mm.dropped = r.Line
	}
	return "", ""
}

// end marks the allocations that the log does not tell the end of.
func (s *sense) end() {
	for _, mm := range s.mms {
		for _, i := range mm.looks {
			s.l.Records[i].open = true
		}
	}
}

func article(k Kind) string {
	if k == Add {
		return "an"
	}
	return "a"
}
