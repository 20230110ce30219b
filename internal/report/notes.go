package report

import (
	"fmt"
	"strings"
	"time"

	"ptsim/internal/ftrace"
	"ptsim/internal/prose"
)

// notes say what of a trace makes its figures less than they seem.
func (r *Report) notes() (all []string) {
	if r.Kind != Trace {
		return nil
	}
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	in := r.Input
	if in.OneCPU {
		say("this is one CPU's part of a trace, or a file cut short: the header promises %s more. What happened on other CPUs is "+
			"missing; name the files of all CPUs, and they are merged.", prose.Count(in.Missing, "event", "events"))
	} else if in.Missing > 0 {
		say("the file is cut short: %s of those that its header promises are missing. Processes end with it, not by themselves.",
			prose.Count(in.Missing, "event", "events"))
	}
	if in.Ticks > 0 {
		say("the clock of %s does not count in seconds: an event counts as %v, so that grace periods pass by the count of events. "+
			"Record with trace_clock mono; print without --raw-ts.", prose.Count(in.Ticks, "event", "events"), time.Duration(ftrace.TickStep))
	}
	if in.Joined > 0 {
		say("time runs back in %s: another trace was joined there, and is taken to begin where the one before ends. Numbers of "+
			"processes that both have are taken for the same.", prose.Count(in.Joined, "place", "places"))
	}
	if in.Disorder > 0 {
		say("%s older than the one before, taken to be as old.", prose.Count(in.Disorder, "event is", "events are"))
	}
	if in.Torn > 0 {
		say("%s torn by a line break could not be made whole, and were left out.", prose.Count(in.Torn, "piece of a line", "pieces of lines"))
	}
	if in.Mended > 0 {
		say("%s torn by a line break in a name, made whole again.", prose.Count(in.Mended, "event was", "events were"))
	}
	if in.Raw > 0 && !in.ArchSeen {
		say("nothing tells whose numbers the raw system calls have: taken for %s's; --arch says otherwise.", in.Arch)
	}
	if len(r.NeverMet) > 0 {
		say("never met: %s. If these did not happen, all is well; if they were not recorded, the figures lack what they would tell.",
			strings.Join(r.NeverMet, ", "))
	}
	if r.KernelFaults == 0 && r.Events > 0 {
		say("the trace has no faults of kernel mode (exceptions/page_fault_kernel). Memory that read() and its like touched first " +
			"has no tables here: the figures are lower bounds.")
	}
	return all
}
