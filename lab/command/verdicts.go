package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/prose"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/verdicts"
	"ptsim/lab"
	"ptsim/memory"
	"ptsim/pgalloc"
)

// matrixOptions are the flags that say which cells, and how each is searched.
type matrixOptions struct {
	scenarios, variants []string
	memory              string
	races               string
	model, release      string
}

// verdictsOptions are the flags of ptsim verdicts.
type verdictsOptions struct {
	lab string
	matrixOptions
	threads    int
	checkpoint string
	every      time.Duration
	format     string
}

func newVerdicts(std streams) *cobra.Command {
	var o verdictsOptions
	cmd := &cobra.Command{
		Use:   "verdicts [FILE...]",
		Short: "Explore every variant in every scenario, and print what holds",
		Long: `Verdicts explores every variant of the allocator, with every pin, in every
scenario; with 1 and 2 softirq CPUs, and with callbacks on the CPU that queued
them; with both kinds of grace periods. It prints a table. A cell is "safe" and
the number of states, or what breaks, with the switches and steps of the shortest
schedule. A tilde marks a schedule that may not be the shortest. Where the table
has room, it also has the time that each cell took.

FILE is a scenario of your own, and - is standard input; then only these are
explored. "ptsim help scenario" describes the language.

--lab NAME explores the rows of another lab's table. Each row is a question with
its expected verdict. --lab all explores the rows of all labs.
"ptsim labs" lists the labs.

Data races are judged by adjacent accesses, and in the rows of --lab by auto,
unless --races says otherwise. By happens-before, all cells together take half
as much time again under auto, and many times as much in full. --format json
says what each safe cell covers.

Under another memory model than sc, callbacks have CPUs of their own. Rows of a
lab say their model; with --memory all run under that, and only those that say
it themselves are compared with what they expect.

With --checkpoint DIR, a run that was interrupted, killed by SIGTERM, or out of
memory continues when you run the same command again, and gives the same table:
DIR keeps the cells that are done, and how far the others are; a cell under
another memory model than sc begins again. It is written every minute (see
--checkpoint-every), and is only for the same build of ptsim.

Exit codes:

  0    the table is complete, whatever it says
  1    a row of a lab did not have its expected verdict
  2    bad input
  3    a memory limit ended a search
  130  interrupted`,
		Example: `  ptsim verdicts
  ptsim verdicts docs/scenarios/mine.scn
  ptsim verdicts mine.scn --variant rfc,pinned/half --format markdown
  ptsim verdicts --scenario S1,B4 --variant rfc,pinned
  ptsim verdicts --scenario S1 --variant pinned --races happens-before
  ptsim verdicts --scenario S3r4 --checkpoint s3r4 --memory-limit 4G
  ptsim verdicts --lab stack
  ptsim verdicts --scenario S1 --variant pinned/half --memory lkmm
  ptsim verdicts --threads 0 --format markdown`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, std, args) },
	}
	o.matrixOptions.flags(cmd)
	f := cmd.Flags()
	f.IntVar(&o.threads, "threads", 0, "cells at once; 0 means as many as there are CPUs")
	bounded(cmd, "threads", 0, 1024)
	f.StringVar(&o.lab, "lab", "", "explore the rows of this lab, or of all: "+strings.Join(labs.Names(), ", "))
	complete(cmd, "lab", append(labs.Names(), "all"))
	f.StringVar(&o.checkpoint, "checkpoint", "", "keep the progress in this directory, and continue from it")
	everyFlag(cmd, &o.every)
	if err := cmd.MarkFlagDirname("checkpoint"); err != nil {
		panic(err)
	}
	formatFlag(cmd, &o.format, verdicts.Formats()...)
	return cmd
}

