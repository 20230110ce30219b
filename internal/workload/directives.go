package workload

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ptsim/internal/quote"
)

// global are the words that say something of the whole workload; ofProcess those of the process named last.
var global, ofProcess map[string]directive

func init() {
	global = map[string]directive{
		"about": {"TEXT", func(p *parser, a []string) error {
			p.spec.About = strings.TrimSpace(p.spec.About + " " + strings.Join(a, " "))
			return nil
		}},
		"duration": {"10s", func(p *parser, a []string) error { return one(a, duration(&p.spec.Duration)) }},
		"cpus":     {"1 to 1024", func(p *parser, a []string) error { return one(a, integer(&p.spec.CPUs, 1, maxCPUs)) }},
		"grace-period": {"10ms [jitter 30%]", func(p *parser, a []string) error {
			return words(a, duration(&p.spec.GracePeriod), map[string]value{"jitter": share(&p.spec.GraceJitter)})
		}},
		"khugepaged": {"[scan-sleep 10s] [pages-to-scan 2048] [max-ptes-none 255]", func(p *parser, a []string) error {
			k := &Khugepaged{PagesToScan: 2048, MaxPtesNone: 255, ScanSleep: 10 * time.Second}
			p.spec.Khugepaged = k
			return words(a, nil, map[string]value{"scan-sleep": duration(&k.ScanSleep), "pages-to-scan": integer(&k.PagesToScan, 1, 1<<31-1),
				"max-ptes-none": integer(&k.MaxPtesNone, 0, 255)})
		}},
		"pressure": {"[page 1%] [batch 5%]", func(p *parser, a []string) error {
			return words(a, nil, map[string]value{"page": share(&p.spec.Faults.PageFail), "batch": share(&p.spec.Faults.BatchFail)})
		}},
		"flood": {"10000 every 1s", func(p *parser, a []string) error {
			return words(a, integer(&p.spec.Faults.Flood, 1, 10_000_000), map[string]value{"every": duration(&p.spec.Faults.FloodEvery)})
		}},
		"exit-in-retract": {"10%", func(p *parser, a []string) error { return one(a, share(&p.spec.Faults.ExitInRetract)) }},
		"refs": {"100/s hold 5ms", func(p *parser, a []string) error {
			return words(a, rate(&p.spec.Faults.Refs), map[string]value{"hold": duration(&p.spec.Faults.RefHold)})
		}},
		"split": {"2/s", func(p *parser, a []string) error { return one(a, rate(&p.spec.Split)) }},
		"file": {"NAME 512M [filled]", func(p *parser, a []string) error {
			if len(a) < 2 || len(a) > 3 || len(a) == 3 && a[2] != "filled" {
				return errors.New("wrong arguments")
			}
			if err := p.named(a[0]); err != nil {
				return err
			}
			if _, dup := p.files[a[0]]; dup {
				return fmt.Errorf("%s is there already", a[0])
			}
			f := File{Name: a[0], Filled: len(a) == 3}
			p.files[a[0]] = len(p.spec.Files)
			err := size(&f.Size)(a[1])
			p.spec.Files = append(p.spec.Files, f)
			return err
		}},
		"process": {"NAME", func(p *parser, a []string) error {
			if len(a) != 1 {
				return errors.New("wrong arguments")
			}
			if err := p.named(a[0]); err != nil {
				return err
			}
			if p.kinds[a[0]] != nil {
				return fmt.Errorf("%s is there already", a[0])
			}
			p.class = &Class{Name: a[0], Threads: 1, line: p.line}
			p.kinds[a[0]] = p.class
			p.spec.Classes = append(p.spec.Classes, p.class)
			return nil
		}},
	}
	ofProcess = map[string]directive{
		"count":  {"100", func(p *parser, a []string) error { return one(a, integer(&p.class.Count, 1, maxProcesses)) }},
		"arrive": {"50/s", func(p *parser, a []string) error { return one(a, rate(&p.class.Arrive)) }},
		"lifetime": {"forever, 1s, exponential 1s, uniform 1s 2s, or pareto 1s", func(p *parser, a []string) error {
			return lifetime(&p.class.Lifetime, a)
		}},
		"fork": {"NAME of a process above", func(p *parser, a []string) error {
			if len(a) != 1 || p.kinds[a[0]] == nil || p.kinds[a[0]] == p.class {
				name := strings.Join(a, " ")
				return fmt.Errorf("no process %s above%s", quote.Short(name), quote.Hint(name, others(p.kinds, p.class)))
			}
			p.class.Fork = p.kinds[a[0]]
			return nil
		}},
		"exec":    {"", func(p *parser, a []string) error { p.class.Exec = true; return none(a) }},
		"pgste":   {"", func(p *parser, a []string) error { p.class.PGSTE = true; return none(a) }},
		"threads": {"1 to 64", func(p *parser, a []string) error { return one(a, integer(&p.class.Threads, 1, 64)) }},
		"anon": {"64M [touch 50%] [skew 64K]", func(p *parser, a []string) error {
			m := Mapping{File: -1, Touch: 1, Write: 1}
			err := words(a, size(&m.Size), map[string]value{"touch": share(&m.Touch), "skew": pages(&m.Skew)})
			p.class.Maps = append(p.class.Maps, m)
			return err
		}},
		"map":   {"FILE shared|private [touch 50%] [write 10%] [size 64M] [offset 64M] [skew 64K]", (*parser).mapping},
		"fault": {"100/s", func(p *parser, a []string) error { return one(a, rate(&p.class.Fault)) }},
		"churn": {"2/s of 25%", func(p *parser, a []string) error {
			return words(a, rate(&p.class.Churn), map[string]value{"of": share(&p.class.ChurnOf)})
		}},
		"grow": {"5/s by 4M to 1G", func(p *parser, a []string) error {
			return words(a, rate(&p.class.Grow), map[string]value{"by": size(&p.class.GrowBy), "to": size(&p.class.GrowTo)})
		}},
		"collapse": {"1/s", func(p *parser, a []string) error { return one(a, rate(&p.class.Collapse)) }},
	}
}

