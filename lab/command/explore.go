package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/kern"
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

// searchFlags are what a schedule says itself, or what says how to look for one.
var searchFlags = []string{"variant", "pin", "softirqs", "grace", "mode", "threads", "first", "kind", "bound", "runs", "seed", "changes", "plain", "races", "lax", "memory", "lkmm", "what-if"}

// inquiry is what is to be explored, and how.
type inquiry struct {
	*exploreOptions
	question.Question
	model    *explore.Model
	opt      explore.Options
	only     kern.Kind         // of violation
	schedule *explore.Schedule // to run again
	expect   string
	save     *outFile
}

// inquire reads the flags and the scenario.
func (o *exploreOptions) inquire(cmd *cobra.Command, std streams, args []string) (*inquiry, error) {
	q := &inquiry{exploreOptions: o}
	if err := q.checkFlags(cmd); err != nil {
		return nil, err
	}
	var err error
	if len(args) == 1 {
		if q.Scenario, err = readScenario(args[0], std.in); err != nil {
			return nil, err
		}
	}
	afresh := slices.ContainsFunc(searchFlags, cmd.Flags().Changed)
	if s := q.Scenario; s != nil && o.replay == "" {
		if err := q.fromFile(cmd, &s.Run, afresh); err != nil {
			return nil, fmt.Errorf("%s: %w", s.File, err)
		}
	}
	if o.replay != "" {
		if afresh {
			return nil, errors.New("--replay: a schedule names its own scenario, variant and setting; expected no flags of a search")
		}
		if err := q.fromSchedule(o.replay, false); err != nil {
			return nil, fmt.Errorf("--replay: %w", err)
		}
	}
	if q.model == nil {
		if err := q.fromFlags(cmd); err != nil {
			return nil, err
		}
	}
	if o.minimize && q.schedule == nil {
		return nil, errors.New("--minimize goes with --replay, or with a file that holds a schedule; a search makes what it finds as short as it can")
	}
	return q, nil
}

func (q *inquiry) checkFlags(cmd *cobra.Command) error {
	q.opt = explore.Defaults()
	q.opt.Plain, q.opt.Lax, q.opt.Context = q.plain, q.lax, cmd.Context()
	q.opt.Threads = q.threads
	if q.threads == 0 {
		q.opt.Threads = runtime.GOMAXPROCS(0)
	}
	var err error
	switch {
	case q.lax && q.exploreOptions.save != "":
		err = errors.New("--lax: a file has no word for it; expected no --save")
	case !slices.Contains(modes, q.mode):
		err = fmt.Errorf("--mode: unknown mode %s; %s", quote.Short(q.mode), quote.Expected(q.mode, modes))
	}
	if err != nil {
		return err
	}
	if q.opt.Races, err = explore.ParseRaces(q.races); err != nil {
		return fmt.Errorf("--races: %w", err)
	}
	if q.opt.Memory, err = parseSize(q.memory); err != nil {
		return fmt.Errorf("--memory-limit: %w", err)
	}
	if q.only, err = parseKind(q.kind); err != nil {
		return fmt.Errorf("--kind: %w", err)
	}
	if q.only != kern.NoViolation && (q.first || q.mode != "exhaustive" && q.mode != "shortest") {
		return errors.New("--kind goes with modes exhaustive and shortest, and not with --first")
	}
	return nil
}

// weak refuses what does not go with a weak memory model.
func (q *inquiry) weak() error {
	m := q.Setting.Memory.Model
	switch {
	case q.Setting.Edits != "" && (q.checkpoint != "" || q.exploreOptions.save != ""):
		return errors.New("--what-if: what a file keeps has no word for it; expected neither --checkpoint nor --save")
	case m == weakmem.SC || q.schedule != nil:
		return nil
	case q.checkpoint != "":
		return fmt.Errorf("--memory %s: a checkpoint does not keep it; expected no --checkpoint", m)
	case q.mode != "exhaustive" && q.mode != "shortest":
		return fmt.Errorf("--memory %s: expected mode exhaustive or shortest, not %s", m, q.mode)
	}
	return nil
}

