package ftrace

import "io"

// part is one file of a merged trace, with the event of it that is due.
type part struct {
	*Reader
	due  Event
	done bool
}

// Merge returns a Reader of the events of all in, in order of time: the files that tracefs keeps for each CPU. Each has to
// be in order by itself, on one clock that counts in seconds. Lines are numbered by file.
func Merge(in ...*Reader) (*Reader, error) {
	if len(in) == 1 {
		return in[0], nil
	}
	m := &Reader{name: in[0].name, parts: make([]*part, len(in)), arch: in[0].arch}
	for i, r := range in {
		r.piece = true
		m.parts[i] = &part{Reader: r}
		if err := m.parts[i].advance(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// advance reads the part's next event. A file without any is that of an idle CPU.
func (p *part) advance() error {
	err := p.Reader.Next(&p.due)
	if err == io.EOF {
		p.done = true
		return nil
	}
	if err != nil {
		return err
	}
	if p.stats.Ticks > 0 || p.stats.Joined > 0 {
		return p.syntax(p.due.Line, final("a trace to be merged whose time does not count in seconds, or that runs backwards",
			"traces on one clock, such as mono, each in order; or one file at a time"))
	}
	return nil
}

func (r *Reader) nextOfParts(ev *Event) error {
	var first *part
	for _, p := range r.parts {
		if !p.done && (first == nil || p.due.Time < first.due.Time) {
			first = p
		}
	}
	if first == nil {
		return r.endOfParts()
	}
	*ev = first.due
	return first.advance()
}

// endOfParts compares what all parts held with what each promised of all.
func (r *Reader) endOfParts() error {
	s := r.statsOfParts()
	var promised int64
	for _, p := range r.parts {
		promised = max(promised, p.headers.promised)
	}
	if s.Events == 0 {
		return r.syntax(1, bad("there is no event in these files", "traces with events"))
	}
	r.stats.Missing = max(0, promised-s.Events)
	return io.EOF
}

func (r *Reader) statsOfParts() Stats {
	s := Stats{Missing: r.stats.Missing, OneCPU: r.stats.Missing > 0, ArchSeen: true}
	var overwritten int64 // every header says it of all CPUs
	for _, p := range r.parts {
		t := p.Reader.Stats()
		s.Lines += t.Lines
		s.Events += t.Events
		s.Others += t.Others
		s.KernelFaults += t.KernelFaults
		s.BytesRead += t.BytesRead
		s.LostGaps += t.LostGaps
		s.Disorder += t.Disorder
		s.Torn += t.Torn
		s.Mended += t.Mended
		s.Fields += t.Fields
		s.Raw += t.Raw
		s.Arch = max(s.Arch, t.Arch)
		s.ArchSeen = s.ArchSeen && t.ArchSeen
		s.Lost = addSaturated(s.Lost, t.Lost-p.headers.lost)
		overwritten = max(overwritten, p.headers.lost)
	}
	s.Lost = addSaturated(s.Lost, overwritten)
	return s
}