func (p *parser) mapping(a []string) error {
	if len(a) < 2 {
		return errors.New("wrong arguments")
	}
	i, ok := p.files[a[0]]
	if !ok {
		return fmt.Errorf("no file %s above%s", quote.Short(a[0]), quote.Hint(a[0], slices.Sorted(maps.Keys(p.files))))
	}
	if a[1] != "shared" && a[1] != "private" {
		return fmt.Errorf("%s is neither shared nor private%s", quote.Short(a[1]), quote.Hint(a[1], []string{"shared", "private"}))
	}
	m := Mapping{File: i, Shared: a[1] == "shared", Touch: 1}
	if m.Shared {
		m.Write = 0.5
	}
	err := words(a[2:], nil, map[string]value{"touch": share(&m.Touch), "write": share(&m.Write), "size": size(&m.Size), "offset": pages(&m.Offset), "skew": pages(&m.Skew)})
	if err != nil {
		return err
	}
	whole := p.spec.Files[i].Size
	if m.Size == 0 && m.Offset < whole {
		m.Size = whole - m.Offset
	}
	if m.Offset >= whole || m.Size > whole-m.Offset {
		return fmt.Errorf("it goes beyond the end of %s", a[0])
	}
	p.class.Maps = append(p.class.Maps, m)
	return nil
}