func (o *matrixOptions) flags(cmd *cobra.Command) {
	names := []string{}
	for _, i := range pgalloc.Variants() {
		names = append(names, string(i.Variant))
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.scenarios, "scenario", nil, "scenarios (default: all but the very large): "+strings.Join(scenario.Names(), ", "))
	f.StringSliceVar(&o.variants, "variant", nil, "variants of the allocator (default: all): "+strings.Join(names, ", ")+"; pinned/PIN for one pin")
	f.StringVar(&o.memory, "memory-limit", "", "memory for the states of one cell, such as 500M or 2G (default: no limit)")
	racesFlag(cmd, &o.races, explore.Adjacent)
	memoryFlags(cmd, &o.model, &o.release, memory.SC)
	complete(cmd, "scenario", scenario.AllNames())
	complete(cmd, "variant", names)
}

// cells returns which cells are meant, and how each is searched.
func (o *matrixOptions) cells(std streams, files []string) (cells []verdicts.Cell, opt verdicts.Options, err error) {
	if opt.Races, err = explore.ParseRaces(o.races); err != nil {
		return nil, opt, fmt.Errorf("--races: %w", err)
	}
	if opt.Memory, err = parseSize(o.memory); err != nil {
		return nil, opt, fmt.Errorf("--memory-limit: %w", err)
	}
	filter := verdicts.Filter{Scenarios: o.scenarios}
	for _, name := range o.variants {
		if err := anyVersion(name); err != nil {
			return nil, opt, fmt.Errorf("--variant: %w", err)
		}
		filter.Versions = append(filter.Versions, name)
	}
	if filter.Memory.Model, filter.Memory.Release, err = parseMemory(o.model, o.release); err != nil {
		return nil, opt, err
	}
	if filter.Memory.Model != memory.LKMM {
		filter.Memory.Release = 0
	}
	if filter.Own, err = ownScenarios(files, std.in); err != nil {
		return nil, opt, err
	}
	opt.Own = filter.Own
	if cells, err = verdicts.Cells(filter); err != nil {
		return nil, opt, fmt.Errorf("--scenario: %w", err)
	}
	return cells, opt, nil
}

// ownScenarios reads scenarios of the user's own.
func ownScenarios(files []string, stdin io.Reader) ([]*scenario.Scenario, error) {
	var list []*scenario.Scenario
	seen := map[string]string{}
	for _, file := range files {
		if scenario.Known(file) {
			return nil, fmt.Errorf("%s comes with ptsim; expected a file, or --scenario %[1]s", file)
		}
		s, err := readScenario(file, stdin)
		if err != nil {
			return nil, err
		}
		if len(s.Tasks) == 0 {
			return nil, fmt.Errorf("%s: no task in it; expected a scenario; ptsim run takes scripts, and ptsim step makes a scenario of one", file)
		}
		if was, twice := seen[s.Name]; twice {
			return nil, fmt.Errorf("%s and %s are both called %s; expected names that differ", was, file, s.Name)
		}
		if scenario.Known(scenario.FullName(s)) {
			return nil, fmt.Errorf("%s: %s is a scenario of ptsim; expected another name for the file", file, s.Name)
		}
		seen[s.Name] = file
		list = append(list, s)
	}
	return list, nil
}

