package command

import (
	"fmt"

	"ptsim/internal/perfetto"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

// tracePerfetto has the only machine traced into the file. What it returns ends the trace, and gives the file its name or
// throws it away.
func (o *retractOptions) tracePerfetto(machines []s390sim.Config) (done func(commit bool) error, err error) {
	if len(machines) != 1 {
		return nil, fmt.Errorf("--perfetto: %d variants; expected one, such as --variant active", len(machines))
	}
	f, err := createOut(o.perfetto)
	if err != nil {
		return nil, err
	}
	cfg := &machines[0]
	var p *perfetto.Writer
	cfg.TraceSteps = true
	cfg.Trace = func(e *s390sim.Event) { p.Event(e) }
	cfg.Started = func(m *s390sim.Machine) {
		p = perfetto.New(f, m.M.NumCPU(), func() pgalloc.Use { return m.Sys.Use() })
	}
	return func(commit bool) error {
		if !commit || p == nil {
			f.discard()
			return nil
		}
		if err := p.Close(); err != nil {
			return cannotWrite(o.perfetto, err)
		}
		return f.commit()
	}, nil
}