// others are the names of the processes but for one.
func others(kinds map[string]*Class, but *Class) (names []string) {
	for name, c := range kinds {
		if c != but {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func lifetime(d *Dist, a []string) error {
	if len(a) == 1 && a[0] == "forever" {
		*d = Dist{}
		return nil
	}
	if len(a) == 1 && strings.ContainsAny(a[0], "0123456789") {
		d.Kind = Fixed
		return duration(&d.A)(a[0])
	}
	kinds := map[string]DistKind{"exponential": Exponential, "uniform": Uniform, "pareto": Pareto}
	if len(a) > 0 && kinds[a[0]] == 0 {
		return fmt.Errorf("unknown lifetime %s%s", quote.Short(a[0]), quote.Hint(a[0], []string{"forever", "exponential", "uniform", "pareto"}))
	}
	want := 2
	if len(a) > 0 && a[0] == "uniform" {
		want = 3
	}
	if len(a) != want {
		return errors.New("wrong arguments")
	}
	d.Kind = kinds[a[0]]
	if err := duration(&d.A)(a[1]); err != nil || d.Kind != Uniform {
		return err
	}
	if err := duration(&d.B)(a[2]); err != nil {
		return err
	}
	if d.B < d.A {
		return fmt.Errorf("%v is less than %v", d.B, d.A)
	}
	return nil
}

// value reads one argument.
type value func(text string) error

func none(a []string) error {
	if len(a) > 0 {
		return fmt.Errorf("%s is too much", quote.Short(a[0]))
	}
	return nil
}

func one(a []string, v value) error {
	if len(a) != 1 {
		return errors.New("wrong arguments")
	}
	return v(a[0])
}

// words reads an argument, if first is not nil, and then words with an argument each.
func words(a []string, first value, named map[string]value) error {
	if first != nil {
		if len(a) == 0 {
			return errors.New("wrong arguments")
		}
		if err := first(a[0]); err != nil {
			return err
		}
		a = a[1:]
	}
	for len(a) > 0 {
		v := named[a[0]]
		switch {
		case v == nil:
			return fmt.Errorf("unknown word %s%s", quote.Short(a[0]), quote.Hint(a[0], slices.Sorted(maps.Keys(named))))
		case len(a) == 1:
			return fmt.Errorf("nothing follows %s", quote.Short(a[0]))
		}
		if err := v(a[1]); err != nil {
			return err
		}
		a = a[2:]
	}
	return nil
}

func duration(to *time.Duration) value {
	return func(text string) error {
		d, err := time.ParseDuration(text)
		if err != nil || d < time.Microsecond || d > maxDuration {
			return fmt.Errorf("%s is no duration from 1us to %.0fh", quote.Short(text), maxDuration.Hours())
		}
		*to = d
		return nil
	}
}

func integer(to *int, lo, hi int) value {
	return func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < lo || n > hi {
			return fmt.Errorf("%s is no number from %d to %d", quote.Short(text), lo, hi)
		}
		*to = n
		return nil
	}
}

// share reads a percentage.
func share(to *float64) value {
	return func(text string) error {
		num, ok := strings.CutSuffix(text, "%")
		v, err := strconv.ParseFloat(num, 64)
		if !ok || err != nil || !(v >= 0 && v <= 100) {
			return fmt.Errorf("%s is no share from 0%% to 100%%", quote.Short(text))
		}
		*to = v / 100
		return nil
	}
}

func rate(to *float64) value {
	return func(text string) error {
		num, ok := strings.CutSuffix(text, "/s")
		v, err := strconv.ParseFloat(num, 64)
		if !ok || err != nil || !(v >= 0 && v <= maxRate) {
			return fmt.Errorf("%s is no rate from 0/s, which is never, to %.0f/s", quote.Short(text), maxRate)
		}
		*to = v
		return nil
	}
}

func bytes(to *uint64, step uint64) value {
	return func(text string) error {
		num, unit := strings.TrimRight(text, "KMGT"), strings.TrimLeft(text, "0123456789")
		shift := map[string]uint{"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
		n, err := strconv.ParseUint(num, 10, 63)
		s, ok := shift[unit]
		if err != nil || !ok || n > maxSize>>s || n<<s%step != 0 {
			return fmt.Errorf("%s is no multiple of %d bytes such as 64M, at most 64T", quote.Short(text), step)
		}
		*to = n << s
		return nil
	}
}

// size reads a size that is not 0.
func size(to *uint64) value {
	return func(text string) error {
		if err := bytes(to, 4096)(text); err != nil {
			return err
		}
		if *to == 0 {
			return fmt.Errorf("%s is no size from 4K to 64T", quote.Short(text))
		}
		return nil
	}
}

func pages(to *uint64) value { return bytes(to, 4096) }
