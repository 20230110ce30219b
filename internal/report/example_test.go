package report_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"ptsim/internal/ftrace"
	"ptsim/internal/replay"
	"ptsim/internal/report"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

const shortTrace = `# tracer: nop
            sh-10      (     10) [000] d....     1.000020: page_fault_user: address=0x40000000 ip=0x1000 error_code=0x6
            sh-10      (     10) [000] d....     1.000040: page_fault_user: address=0x50000000 ip=0x1000 error_code=0x6
            sh-10      (     10) [000] .....     1.000060: sched_process_exit: comm=sh pid=10 prio=120 group_dead=true
`

// What two tables cost: in one page, and in a page each.
func ExampleReport() {
	in, err := ftrace.NewReader(strings.NewReader(shortTrace), ftrace.Options{Name: "short"})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := replay.Run(context.Background(), in, replay.Options{Machines: []s390sim.Config{
		{Variant: pgalloc.Classic, Count: true}, {Variant: pgalloc.FullPage, Count: true},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := report.Report{Kind: report.Trace, Title: "short", Grace: 20 * time.Millisecond, Result: res}
	for _, c := range r.Costs() {
		fmt.Println(c.Variant, c.Tables, "tables in", c.PeakPages, "pages,", c.LocksPerTable.Decimals(1), "locks for each")
	}
	// Output:
	// classic 2 tables in 1 pages, 3.5 locks for each
	// fullpage 2 tables in 2 pages, 1.0 locks for each
}

// What nothing came to is no zero.
func ExampleFigure() {
	type row struct {
		Name  string        `json:"name"`
		Mean  report.Figure `json:"mean"`
		Words []string      `json:"words"`
	}
	report.WriteCSV(os.Stdout, []row{{"some", report.Ratio(1, 3), nil}, {"none", report.Ratio(1, 0), nil}})
	// Output:
	// name,mean
	// some,0.333
	// none,-
}
