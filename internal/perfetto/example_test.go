package perfetto_test

import (
	"fmt"
	"os"

	"ptsim/internal/perfetto"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

func ExampleWriter() {
	var p *perfetto.Writer
	m, err := s390sim.New(s390sim.Config{Variant: pgalloc.Active, TraceSteps: true, Trace: func(e *s390sim.Event) { p.Event(e) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	p = perfetto.New(os.Stdout, m.M.NumCPU(), m.Sys.Use)
	m.Advance(0)
	m.NewMM(m.CPU(0))
	if err := p.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"displayTimeUnit":"ns","traceEvents":[
	// {"ph":"M","name":"process_name","cat":"__metadata","pid":1,"args":{"name":"CPUs"}},
	// {"ph":"M","name":"process_name","cat":"__metadata","pid":2,"args":{"name":"kernel threads"}},
	// {"ph":"M","name":"thread_name","cat":"__metadata","pid":1,"tid":100,"args":{"name":"CPU 0"}},
	// {"ph":"M","name":"thread_name","cat":"__metadata","pid":2,"tid":10,"args":{"name":"khugepaged"}},
	// {"ph":"M","name":"thread_name","cat":"__metadata","pid":2,"tid":11,"args":{"name":"RCU"}},
	// {"ph":"X","name":"mm_create","cat":"mm","pid":1,"tid":100,"ts":0.000,"dur":0.001,"args":{"mm":1}}
	// ]}
}
