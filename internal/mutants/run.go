package mutants

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Outcome is what came of a job.
type Outcome struct {
	Job      string
	Verdict  string // as the probe says it; or panic or hang, if it did not live to say it
	Kind     string // of the violation, a dash if there is none
	States   uint64
	Seconds  float64
	Sentence string
}

// Kills tells whether the job found something wrong.
func (o Outcome) Kills() bool {
	return o.Verdict == "violated" || o.Verdict == "panic" || o.Verdict == "hang"
}

func (o Outcome) String() string {
	return fmt.Sprintf("%s: %s %s, %d states: %s", o.Job, o.Verdict, o.Kind, o.States, o.Sentence)
}

// Run has a program that Build made do jobs, up to the first that kills if first is set, and returns what came of them.
func (l *Lab) Run(ctx context.Context, program string, first bool, jobs ...string) ([]Outcome, error) {
	limit := l.Patience + time.Duration(l.Seconds*float64(len(jobs))*float64(time.Second))
	if len(jobs) > 1 {
		limit = l.Patience + time.Duration(l.Seconds*3*float64(time.Second))
	}
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args := []string{fmt.Sprintf("-memory=%d", l.Memory), fmt.Sprintf("-seconds=%g", l.Seconds), fmt.Sprintf("-first=%t", first)}
	cmd := exec.CommandContext(timed, program, append(args, jobs...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	found, begun := outcomes(out.String())
	switch {
	case ctx.Err() != nil:
		return found, ctx.Err()
	case err == nil:
		return found, nil
	case begun == "":
		return found, fmt.Errorf("the probe failed: %w: %s", err, firstLine(errs.String()))
	case timed.Err() != nil:
		return append(found, Outcome{Job: begun, Verdict: "hang", Kind: "hang", Sentence: "it never came to an end"}), nil
	}
	return append(found, Outcome{Job: begun, Verdict: "panic", Kind: "panic", Sentence: firstLine(errs.String())}), nil
}

// outcomes reads what a probe wrote, and the job that has begun and not ended.
func outcomes(text string) (found []Outcome, begun string) {
	for _, line := range strings.Split(text, "\n") {
		if job, ok := strings.CutPrefix(line, "begin "); ok {
			begun = job
			continue
		}
		f := strings.Split(strings.TrimPrefix(line, "end "), "\t")
		if len(f) != 6 {
			continue
		}
		o := Outcome{Job: f[0], Verdict: f[1], Kind: f[2], Sentence: f[5]}
		o.States, _ = strconv.ParseUint(f[3], 10, 64)
		o.Seconds, _ = strconv.ParseFloat(f[4], 64)
		found = append(found, o)
		begun = ""
	}
	return found, begun
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// small are the scenarios in the order in which they are tried, the smallest first. large ones are only tried with one
// softirq CPU.
var (
	small = []string{
		"page", "gather", "defer2", "munmap", "grab", "S1", "S1f", "ipi", "pass", "pgste", "relink", "reuse", "walk", "fork",
		"B4", "S3a",
	}
	large = []string{"S2", "S3r"}
)

// Jobs returns all jobs for a version out of the scenarios there are, in the order in which they are tried: with precise
// grace periods before any, and the small scenarios first. Scenarios that are not known here come after those that are.
// S3r4 and S2f are too large.
func Jobs(scenarios []string, version string) []string {
	order := slices.Clone(small)
	for _, s := range scenarios {
		if !slices.Contains(order, s) && !slices.Contains(large, s) && s != "S3r4" && s != "S2f" {
			order = append(order, s)
		}
	}
	var jobs []string
	for _, grace := range []string{"precise", "any"} {
		for _, s := range order {
			for _, softirqs := range []string{"1", "2", "cpu"} {
				jobs = append(jobs, strings.Join([]string{s, version, softirqs, grace}, ","))
			}
		}
		for _, s := range large {
			jobs = append(jobs, strings.Join([]string{s, version, "1", grace}, ","))
		}
	}
	return jobs
}
