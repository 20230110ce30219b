package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ptsim/internal/campaign"
	"ptsim/internal/checkpoint"
	"ptsim/internal/quote"
	"ptsim/internal/verdicts"
)

// campaignKind is a kind of campaign: how it is planned, how one of its jobs is done, and what the answers make.
type campaignKind struct {
	name    string
	plan    func(std streams) *cobra.Command
	do      func(ctx context.Context, t campaign.Task) (answer, cost any, err error)
	merge   func(w io.Writer, width int, m *campaign.Merged, format string) error
	formats []string
}

func campaignKinds() []campaignKind {
	return []campaignKind{
		{"verdicts", newPlanVerdicts, doVerdict, mergeVerdicts, verdicts.Formats()},
		{"mutants", newPlanMutants, doMutant, mergeMutants, []string{"text", "json"}},
		{"litmus", newPlanLitmus, doLitmus, mergeLitmus, []string{"text", "json", "tsv"}},
		{"sample", newPlanSample, doSeeds, mergeSample, []string{"text", "json"}},
		{"sweep", newPlanSweep, doPoint, mergeSweep, sweepFormats},
		{"split", newPlanSplit, doPart, mergeSplit, []string{"text", "json"}},
	}
}

// asked reads what all jobs of a campaign have in common, and what one of them asks.
func asked[C, A any](t campaign.Task) (common C, ask A, err error) {
	if err = json.Unmarshal(t.Common, &common); err == nil {
		err = json.Unmarshal(t.Job.Ask, &ask)
	}
	return common, ask, err
}

func findCampaign(name string) (campaignKind, error) {
	var names []string
	for _, k := range campaignKinds() {
		if k.name == name {
			return k, nil
		}
		names = append(names, k.name)
	}
	return campaignKind{}, fmt.Errorf("unknown kind of campaign %s; %s", quote.Short(name), quote.Expected(name, names))
}

func newCampaign(std streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "campaign",
		Short: "Split a lot of work into jobs, for many processes or machines",
		Long: `Campaign splits work that is too large for one machine: it plans independent
jobs, runs a shard of them, and merges the results. It starts no processes on other machines: Slurm, Kubernetes or make does that.

  ptsim campaign plan    prints a plan, one job per line
  ptsim campaign run     does a shard of the jobs, and writes a file for each
  ptsim campaign merge   prints the outcome of all jobs, and what is missing

The result does not depend on the number of shards or on their order, apart from
time and memory. docs/campaigns.md has scripts for Slurm, Kubernetes and make.`,
		Example: `  ptsim campaign plan verdicts > plan.jsonl
  ptsim campaign run plan.jsonl --out results --shard 1/2
  ptsim campaign run plan.jsonl --out results --shard 2/2
  ptsim campaign merge results`,
		RunE: func(_ *cobra.Command, args []string) error {
			names := []string{"plan", "run", "merge"}
			if len(args) == 0 {
				return errors.New("campaign: no command; expected plan, run or merge")
			}
			return fmt.Errorf("unknown command campaign %s; %s", quote.Short(args[0]), quote.Expected(args[0], names))
		},
	}
	cmd.AddCommand(newCampaignPlan(std), newCampaignRun(std), newCampaignMerge(std), newCampaignJob(std))
	return cmd
}

func newCampaignPlan(std streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Print a plan: one job per line, each with an estimate",
		Long: `Plan prints the jobs of a campaign as JSON lines, each with an estimate of its
processor time. The plan is only for the same build of ptsim.`,
		Example: `  ptsim campaign plan verdicts > plan.jsonl
  ptsim campaign plan verdicts mine.scn --variant rfc,pinned > plan.jsonl`,
		RunE: func(_ *cobra.Command, args []string) error {
			var names []string
			for _, k := range campaignKinds() {
				names = append(names, k.name)
			}
			if len(args) == 0 {
				return fmt.Errorf("campaign plan: no kind; expected one of %s", strings.Join(names, ", "))
			}
			_, err := findCampaign(args[0])
			return err
		},
	}
	for _, k := range campaignKinds() {
		cmd.AddCommand(k.plan(std))
	}
	return cmd
}

// printPlan prints a plan of jobs. common is what they share.
func printPlan(std streams, kind string, common any, jobs []campaign.Job) error {
	text, err := json.Marshal(common)
	if err != nil {
		return err
	}
	p := campaign.Plan{Kind: kind, Program: checkpoint.Program(), Common: text, Jobs: jobs}
	return buffered(std.out, func(w io.Writer) error { return p.Write(w) })
}

// readPlan reads a plan, which must be one of this build.
func readPlan(name string, stdin io.Reader) (*campaign.Plan, error) {
	in, called := stdin, "standard input"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, cannotRead(name, err)
		}
		defer f.Close()
		in, called = f, name
	}
	p, err := campaign.Read(called, in)
	if err != nil {
		return nil, err
	}
	if p.Program != checkpoint.Program() {
		return nil, fmt.Errorf("%s: a plan by another build of ptsim, which may give other answers; expected that build, or make the plan again", called)
	}
	return p, nil
}

// cannotRead says why, with the name once.
func cannotRead(name string, err error) error {
	return fmt.Errorf("%s: cannot read: %s", name, strings.TrimPrefix(err.Error(), "open "+name+": "))
}

// newCampaignJob is the other side of campaign run: a child that does jobs.
func newCampaignJob(std streams) *cobra.Command {
	var memory string
	cmd := &cobra.Command{
		Use:    "job",
		Short:  "Do the jobs that campaign run sends: nothing for people",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			// An engine that stops a shard may signal all its processes. The shard tells this one to stop.
			signal.Ignore(os.Interrupt, syscall.SIGTERM)
			limit, err := parseSize(memory)
			if err != nil {
				return fmt.Errorf("--memory-limit: %w", err)
			}
			if err := campaign.LimitMemory(limit); err != nil {
				return err
			}
			campaign.DieFirst()
			collectLate()
			return campaign.Serve(std.in, std.out, func(ctx context.Context, t campaign.Task) (answer, cost any, err error) {
				k, err := findCampaign(t.Kind)
				if err != nil {
					return nil, nil, err
				}
				return k.do(ctx, t)
			})
		},
	}
	cmd.Flags().StringVar(&memory, "memory-limit", "", "memory of this process, after which it dies")
	return cmd
}
