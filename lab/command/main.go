package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ptsim/internal/labs"
	"ptsim/internal/prose"
	"ptsim/internal/quote"
	"ptsim/lab"
)

// Exit codes.
const (
	exitOK          = 0
	exitFinding     = 1
	exitBadInput    = 2
	exitIncomplete  = 3
	exitInterrupted = 130
)

// errFinding says that the command did its work and found a violation, which it has printed.
var errFinding = errors.New("violation found")

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main is ptsim: it runs the command with the arguments of the program, adds the labs to those that it comes with, and returns the exit
// code. A second signal ends the program at once.
func Main(more ...*lab.Lab) int {
	if brief(wanted(os.Args[1:])) {
		return Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, more...)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	ctx = withTidying(ctx)
	done := make(chan int, 1)
	go func() { done <- Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, more...) }()
	select {
	case code := <-done:
		return code
	case <-ctx.Done():
	}
	select {
	case code := <-done:
		return code
	case <-tidied(ctx, patience): // it waits for input
		fmt.Fprintln(os.Stderr, "ptsim: interrupted")
		return exitInterrupted
	}
}

// Run runs the command once, as [Main] does, and returns the exit code. Labs that were added stay: to add one again does nothing.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer, more ...*lab.Lab) int {
	for _, l := range more {
		if err := labs.Add(l); err != nil {
			fmt.Fprintf(errs, "ptsim: %s\n", oneLine(err))
			return exitBadInput
		}
	}
	return run(ctx, args, streams{in, out, errs})
}

// patience is how long a command that was interrupted may take to tidy up.
const patience = 500 * time.Millisecond

// run is the whole command: it returns the exit code.
func run(ctx context.Context, args []string, io streams) int {
	if err := noRoom(io.out); err != nil {
		fmt.Fprintf(io.err, "ptsim: %s\n", oneLine(err))
		return exitBadInput
	}
	root := newRoot(io, wanted(args))
	root.SetArgs(args)
	err := unknownWord(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFinding):
		return exitFinding
	case errors.Is(err, errIncomplete):
		return exitIncomplete
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(io.err, "ptsim: %s\n", sayInterrupted(oneLine(err)))
		return exitInterrupted
	}
	fmt.Fprintf(io.err, "ptsim: %s\n", oneLine(err))
	return exitBadInput
}

// sayInterrupted says "interrupted" where the library says that a context was canceled.
func sayInterrupted(text string) string {
	before, after, _ := strings.Cut(text, context.Canceled.Error())
	return before + "interrupted" + after
}

// unknownWord is the error for a first word that is no command. With --help behind it cobra would answer with the help of all.
func unknownWord(root *cobra.Command, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return nil
	}
	if slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == args[0] }) {
		return nil
	}
	return noCommand(args[0])
}

// oneLine makes sure that an error is one line, whatever was quoted in it.
func oneLine(err error) string { return prose.OneLine(err.Error()) }

// Groups of commands, in the order in which help lists them.
const (
	searchGroup = "search"
	runGroup    = "run"
	learnGroup  = "learn"
	listGroup   = "list"
	manualGroup = "manual"
)

var groups = []*cobra.Group{
	{ID: searchGroup, Title: "Explore the schedules of a scenario:"},
	{ID: runGroup, Title: "Run traces, loads and scripts:"},
	{ID: learnGroup, Title: "Learn and teach:"},
	{ID: listGroup, Title: "See what there is:"},
	{ID: manualGroup, Title: "Manuals, also as ptsim help NAME:"},
}

// entry is a command that is not built yet.
type entry struct {
	name  string
	group string
	build func(io streams, verbose *int) *cobra.Command
}

// commands are what ptsim can do. One that is asked for by name is built alone: to build all of them takes longer than some
// of them run.
var commands = []entry{
	{"retract", runGroup, newRetract},
	{"run", runGroup, newRun},
	{"masks", listGroup, quiet(newMasks)},
	{"explore", searchGroup, newExplore},
	{"verdicts", searchGroup, quiet(newVerdicts)},
	{"variants", listGroup, quiet(newVariants)},
	{"version", listGroup, quiet(newVersion)},
	{"record", runGroup, quiet(newRecord)},
	{"compare", runGroup, quiet(newCompare)},
	{"workloads", listGroup, quiet(newWorkloads)},
	{"beside", searchGroup, quiet(newBeside)},
	{"play", learnGroup, quiet(newPlay)},
	{"quiz", learnGroup, quiet(newQuiz)},
	{"export", searchGroup, quiet(newExport)},
	{"serve", searchGroup, quiet(newServe)},
	{"conform", runGroup, quiet(newConform)},
	{"bench", runGroup, quiet(newBench)},
	{"campaign", searchGroup, quiet(newCampaign)},
	{"step", searchGroup, quiet(newStep)},
	{"litmus", searchGroup, quiet(newLitmus)},
	{"barriers", searchGroup, quiet(newBarriers)},
	{"learn", learnGroup, quiet(newLearn)},
	{"scenarios", listGroup, quiet(newScenarios)},
	{"labs", listGroup, quiet(newLabs)},
	{"scenario", manualGroup, quiet(newTopic("scenario", "The language of scenarios", scenarioManual))},
	{"script", manualGroup, quiet(newTopic("script", "The language of scripts", scriptManual))},
	{"workload", manualGroup, quiet(newTopic("workload", "The language of workloads", workloadManual))},
	{"lab", manualGroup, quiet(newTopic("lab", "How to change the allocator's code, or explore your own", document("lab.md")))},
	{"traces", manualGroup, quiet(newTopic("traces", "How to record a trace, and what is read", document("traces.md")))},
}

