package mutants

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Judgement is whether a mutant ends as its list says.
type Judgement struct {
	Mutant string `json:"mutant"`
	Found  string `json:"found"`           // how it ends
	Wrong  string `json:"wrong,omitempty"` // what is not as the list says
}

// Scenarios returns the names of the module's scenarios.
func (l *Lab) Scenarios() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(l.Root, "testdata", "scenarios", "*.scn"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no scenarios in testdata/scenarios; expected the source of ptsim", l.Root)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(filepath.Base(files[i]), ".scn")
	}
	return files, err
}

// Original returns what tells whether the original code is safe in a job. It is built the first time that somebody asks.
func (l *Lab) Original(ctx context.Context) func(job string) (bool, error) {
	build := sync.OnceValues(func() (string, error) { return l.Build(ctx, nil) })
	return func(job string) (bool, error) {
		program, err := build()
		if err != nil {
			return false, err
		}
		found, err := l.Run(ctx, program, false, job)
		if err != nil {
			return false, err
		}
		if len(found) != 1 || found[0].Verdict != "safe" && found[0].Verdict != "violated" {
			return false, fmt.Errorf("the original in %s: no verdict: %v", job, found)
		}
		return found[0].Verdict == "safe", nil
	}
}

// Judge builds a mutant, has its jobs or its tests run, and compares how it ends with what its list says. scenarios are the names
// of all; safe tells whether the original is safe in a job. The error is that it cannot be built or run.
func (l *Lab) Judge(ctx context.Context, m *Mutant, scenarios []string, safe func(job string) (bool, error)) (Judgement, error) {
	j := Judgement{Mutant: m.Name}
	var err error
	switch {
	case m.Tests != "":
		err = l.judgeTested(ctx, m, &j)
	case m.Survives():
		err = l.judgeSurvivor(ctx, m, scenarios, safe, &j)
	default:
		err = l.judgeKilled(ctx, m, safe, &j)
	}
	return j, err
}

// judgeTested judges a mutant of which the tests of a package are to decide.
func (l *Lab) judgeTested(ctx context.Context, m *Mutant, j *Judgement) error {
	if !m.Survives() {
		return l.judgeTest(ctx, m, j)
	}
	failed, err := l.TestAll(ctx, m)
	if j.Found = "equal"; failed != "" {
		j.Found = "test " + failed
		j.Wrong = fmt.Sprintf("it is said to be equal to the original, and %s fails", failed)
	}
	return err
}

// judgeTest wants the mutant's own test to fail with it. That it passes without is for the package's own run.
func (l *Lab) judgeTest(ctx context.Context, m *Mutant, j *Judgement) error {
	fails, err := l.Test(ctx, m)
	if j.Found = "test " + m.Test.Name; err == nil && !fails {
		j.Found, j.Wrong = "survives", fmt.Sprintf("%s in %s passes", m.Test.Name, m.Test.Package)
	}
	return err
}

// judgeKilled wants the job that the list names to kill, as the kind that it names.
func (l *Lab) judgeKilled(ctx context.Context, m *Mutant, safe func(string) (bool, error), j *Judgement) error {
	good, err := safe(m.Killed.Job)
	if err != nil {
		return err
	}
	if !good {
		j.Wrong = "the original is not safe in " + m.Killed.Job
		return nil
	}
	found, err := l.buildAndRun(ctx, m, []string{m.Killed.Job})
	if err != nil {
		return err
	}
	switch last := found[len(found)-1]; {
	case !last.Kills():
		j.Found, j.Wrong = "survives", "it survives: "+last.String()
	default:
		j.Found = "killed " + last.Job + " " + last.Kind
		if last.Kind != m.Killed.Kind {
			j.Wrong = fmt.Sprintf("expected %s: %s", m.Killed.Kind, last)
		}
	}
	return nil
}

// judgeSurvivor wants no job to kill in which the original is safe, and the test that sees it to fail, if there is one.
func (l *Lab) judgeSurvivor(ctx context.Context, m *Mutant, scenarios []string, safe func(string) (bool, error), j *Judgement) error {
	program, err := l.Build(ctx, m)
	if err != nil {
		return err
	}
	defer os.Remove(program)
	var jobs []string
	for _, version := range m.On {
		jobs = append(jobs, Jobs(scenarios, version)...)
	}
	j.Found = "survives"
	for len(jobs) > 0 {
		found, err := l.ran(ctx, m, program, jobs)
		if err != nil {
			return err
		}
		for _, o := range found {
			if !o.Kills() && o.Verdict != "safe" {
				j.Wrong = "no verdict: " + o.String()
				return nil
			}
		}
		last := found[len(found)-1]
		if !last.Kills() {
			break
		}
		good, err := safe(last.Job)
		if err != nil {
			return err
		}
		if good {
			j.Found = "killed " + last.Job + " " + last.Kind
			j.Wrong = "it is said to survive: " + last.String()
			return nil
		}
		jobs = jobs[slices.Index(jobs, last.Job)+1:] // it proves nothing
	}
	if m.Test.Name != "" {
		return l.judgeTest(ctx, m, j)
	}
	return nil
}

func (l *Lab) buildAndRun(ctx context.Context, m *Mutant, jobs []string) ([]Outcome, error) {
	program, err := l.Build(ctx, m)
	if err != nil {
		return nil, err
	}
	defer os.Remove(program)
	return l.ran(ctx, m, program, jobs)
}

// ran runs a mutant's jobs up to the first that kills, of which at least one must have an outcome.
func (l *Lab) ran(ctx context.Context, m *Mutant, program string, jobs []string) ([]Outcome, error) {
	found, err := l.Run(ctx, program, true, jobs...)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no job had an outcome")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: mutant %s: %w", m.At, m.Name, err)
	}
	return found, nil
}
