package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
	"ptsim/pgalloc"
)

// verdictsOptions are the flags of ptsim verdicts.
type verdictsOptions struct {
	scenarios, variants []string
	threads             int
	memory              string
	races               string
	format              string
}

func newVerdicts(std streams) *cobra.Command {
	var o verdictsOptions
	cmd := &cobra.Command{
		Use:   "verdicts",
		Short: "Explore every version in every scenario, and print what holds",
		Long: `Verdicts explores every version of the allocator, with every pin, in every scenario, with 1 and 2 softirq CPUs and
with callbacks on the CPU that queued them, and with both kinds of grace periods, and prints a table: safe and the
number of states, or what breaks, with the switches and steps of the shortest schedule; a tilde where finding the
shortest would take too long.

Data races are judged by adjacent accesses, unless --races says otherwise; by happens-before all cells together take half
as much time again under auto, and many times as much in full. --format json says what each safe cell covers.

The exit code is 0 once the table is complete, whatever it says, and 3 if a memory limit ended a search.`,
		Example: `  ptsim verdicts
  ptsim verdicts --scenario S1,B4 --variant rfc,pinned
  ptsim verdicts --scenario S1 --variant pinned --races happens-before
  ptsim verdicts --threads 0 --format markdown`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd, std) },
	}
	names := []string{}
	for _, i := range pgalloc.Variants() {
		names = append(names, string(i.Variant))
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.scenarios, "scenario", nil, "scenarios, all but the very large unless given: "+strings.Join(scenario.Names(), ", "))
	f.StringSliceVar(&o.variants, "variant", nil, "versions of the allocator, all unless given: "+strings.Join(names, ", "))
	f.IntVar(&o.threads, "threads", 0, "cells at once, 0 for as many as there are CPUs")
	f.StringVar(&o.memory, "memory-limit", "", "memory for the states of one cell, such as 500M or 2G; no limit unless given")
	racesFlag(cmd, &o.races, explore.Adjacent)
	complete(cmd, "scenario", scenario.Names())
	complete(cmd, "variant", names)
	formatFlag(cmd, &o.format, verdicts.Formats()...)
	return cmd
}

func (o *verdictsOptions) run(cmd *cobra.Command, std streams) error {
	if err := checkFormat(o.format, verdicts.Formats()...); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	if o.threads < 0 || o.threads > 1024 {
		return fmt.Errorf("--threads: %d; expected 0 to 1024", o.threads)
	}
	opt := verdicts.Options{Threads: o.threads, Context: cmd.Context()}
	if o.threads == 0 {
		opt.Threads = runtime.GOMAXPROCS(0)
	}
	var err error
	if opt.Races, err = explore.ParseRaces(o.races); err != nil {
		return fmt.Errorf("--races: %w", err)
	}
	if opt.Memory, err = parseSize(o.memory); err != nil {
		return fmt.Errorf("--memory-limit: %w", err)
	}
	filter := verdicts.Filter{Scenarios: o.scenarios}
	for _, name := range o.variants {
		v, err := pgalloc.ParseVariant(name)
		if err != nil {
			return fmt.Errorf("--variant: %w", err)
		}
		filter.Variants = append(filter.Variants, v)
	}
	cells, err := verdicts.Cells(filter)
	if err != nil {
		return fmt.Errorf("--scenario: %w", err)
	}
	bar := newSearchProgress(std.err)
	opt.Progress = func(p verdicts.Progress) {
		bar.print(func() string {
			return fmt.Sprintf("%d of %d cells, %s states; last %s on %s", p.Done, p.Cells, group(int64(p.States)), p.Cell.Scenario, p.Cell.Version)
		})
	}
	out, err := verdicts.Run(cells, opt)
	bar.done()
	if err != nil {
		return err
	}
	if err := buffered(std.out, func(w io.Writer) error { return stdoutError(verdicts.Write(w, out, o.format)) }); err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return context.Canceled
	}
	for i := range out {
		if out[i].Verdict == explore.Incomplete {
			return errIncomplete
		}
	}
	return nil
}
