package replay_test

import (
	"context"
	"fmt"
	"strings"

	"ptsim/internal/ftrace"
	"ptsim/internal/replay"
	"ptsim/pgalloc"
	"ptsim/s390sim"
)

const shortTrace = `# tracer: nop
            sh-10      (     10) [000] .....     1.000000: sys_mmap(addr: 0, len: 0x200000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)
            sh-10      (     10) [000] .....     1.000010: sys_mmap -> 0x40000000
            sh-10      (     10) [000] d....     1.000020: page_fault_user: address=0x40000000 ip=0x1000 error_code=0x6
            sh-10      (     10) [000] .....     1.000030: sys_fork()
            sh-10      (     10) [000] .....     1.000040: sched_process_fork: comm=sh pid=10 child_comm=sh child_pid=11
            sh-11      (     11) [001] d....     1.000050: page_fault_user: address=0x40100000 ip=0x1000 error_code=0x6
            sh-11      (     11) [001] .....     1.000060: sched_process_exit: comm=sh pid=11 prio=120 group_dead=true
`

// One trace on two machines.
func ExampleRun() {
	in, err := ftrace.NewReader(strings.NewReader(shortTrace), ftrace.Options{Name: "short"})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := replay.Run(context.Background(), in, replay.Options{Machines: []s390sim.Config{
		{Variant: pgalloc.Pinned, Checks: true, Contents: true},
		{Variant: pgalloc.FullPage, Checks: true, Contents: true},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Events, "events")
	for _, o := range res.Outcomes {
		f := o.Figures
		fmt.Printf("%s: %d tables in at most %d pages, %d freed, %d violations\n",
			o.Name, f.Alloc.Allocated(), f.PeakPages, f.Alloc.FreedGather, o.Total)
	}
	fmt.Println("processes from before the trace:", res.Outcomes[0].Assumptions.UnknownProcess)
	// Output:
	// 7 events
	// pinned: 3 tables in at most 2 pages, 2 freed, 0 violations
	// fullpage: 3 tables in at most 3 pages, 2 freed, 0 violations
	// processes from before the trace: 1
}

// A Replay takes events one by one, from wherever they come.
func ExampleReplay_Event() {
	m, _ := s390sim.New(s390sim.Config{Variant: pgalloc.Active})
	r := replay.New(m)
	r.Event(&ftrace.Event{Kind: ftrace.PageFaultUser, Time: 1000, TID: 10, TGID: 10, Addr: 0x40000000})
	fmt.Println(m.Sys.Use().Tables, r.Assumptions().AssumedMapping)
	// Output: 1 1
}
