package main

import (
	"io"

	"github.com/sirupsen/logrus"

	"ptsim/internal/replay"
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
