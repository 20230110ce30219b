package main

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
func (l *logger) operation(s *script.State) {
	f := logrus.Fields{"step": s.I + 1, "op": s.Op}
	if s.Source != nil && s.Source.MM != 0 {
		f["mm"] = s.Source.MM
	}
	if s.Ret.Kind == script.RetTable {
		f["page"], f["half"] = s.Ret.ID, s.Ret.Half
		for _, p := range s.Pages {
			if p.ID == s.Ret.ID {
				f["mask"] = p.Mask.String()
			}
		}
	}
	l.WithFields(f).Info("operation")
	for _, v := range s.Violations {
		l.WithFields(logrus.Fields{"step": v.Step, "cpu": v.CPU, "task": v.Task, "op": v.Doing, "kind": v.Kind.String()}).Warn(v.Sentence())
	}
}

// primitive logs one step of a CPU.
func (l *logger) primitive(step int, c *kern.CPU, op kern.Op, result uint32) {
	f := logrus.Fields{"step": step, "cpu": c.ID(), "task": c.Task, "op": op.Kind.String()}
	m := c.Machine()
	if pfn := m.PageOf(op.Addr); pfn != 0 {
		f["page"] = pfn
		if op.Addr == pfn.Page()+kern.PageRefcount && op.Kind == kern.OpXor {
			f["mask"] = pgalloc.Mask(result >> pgalloc.MaskShift).String()
		}
	}
	l.WithFields(f).Debugf("%v -> %#x", op, result)
}
