package kern

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
)

// An Edit changes what code orders, at one place: what if there were a barrier, or none? The code itself stays as it is.
type Edit struct {
	File   string // within the module, with its folder
	Line   int
	Before OpKind // OpMB, OpRMB or OpWMB: that is run before each primitive of the line. OpNone: what the line orders is taken out
}

var editWords = [...]struct {
	word string
	op   OpKind
}{{"+mb=", OpMB}, {"+rmb=", OpRMB}, {"+wmb=", OpWMB}, {"-", OpNone}}

// String is a barrier as in +rmb=FILE:LINE, before what the line does; or -FILE:LINE for what the line orders taken out.
func (e Edit) String() string {
	for _, w := range editWords {
		if w.op == e.Before {
			return fmt.Sprintf("%s%s:%d", w.word, e.File, e.Line)
		}
	}
	return fmt.Sprintf("%s%s:%d", e.Before, e.File, e.Line)
}

// ParseEdit is the inverse of String.
func ParseEdit(text string) (Edit, error) {
	for _, w := range editWords {
		rest, is := strings.CutPrefix(text, w.word)
		file, line, _ := strings.Cut(rest, ":")
		n, err := strconv.Atoi(line)
		if is && err == nil && n > 0 && file != "" && !strings.ContainsAny(file, "@#~, \t\n") {
			return Edit{file, n, w.op}, nil
		}
	}
	return Edit{}, errors.New("expected +rmb=FILE:LINE, +wmb=FILE:LINE, +mb=FILE:LINE or -FILE:LINE")
}

// Edited returns a scheduler by which code runs as if it were edited: in front of another one. It notes which edits changed something,
// unless hits is nil.
func Edited(s Scheduler, edits []Edit, hits []atomic.Bool) Scheduler {
	if len(edits) == 0 {
		return s
	}
	return &edited{s, edits, hits}
}

type edited struct {
	Scheduler
	edits []Edit
	hits  []atomic.Bool
}

func (e *edited) hit(i int) {
	if e.hits != nil {
		e.hits[i].Store(true)
	}
}

func (e *edited) Step(c *CPU, op Op) uint32 {
	file, line := place()
	for i, k := range e.edits {
		if k.File != file || k.Line != line {
			continue
		}
		if k.Before != OpNone {
			e.hit(i)
			e.Scheduler.Step(c, Op{Kind: k.Before})
			continue
		}
		was := op.Ordering()
		var barrier bool
		if op, barrier = op.Relax(); barrier || op.Ordering() != was {
			e.hit(i)
		}
		if barrier {
			return 0
		}
	}
	return e.Scheduler.Step(c, op)
}

// Relax returns the op without what it orders, or says that it is a barrier and nothing is left. Locks keep what they order.
func (o Op) Relax() (Op, bool) {
	p := &primitives[o.Kind]
	switch {
	case o.Kind >= OpMB && o.Kind <= OpMBAfterUnlock:
		return o, true
	case p.Waits|p.Tries|p.Gives != NoLock || p.Shape == NoWords:
		return o, false
	case p.Order == Relaxed:
		o.Order = Unordered
	case p.Atomic && p.Order != Unordered:
		o.Order = Relaxed
	case p.Publishes && o.Ordering() == Release:
		o.Order = Relaxed
	}
	return o, false
}

// place is where the code calls the primitive that is under way: the first place that is not in this package.
func place() (file string, line int) {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		slash := strings.LastIndexByte(f.Function, '/')
		pkg, _, _ := strings.Cut(f.Function[slash+1:], ".")
		pkg = f.Function[:slash+1] + pkg
		if pkg != self {
			return path.Join(strings.TrimPrefix(pkg, strings.TrimSuffix(self, path.Base(self))), path.Base(f.File)), f.Line
		}
		if !more {
			return "", 0
		}
	}
}
