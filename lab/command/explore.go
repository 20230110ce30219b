package command

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	weakmem "ptsim/memory"
	"ptsim/pgalloc"
)

// errIncomplete says that a search ended without an answer, and that it has said so.
var errIncomplete = errors.New("search incomplete")

// exploreOptions are the flags of ptsim explore.
type exploreOptions struct {
	variant, pin    string
	softirqs, grace string
	races           string
	mode            string
	threads         int
	first, plain    bool
	lax             bool
	kind            string
	bound           int
	sampling        explore.Sampling
	memory          string
	model, release  string
	whatIf          []string
	replay          string
	minimize        bool
	save            string
	checkpoint      string
	every           time.Duration
	format          string
	verbose         *int
}

// modes are the ways to search.
var modes = []string{"exhaustive", "shortest", "bounded", "pct", "random"}

func newExplore(std streams, verbose *int) *cobra.Command {
	o := exploreOptions{verbose: verbose}
	cmd := &cobra.Command{
		Use:   "explore [SCENARIO|FILE]",
		Short: "Try every schedule of a scenario, and show what breaks it",
		Long: `Explore runs the allocator's own code under every schedule of a scenario. Each
step of a CPU is one primitive. Callbacks and work items come whenever they may.
Every state is visited once. If a schedule breaks a rule, explore shows the one
with the fewest changes of CPU: one column for each CPU, with a star at the
steps that matter, and the same as a string that --replay runs again.

SCENARIO comes with ptsim, FILE is a scenario of your own, and - is standard
input. "ptsim help scenario" describes the language. Without any of them, explore
lists the scenarios. The default variant is rfc, because its flaw is the subject.

Modes: exhaustive visits every state. shortest looks for the shortest schedule at
once. bounded tries all schedules with at most --bound preemptions. random draws
--runs schedules uniformly. pct draws them by priorities that change --changes
times. A violation is shown by its shortest schedule; if that would take too long
to find, by the schedule that was found, made shorter by trial. --first shows it
as it was found. -v also shows plain accesses.

A task breaks a rule of the context if it sleeps where it must not (with a spin
lock held, with preemption or BH off, in rcu_read_lock, in a softirq), or if it
ends with something held. --lax lets that happen. So you can see whether the
broken rule leads to a deadlock.

--save writes a file with the scenario, the schedule, and the expected verdict.
"ptsim explore FILE" runs that schedule again, and exits with 0 if the result is
the expected one.

--races says how to look for data races. adjacent finds two accesses that are
possible in one state. happens-before also finds accesses that only READ_ONCE and
WRITE_ONCE keep apart, as with a missing barrier, and may take many times the
states. auto does the first, then as much of the second as is cheap. A safe
verdict says which one it was.

With --checkpoint FILE, a search that was interrupted, killed by SIGTERM, or out
of memory continues when you run the same command again, and gives the same
answer. FILE is written every minute (see --checkpoint-every), and is only for
the same build of ptsim.

Exit codes:

  0    safe
  1    violated
  2    bad input, or a stale schedule
  3    nothing found, but not everything was tried
  130  interrupted`,
		Example: `  ptsim explore S1
  ptsim explore S1 --variant pinned --softirqs 1
  ptsim explore B4 --softirqs cpu
  ptsim explore S1 --variant pinned --races happens-before
  ptsim explore S3r4 --variant active --threads 2 --memory-limit 8G
  ptsim explore S3r4 --variant pinned --checkpoint s3r4.checkpoint
  ptsim explore S2 --mode random --runs 100000 --seed 7 --save flaw.scn
  ptsim explore flaw.scn
  ptsim explore swap/on --variant no-rmb --memory lkmm`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, std, args) },
	}
	f := cmd.Flags()
	variantFlags(cmd, &o.variant, &o.pin, string(pgalloc.RFC), "")
	f.StringVar(&o.softirqs, "softirqs", "2", "CPUs that run callbacks; or cpu: a callback runs on the CPU that queued it, between any two steps")
	f.StringVar(&o.grace, "grace", "precise", "what a grace period waits for: precise (every reader), or any (rcu_read_lock alone)")
	racesFlag(cmd, &o.races, explore.RacesAuto)
	f.StringVar(&o.mode, "mode", modes[0], "how to search: "+strings.Join(modes, ", "))
	f.IntVar(&o.threads, "threads", 1, "threads that search in mode exhaustive; 0 means all CPUs")
	f.BoolVar(&o.first, "first", false, "show the first schedule found, not the shortest")
	f.StringVar(&o.kind, "kind", "", "look only for this kind of violation (modes exhaustive and shortest)")
	f.IntVar(&o.bound, "bound", 2, "preemptions in mode bounded")
	f.IntVar(&o.sampling.Runs, "runs", 100_000, "schedules in modes random and pct")
	f.Uint64Var(&o.sampling.Seed, "seed", 1, "seed in modes random and pct")
	f.IntVar(&o.sampling.Changes, "changes", 3, "changes of priority in mode pct")
	bounded(cmd, "threads", 0, 1024)
	bounded(cmd, "bound", 0, 1000)
	bounded(cmd, "runs", 1, 1_000_000_000)
	bounded(cmd, "changes", 0, 1000)
	f.StringVar(&o.memory, "memory-limit", "", "memory for the states, such as 500M or 2G (default: no limit)")
	f.StringVar(&o.replay, "replay", "", "run this schedule again; it names its scenario and variant")
	f.BoolVar(&o.minimize, "minimize", false, "make the schedule of --replay shorter")
	f.StringVar(&o.save, "save", "", "write the scenario, the schedule and the verdict to this file")
	f.StringVar(&o.checkpoint, "checkpoint", "", "keep the progress of the search in this file, and continue from it")
	everyFlag(cmd, &o.every)
	f.BoolVar(&o.plain, "plain", false, "make every primitive a step of its own; there are many more states")
	memoryFlags(cmd, &o.model, &o.release, weakmem.SC)
	withoutFlag(cmd)
	whatIfFlag(cmd, &o.whatIf)
	f.BoolVar(&o.lax, "lax", false, "let a task break a rule of the context, such as sleeping with a spin lock held, to see whether it hangs")
	complete(cmd, "softirqs", []string{"1", "2", "cpu"})
	complete(cmd, "grace", []string{"precise", "any"})
	complete(cmd, "mode", modes)
	complete(cmd, "kind", kindNames())
	formatFlag(cmd, &o.format, "text", "json")
	cmd.ValidArgsFunction = scenarioArgs
	return cmd
}

