package command

import (
	"io"

	"github.com/sirupsen/logrus"

	"ptsim/internal/replay"
	"ptsim/internal/script"
	"ptsim/kern"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// logger turns events into log lines. Its output depends on nothing but the events: no time of day, no colours.
type logger struct {
	*logrus.Logger
	verbose int
}

func newLog(w io.Writer, verbose int) *logger {
	l := logrus.New()
	l.SetOutput(w)
	l.SetFormatter(&logrus.TextFormatter{DisableColors: true, DisableTimestamp: true})
	l.SetLevel(logrus.InfoLevel)
	if verbose > 1 {
		l.SetLevel(logrus.DebugLevel)
	}
	return &logger{l, verbose}
}

// machine returns a listener for the events of one machine.
func (l *logger) machine(variant string, r *replay.Replay) func(*s390sim.Event) {
	return func(e *s390sim.Event) {
		level := logrus.InfoLevel
		if e.Kind == s390sim.EventTableAlloc || e.Kind == s390sim.EventTableFree {
			level = logrus.DebugLevel
		}
		if !l.IsLevelEnabled(level) {
			return
		}
		f := logrus.Fields{"variant": variant, "cpu": e.CPU}
		if cur := r.Current(); cur != nil {
			f["step"], f["task"], f["op"] = cur.Line, cur.TID, cur.Kind.String()
		}
		if e.MM != 0 {
			f["mm"] = e.MM
		}
		if e.Page != 0 {
			f["page"], f["half"], f["mask"] = e.Page, e.Table.Half(), e.Mask.String()
		}
		if e.Count != 0 {
			f["callbacks"] = e.Count
		}
		l.WithFields(f).Log(level, e.Kind.String())
	}
}

// operation logs an operation of a script and what was found wrong in it.
func (l *logger) operation(s *script.Change) {
	f := logrus.Fields{"step": s.I + 1, "cpu": 0, "task": "script", "op": s.Op}
	switch s.Source.Kind {
	case script.MM, script.PGSTE, script.HasPGSTE, script.Alloc, script.CRST, script.Flush, script.Exit, script.MMGrab, script.MMDrop:
		f["mm"] = s.Source.MM
	}
	for _, p := range s.Pages {
		for half, name := range p.Tables {
			if name != "" && name == s.Source.Name {
				f["page"], f["half"], f["mask"] = p.ID, half, p.Mask.String()
			}
		}
	}
	l.WithFields(f).Info("operation")
	for _, v := range s.Violations {
		l.WithFields(logrus.Fields{"step": v.Step, "cpu": v.CPU, "task": v.Task, "op": v.Doing, "kind": v.Kind.String()}).Warn(v.Sentence())
	}
}

// primitive returns what logs the steps of the CPUs of a script. Pages go by their ids, as everywhere in a script.
func (l *logger) primitive(r **script.Runner) func(step int, c *kern.CPU, op kern.Op, result uint32) {
	return func(step int, c *kern.CPU, op kern.Op, result uint32) {
		f := logrus.Fields{"step": step, "cpu": c.ID(), "task": c.Task, "op": op.Kind.String()}
		if pfn := c.Machine().PageOf(op.Addr); pfn != 0 {
			if id := (*r).PageID(pfn); id >= 0 {
				f["page"] = id
			}
			if op.Addr == pfn.Page()+kern.PageRefcount && op.Kind == kern.OpXor {
				f["mask"] = pgalloc.Mask(result >> pgalloc.MaskShift).String()
			}
		}
		l.WithFields(f).Debugf("%v -> %#x", op, result)
	}
}