// quiet is a command that logs nothing.
func quiet(build func(streams) *cobra.Command) func(streams, *int) *cobra.Command {
	return func(io streams, _ *int) *cobra.Command { return build(io) }
}

// wanted returns the command that the arguments name first, "" if that is not one of these: then it takes all of them to
// answer.
func wanted(args []string) string {
	for _, c := range commands {
		if len(args) > 0 && args[0] == c.name {
			return c.name
		}
	}
	return ""
}

// brief tells whether a command only prints what it knows. A signal may end it like any other program: it has nothing to finish, and
// to wait for signals takes threads, whose start would be a tenth of its time.
func brief(name string) bool {
	switch name {
	case "version", "variants", "workloads", "scenarios", "labs":
		return true
	}
	return slices.ContainsFunc(commands, func(c entry) bool { return c.name == name && c.group == manualGroup })
}

// newRoot returns the whole command, or what it takes to run one of the commands.
func newRoot(io streams, only string) *cobra.Command {
	var verbose int
	root := &cobra.Command{
		Use:   "ptsim",
		Short: "An executable model of the s390 page-table allocator",
		Long: `ptsim is an executable model of the Linux s390 page-table allocator, which packs two
2K page tables into one 4K page: every version that was published, on an emulated
machine. Each version is called a variant.

Without a command it does its main job: it replays a recorded trace on all
variants, and compares them. In the trace, several processes share memory while
it is collapsed into huge pages.

Exit codes of all commands:

  0    success
  1    a violation was found; where all variants run, one with no known flaw
  2    bad input: one line says what, where, and what was expected
  3    a search ended without an answer
  130  interrupted; the results so far are printed`,
		Example: `  ptsim                               a recorded trace through all variants
  ptsim retract my.trace.gz           your own trace
  ptsim compare --workload database   what each variant costs under a load
  ptsim run script.txt --variant rfc  a script, one operation per line
  ptsim masks --variant rfc           what every state of a page allows
  ptsim explore S1 --variant rfc      every schedule, and what breaks it
  ptsim verdicts                      which variants hold in which scenarios
  ptsim verdicts mine.scn             the same for a scenario of your own
  ptsim step S1 --variant rfc         step by step; you say which thread moves
  ptsim serve                         the same in the browser
  ptsim play                          break a variant by hand
  ptsim quiz                          what happens next? questions, or a sheet
  ptsim learn                         two courses, lesson by lesson
  ptsim beside S1 --with active       one schedule on two variants
  ptsim conform testdata/real/*.gz    compared with a live s390 kernel
  ptsim litmus mp.litmus              a litmus test, as herd7 runs it
  ptsim barriers swap/on              which barriers the code needs
  ptsim export S1 -o s1.html          a schedule, to step through in any browser
  ptsim campaign plan verdicts        a lot of work, for several machines
  ptsim bench                         processor time per table`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       versionLine(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(args[0])
			}
			return nil
		},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.PersistentFlags().CountVarP(&verbose, "verbose", "v", "log to stderr what happens; -vv logs every table and primitive")
	root.RunE = func(cmd *cobra.Command, args []string) error {
		err := newRetract(io, &verbose).RunE(cmd, args)
		if err == nil {
			_, err = io.out.Write([]byte(whatNext))
			err = stdoutError(err)
		}
		return err
	}
	root.AddGroup(groups...)
	for _, c := range commands {
		if only == "" || only == c.name {
			cmd := c.build(io, &verbose)
			cmd.GroupID = c.group
			root.AddCommand(cmd)
		}
	}
	plainFlags(root)
	width, _ := columnsOf(io.out)
	fitHelp(root, width)
	if only != "" {
		root.CompletionOptions.DisableDefaultCmd = true
		return root
	}
	strict(root)
	return root
}

// whatNext is how the main job ends when nothing was asked for.
const whatNext = `
ptsim play munmap  break a variant by hand: you say which thread moves next
ptsim explore S1   try every schedule of a small scenario, see what breaks it
ptsim learn        how it works, from one page with two tables on
`

// strict makes the commands that cobra brings along treat a wrong argument as the others do.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			show := cmd.Run
			cmd.Run = nil
			cmd.RunE = func(cmd *cobra.Command, args []string) error {
				if found, rest, err := root.Find(args); err != nil || len(rest) > 0 && found == root {
					return fmt.Errorf("help: %w", noCommand(strings.Join(args, " ")))
				}
				show(cmd, args)
				return nil
			}
		case "completion":
			cmd.RunE = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return fmt.Errorf("completion: unknown shell %s; expected bash, fish, powershell or zsh", quote.Short(args[0]))
				}
				return cmd.Help()
			}
		}
	}
}