func (o *verdictsOptions) run(cmd *cobra.Command, std streams, files []string) error {
	if err := checkFormat(o.format, verdicts.Formats()...); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	if err := checkEvery(cmd, o.every, o.checkpoint); err != nil {
		return err
	}
	collectLate()
	rows, err := o.rows(cmd, files)
	if err != nil {
		return err
	}
	if rows != nil && !cmd.Flags().Changed("races") {
		o.races = explore.RacesAuto.String() // some rows expect a race that no two adjacent accesses show
	}
	cells, opt, err := o.cells(std, files)
	if rows != nil {
		cells = nil
		for _, l := range rows {
			of, err := verdicts.Rows(l)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("memory") || cmd.Flags().Changed("lkmm") {
				spec, err := memoryOf(cmd, o.model, o.release, "")
				if err != nil {
					return err
				}
				for i := range of {
					of[i].Setting.Memory = spec
				}
			}
			cells = append(cells, of...)
		}
	}
	if err != nil {
		return err
	}
	opt.Threads, opt.Context = o.threads, cmd.Context()
	if o.threads == 0 {
		opt.Threads = runtime.GOMAXPROCS(0)
	}
	if o.checkpoint != "" {
		defer mustTidy(cmd.Context())()
		if opt.Folder, err = verdicts.OpenFolder(o.checkpoint, o.every); err != nil {
			return err
		}
		if n, searches := opt.Folder.Known(); n+searches > 0 {
			fmt.Fprintf(std.err, "ptsim: going on from %s: %s answered, and %d begun\n", o.checkpoint, prose.Count(n, "cell is", "cells are"), searches)
		}
	}
	bar := newSearchProgress(std.err)
	opt.Progress = bar.matrix
	out, err := verdicts.Run(cells, opt)
	bar.done()
	if err != nil {
		return err
	}
	o.closeFolder(std, opt, out)
	width, _ := columnsOf(std.out)
	if err := buffered(std.out, func(w io.Writer) error { return stdoutError(o.write(w, rows, out, width)) }); err != nil {
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
	for i, l := range rows {
		if len(verdicts.Unexpected(l, ofLab(rows, out, i))) > 0 {
			return errFinding
		}
	}
	return nil
}

// rows returns the labs whose rows are meant; nil if it is the matrix of the page tables, which have none.
func (o *verdictsOptions) rows(cmd *cobra.Command, files []string) ([]*lab.Lab, error) {
	if o.lab == "" || o.lab == labs.Default().Name {
		return nil, nil
	}
	if cmd.Flags().Changed("scenario") || cmd.Flags().Changed("variant") || len(files) > 0 {
		return nil, errors.New("--lab: its rows say their scenarios and versions; expected no --scenario, --variant or file")
	}
	if o.lab != "all" {
		l, err := labs.Get(o.lab)
		if err != nil {
			return nil, fmt.Errorf("--lab: %w, all", err)
		}
		return []*lab.Lab{l}, nil
	}
	var list []*lab.Lab
	for _, l := range labs.All() {
		if len(l.Rows) > 0 {
			list = append(list, l)
		}
	}
	return list, nil
}

// ofLab are the outcomes of the rows of one of some labs.
func ofLab(rows []*lab.Lab, out []verdicts.Outcome, i int) []verdicts.Outcome {
	from := 0
	for _, l := range rows[:i] {
		from += len(l.Rows)
	}
	return out[from : from+len(rows[i].Rows)]
}

// write prints the matrix, or the rows of labs.
func (o *verdictsOptions) write(w io.Writer, rows []*lab.Lab, out []verdicts.Outcome, width int) error {
	if stopped := slices.ContainsFunc(out, func(c verdicts.Outcome) bool { return c.Verdict == "" }); stopped && o.format == "text" {
		fmt.Fprintln(w, "INTERRUPTED: the verdicts so far, - where there are none")
	}
	if rows == nil || o.format == "json" {
		return verdicts.Write(w, out, o.format, width)
	}
	for i, l := range rows {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := verdicts.WriteRows(w, l, ofLab(rows, out, i), o.format, width); err != nil {
			return err
		}
	}
	return nil
}

// closeFolder writes what the folder does not have yet, and says how to go on, or why that will not do.
func (o *verdictsOptions) closeFolder(std streams, opt verdicts.Options, out []verdicts.Outcome) {
	left := slices.ContainsFunc(out, func(c verdicts.Outcome) bool { return c.Verdict == "" || c.Verdict == explore.Incomplete })
	if opt.Folder == nil {
		return
	}
	switch err := opt.Folder.Close(); {
	case err != nil:
		fmt.Fprintf(std.err, "ptsim: %s\n", oneLine(err))
	case left:
		fmt.Fprintf(std.err, "ptsim: %s has how far it is; the same command goes on from there\n", o.checkpoint)
	}
}

// anyVersion wants a name to be that of a version of some lab.
func anyVersion(name string) error {
	_, err := question.ParseVersion(name)
	for _, l := range labs.All() {
		if _, ok := question.VersionOf(l, name); ok == nil {
			return nil
		}
	}
	return err
}
