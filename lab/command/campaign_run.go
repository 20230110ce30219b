package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"ptsim/internal/campaign"
	"ptsim/internal/prose"
)

// campaignRunOptions are the flags of ptsim campaign run.
type campaignRunOptions struct {
	out      string
	shard    string
	shards   int
	threads  int
	memory   string
	limit    time.Duration
	attempts int
	retry    bool
	format   string
}

func newCampaignRun(std streams) *cobra.Command {
	var o campaignRunOptions
	cmd := &cobra.Command{
		Use:   "run PLAN",
		Short: "Do a shard of a plan's jobs, and write a file for each",
		Long: `Run does the jobs of one shard of a plan, the longest first, and writes the result
of each into a file in the directory --out. A job that has a result is not done
again: the same command goes on after an interruption, and the number of shards
may change. PLAN is a file, or - for standard input.

The shard is --shard I/N, or comes from the environment: from Slurm's
SLURM_ARRAY_TASK_ID, with SLURM_ARRAY_TASK_COUNT and _MIN, or from Kubernetes'
JOB_COMPLETION_INDEX, where --shards says how many there are. Without any of them
it is the whole plan.

Each job runs in a process of its own, or after other small ones. If that process
dies, or takes more than --memory-limit or --time-limit, this is the result of the
job, and the shard goes on. A job may also take the whole shard with it, for
example when Kubernetes ends the container. The next run then begins that job
again, up to --attempts times; then this is its result. Long searches keep their
state in --out, and continue from there.

Exit codes:

  0    every job of the shard has a result, if only that it died
  2    bad input: trying again does not help
  3    results cannot be written, or processes cannot be started: try again
  130  interrupted: the same command goes on`,
		Example: `  ptsim campaign run plan.jsonl --out results
  ptsim campaign run plan.jsonl --out results --shard 3/8
  ptsim campaign run plan.jsonl --out results --threads 0 --memory-limit 2G
  ptsim campaign run plan.jsonl --out results --shards 8   # in Kubernetes`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, std, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "directory for the results; it is made if it is not there")
	f.StringVar(&o.shard, "shard", "", "which part to do: I/N, from 1/N to N/N (default: as the environment says, or all)")
	f.IntVar(&o.shards, "shards", 0, "how many shards there are, where JOB_COMPLETION_INDEX says which this is")
	f.IntVar(&o.threads, "threads", 1, "jobs at once; 0 means as many as there are CPUs")
	f.StringVar(&o.memory, "memory-limit", "", "memory of the process of a job, such as 500M or 2G (default: no limit)")
	f.DurationVar(&o.limit, "time-limit", 0, "how long a job may take (default: no limit)")
	f.IntVar(&o.attempts, "attempts", campaign.DefaultAttempts, "how often a job may end its shard before that is its result")
	bounded(cmd, "shards", 1, 1_000_000)
	bounded(cmd, "threads", 0, 1024)
	bounded(cmd, "attempts", 1, 1_000_000)
	f.BoolVar(&o.retry, "retry", false, "do jobs that died once more")
	if err := cmd.MarkFlagDirname("out"); err != nil {
		panic(err)
	}
	formatFlag(cmd, &o.format, "text", "json")
	return cmd
}

func (o *campaignRunOptions) run(cmd *cobra.Command, std streams, args []string) error {
	if err := checkFormat(o.format, "text", "json"); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	switch {
	case len(args) == 0:
		return errors.New("campaign run: no plan; expected a file, as ptsim campaign plan prints it")
	case o.out == "":
		return errors.New("campaign run: no --out; expected a directory for the results")
	case o.limit < 0:
		return fmt.Errorf("--time-limit: %s; expected a duration such as 10m", o.limit)
	}
	if _, err := parseSize(o.memory); err != nil {
		return fmt.Errorf("--memory-limit: %w", err)
	}
	shard, err := campaign.ShardOf(o.shard, o.shards, os.Getenv)
	if err != nil {
		return err
	}
	plan, err := readPlan(args[0], std.in)
	if err != nil {
		return err
	}
	if _, err := findCampaign(plan.Kind); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	folder, err := campaign.OpenFolder(o.out, plan)
	if err != nil {
		return err
	}
	defer mustTidy(cmd.Context())()
	bar := newSearchProgress(std.err)
	opt := campaign.Options{
		Shard: shard, Threads: o.threads, Attempts: o.attempts, Limit: o.limit, Memory: o.memory, Again: o.retry, Context: cmd.Context(),
		Start:    func() *exec.Cmd { return campaignChild(o.memory) },
		Progress: bar.campaign,
	}
	if o.threads == 0 {
		opt.Threads = runtime.GOMAXPROCS(0)
	}
	did, err := folder.Run(opt)
	bar.done()
	if e := o.report(std, shard, did); e != nil {
		return e
	}
	switch {
	case errors.Is(err, campaign.ErrInterrupted):
		return context.Canceled
	case err != nil:
		fmt.Fprintf(std.err, "ptsim: %s\n", oneLine(err))
		return errIncomplete
	}
	return nil
}

// report says what a run did.
func (o *campaignRunOptions) report(std streams, shard campaign.Shard, did campaign.Progress) error {
	return buffered(std.out, func(w io.Writer) error {
		if o.format == "json" {
			return writeJSON(w, struct {
				Shard   int     `json:"shard"`
				Shards  int     `json:"shards"`
				Jobs    int     `json:"jobs"`
				Done    int     `json:"done"`
				Before  int     `json:"done_before"`
				Died    int     `json:"died"`
				Seconds float64 `json:"seconds"`
			}{shard.I, shard.N, did.Jobs, did.Done, did.DoneAlready, did.Died, did.Elapsed.Seconds()})
		}
		text := fmt.Sprintf("shard %s: %d of %s done", shard, did.Done, prose.Count(did.Jobs, "job", "jobs"))
		if did.DoneAlready > 0 {
			text += fmt.Sprintf(", %d of them before", did.DoneAlready)
		}
		if did.Died > 0 {
			text += fmt.Sprintf("; %d died", did.Died)
		}
		_, err := fmt.Fprintln(w, text)
		return stdoutError(err)
	})
}

// campaign shows how far a shard is.
func (p *searchProgress) campaign(c campaign.Progress) {
	p.print(func() string {
		parts := []part{
			{"", fmt.Sprintf("%d of %d jobs", c.Done, c.Jobs), 0},
			{", ", fmt.Sprintf("%.0f%% of the time", 100*c.Part), 1},
		}
		if c.Died > 0 {
			parts = append(parts, part{", ", fmt.Sprintf("%d died", c.Died), 2})
		}
		return fit(p.width, append(parts, part{"; last ", c.Job, 3}))
	})
}

// campaignChild is the program once more, to do jobs. The file may have been replaced since it began, which this one does
// not notice.
func campaignChild(memory string) *exec.Cmd {
	path := "/proc/self/exe"
	if _, err := os.Stat(path); err != nil {
		if path, err = os.Executable(); err != nil {
			path = os.Args[0]
		}
	}
	cmd := exec.Command(path, "campaign", "job")
	cmd.Args[0] = "ptsim"
	if memory != "" {
		cmd.Args = append(cmd.Args, "--memory-limit", memory)
	}
	return cmd
}
