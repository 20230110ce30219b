// Package main is the probe of package mutants: a program that explores scenarios and says what came of it, and does
// nothing else. It is built once for each mutant, with the mutant's source in place of the real one, so it is small: it
// has no commands, no colours and no tables, and links nothing that the explorer and the allocator do not need.
//
// # What it is asked
//
// Each argument is a job, words parted by commas:
//
//	SCENARIO,VARIANT[/PIN],SOFTIRQS,GRACE
//	defer2,pinned/half,2,precise
//
// SOFTIRQS is a number of CPUs, or cpu; GRACE is precise or any. The search is exhaustive, on one thread, and stops at the
// first violation. With -first the probe stops after the first job that found one.
//
// # What it answers
//
// A line "begin JOB" when a job begins, and one when it ends, whose fields are parted by tabs:
//
//	end JOB  VERDICT  KIND  STATES  SECONDS  SENTENCE
//
// VERDICT is safe, violated, incomplete, or error where the model asks for more than the explorer has; KIND is that of the
// violation, or a dash. The exit code is 0, and 2 if a job was not understood.
//
// # What a mutant may do
//
// Code that was changed blindly may do anything. It may panic: then the program ends with Go's own report, and the line
// "begin" without an "end" says in which job. It may make more and more states: -memory and -seconds bound each job, and
// the verdict is incomplete. It may loop without ever reaching a primitive, where no search can stop it: whoever runs the
// probe must end it.
//
// # What it does not do
//
// It looks for no shortest schedule and replays nothing, so a sentence has no functions in it that a trace would give. It
// does not know what it was built from.
//
// # Where to start
//
// The Example.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/lab"
)

func main() {
	first := flag.Bool("first", false, "stop after the first job that found a violation")
	memory := flag.Uint64("memory", 1<<10, "MiB of states that a job may keep")
	seconds := flag.Float64("seconds", 60, "seconds that a job may take")
	flag.Parse()
	lim := limits{memory: *memory << 20, time: time.Duration(*seconds * float64(time.Second))}
	if err := probe(os.Stdout, flag.Args(), lim, *first); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(2)
	}
}

// limits are what a job may take.
type limits struct {
	memory uint64
	time   time.Duration
}

// probe does the jobs in order.
func probe(w io.Writer, jobs []string, lim limits, first bool) error {
	for _, text := range jobs {
		model, opt, err := parse(text)
		if err != nil {
			return fmt.Errorf("job %q: %w", text, err)
		}
		fmt.Fprintf(w, "begin %s\n", text)
		if found := explored(w, text, model, opt, lim); found && first {
			return nil
		}
	}
	return nil
}

// parse reads a job.
func parse(text string) (*explore.Model, explore.Options, error) {
	opt := explore.Defaults()
	words := strings.Split(text, ",")
	if len(words) != 4 {
		return nil, opt, fmt.Errorf("%d words; expected SCENARIO,VARIANT[/PIN],SOFTIRQS,GRACE", len(words))
	}
	s, err := scenario.Load(words[0])
	if err != nil {
		return nil, opt, err
	}
	if opt.Softirqs, err = explore.ParseSoftirqs(words[2]); err != nil {
		return nil, opt, err
	}
	if opt.Grace, err = explore.ParseGrace(words[3]); err != nil {
		return nil, opt, err
	}
	model, err := lab.Build(s, words[1])
	return model, opt, err
}

// explored does a job and tells whether it found a violation.
func explored(w io.Writer, text string, model *explore.Model, opt explore.Options, lim limits) bool {
	ctx, cancel := context.WithTimeout(context.Background(), lim.time)
	defer cancel()
	opt.Context, opt.Memory = ctx, lim.memory
	r, err := explore.Exhaustive(model, opt)
	verdict, kind, sentence := string(r.Verdict), "-", r.Why
	switch {
	case err != nil:
		verdict, sentence = "error", err.Error()
	case r.Violation != nil:
		kind, sentence = r.Violation.Kind.String(), r.Violation.Sentence()
	}
	fmt.Fprintf(w, "end %s\t%s\t%s\t%d\t%.3f\t%s\n", text, verdict, kind, r.States, r.Elapsed.Seconds(), oneLine(sentence))
	return verdict == string(explore.Violated)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