// fromFlags makes the question that the flags ask.
func (q *inquiry) fromFlags(cmd *cobra.Command) error {
	var err error
	if q.Version, err = versionOf(cmd, q.Scenario, q.variant, q.pin, q.Scenario.Run.Variant != ""); err != nil {
		return err
	}
	if q.Setting.Softirqs, err = explore.ParseSoftirqs(q.softirqs); err != nil {
		return fmt.Errorf("--softirqs: %w", err)
	}
	if q.Setting.Grace, err = explore.ParseGrace(q.grace); err != nil {
		return fmt.Errorf("--grace: %w", err)
	}
	if q.Setting.Memory, err = memoryOf(cmd, q.exploreOptions.model, q.release, q.Scenario.Run.Memory); err != nil {
		return err
	}
	if q.Setting.Edits, err = editsOf(q.whatIf); err != nil {
		return err
	}
	if err := q.weak(); err != nil {
		return err
	}
	return q.build()
}

// build makes the model.
func (q *inquiry) build() (err error) {
	q.opt.Softirqs, q.opt.Grace = q.Setting.Softirqs, q.Setting.Grace
	q.opt.Model, q.opt.LKMM = q.Setting.Memory.Model, q.Setting.Memory.Release
	q.opt.Edits = q.Setting.Options().Edits
	q.model, err = question.Model(q.Scenario, q.Version)
	return err
}

// racesFlag adds --races.
func racesFlag(cmd *cobra.Command, races *string, unless explore.Races) {
	names := []string{explore.RacesAuto.String(), explore.HappensBefore.String(), explore.Adjacent.String()}
	cmd.Flags().StringVar(races, "races", unless.String(), "how to judge data races: "+strings.Join(names, ", "))
	complete(cmd, "races", names)
}

// noScenario is the error about a word that is neither the name of a scenario nor that of a file. Who writes an ending or a path
// means a file, and does not want to hear of all scenarios.
func noScenario(name string) error {
	stem := strings.TrimSuffix(path.Base(filepath.ToSlash(name)), path.Ext(name))
	switch {
	case path.Ext(name) != "" && scenario.Known(stem):
		return fmt.Errorf("%s: no such file; the scenario of that name is %s", name, stem)
	case path.Ext(name) != "" || filepath.IsAbs(name):
		return fmt.Errorf("%s: no such file; expected the file of a scenario, or the name of one that ptsim scenarios lists, such as S1", name)
	}
	return fmt.Errorf("%s: no such scenario, and no such file; %s", name, quote.ExpectedOf(name, scenario.Near(name), "ptsim scenarios"))
}

// readScenario reads a scenario by name, or from a file.
func readScenario(name string, stdin io.Reader) (*scenario.Scenario, error) {
	if scenario.Known(name) {
		return scenario.Load(name)
	}
	if name == "-" {
		return parseScenario("standard input", stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		var pe *fs.PathError
		if errors.Is(err, fs.ErrNotExist) {
			return nil, noScenario(name)
		}
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("%s: %w; expected a scenario", name, pe.Err)
		}
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		if l, err := labs.Get(name); err == nil {
			return nil, fmt.Errorf("%s: is a lab, and a directory here; expected a scenario of it, such as %s: ptsim labs %s lists all", name, scenario.NamesOf(l)[0], name)
		}
		return nil, fmt.Errorf("%s: is a directory; expected a scenario", name)
	}
	return parseScenario(name, f)
}

func parseScenario(name string, in io.Reader) (*scenario.Scenario, error) {
	text, err := io.ReadAll(io.LimitReader(in, scenario.MaxText+1))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read: %w", name, err)
	}
	if first, _, _ := strings.Cut(string(text), "\n"); strings.HasPrefix(first, "C ") {
		return nil, fmt.Errorf("%s: is a litmus test; expected a scenario; ptsim litmus runs such tests, and ptsim litmus --write SCENARIO makes one of a scenario", name)
	}
	s, err := scenario.Parse(name, string(text))
	if err != nil && !isScenario(string(text)) {
		if _, bad := script.Parse(name, strings.NewReader(string(text))); bad == nil {
			return nil, fmt.Errorf("%s: is a script, one order of operations, and leaves nothing to search; expected a scenario with tasks (ptsim help scenario). ptsim run, step, beside, export and serve take scripts", name)
		}
	}
	return s, err
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

func kindNames() []string { return kern.KindNames() }

func parseKind(name string) (kern.Kind, error) {
	if name == "" {
		return kern.NoViolation, nil
	}
	i := slices.Index(kindNames(), name)
	if i < 0 {
		return 0, fmt.Errorf("unknown kind %s; %s", quote.Short(name), quote.Expected(name, kindNames()))
	}
	return kern.Kinds()[i], nil
}
