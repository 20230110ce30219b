//go:build linux

package record_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ptsim/internal/record"
)

// A recording of true, from a folder with the files that a tracefs has. It has no folder of instances, so its own files
// are changed, and changed back.
func ExampleRun() {
	tracefs, err := os.MkdirTemp("", "tracefs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(tracefs)
	put := func(name, text string) {
		file := filepath.Join(tracefs, name)
		_ = os.MkdirAll(filepath.Dir(file), 0o755)
		_ = os.WriteFile(file, []byte(text), 0o644)
	}
	put("current_tracer", "nop\n")
	put("tracing_on", "1\n")
	put("trace_clock", "[local] mono\n")
	put("buffer_size_kb", "1408\n")
	put("set_event", "")
	put("set_event_pid", "")
	put("options/event-fork", "0\n")
	for _, event := range record.Events() {
		if !strings.HasSuffix(event, "*") {
			put("events/"+event+"/enable", "0\n")
			put("events/"+event+"/filter", "none\n")
		}
	}
	put("trace_pipe", "            true-7       (      7) [000] .....     1.000001: sched_process_exec: filename=/bin/true pid=7 old_pid=7\n"+
		"            true-7       (      7) [000] .....     1.000002: sched_process_exit: comm=true pid=7 prio=120 group_dead=true\n")

	var trace bytes.Buffer
	res, err := record.Run(record.Options{Command: []string{"true"}, Output: &trace, Tracefs: tracefs})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Events, "events, lost", res.Lost, "- the command:", res.Status)
	for line := range strings.Lines(trace.String()) {
		if !strings.HasPrefix(line, "#") {
			fmt.Print(line)
		}
	}
	fork, _ := os.ReadFile(filepath.Join(tracefs, "options/event-fork"))
	fmt.Print("event-fork is again ", string(fork))
	// Output:
	// 2 events, lost 0 - the command: exit status 0
	//             true-7       (      7) [000] .....     1.000001: sched_process_exec: filename=/bin/true pid=7 old_pid=7
	//             true-7       (      7) [000] .....     1.000002: sched_process_exit: comm=true pid=7 prio=120 group_dead=true
	// event-fork is again 0
}