func (o *exploreOptions) run(cmd *cobra.Command, std streams, args []string) error {
	if err := checkFormat(o.format, "text", "json"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	if len(args) == 0 && o.replay == "" {
		if err := o.nothingElse(cmd); err != nil {
			return err
		}
		columns, _ := columnsOf(std.out)
		return buffered(std.out, func(w io.Writer) error { return listScenarios(w, o.format, columns) })
	}
	if err := checkEvery(cmd, o.every, o.checkpoint); err != nil {
		return err
	}
	collectLate()
	q, err := o.inquire(cmd, std, args)
	if err != nil {
		return err
	}
	if o.save != "" {
		f, err := createOut(o.save) // fail before the work, not after
		if err != nil {
			return err
		}
		defer f.discard()
		q.save = f
	}
	if o.checkpoint != "" {
		defer mustTidy(cmd.Context())()
		if err := q.openCheckpoint(std); err != nil {
			return err
		}
	}
	a, err := q.answer(cmd, std)
	if err != nil {
		return err
	}
	q.closeCheckpoint(std, a)
	return q.report(std, a)
}

// nothingElse refuses flags that make no sense without a scenario.
func (o *exploreOptions) nothingElse(cmd *cobra.Command) error {
	for _, flag := range searchFlags {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s: no scenario; expected one of %s, or a file", flag, strings.Join(scenario.Names(), ", "))
		}
	}
	return nil
}

// parseSize reads an amount of memory.
func parseSize(text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	number, unit := strings.TrimRight(strings.ToUpper(text), "IB"), uint64(1)
	for i, suffix := range []string{"K", "M", "G", "T"} {
		if rest, ok := strings.CutSuffix(number, suffix); ok {
			number, unit = rest, 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n > 0 && n*float64(unit) < 1<<62) {
		return 0, fmt.Errorf("%s; expected something like 500M or 2G", quote.Short(text))
	}
	return uint64(n * float64(unit)), nil
}
