package course_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/counterexample"
	"ptsim/internal/course"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/mmctx"
	"ptsim/pgalloc"
)

// stage is what a run is replayed on.
type stage struct {
	run      *course.Run
	scenario *scenario.Scenario
	version  question.Version
	model    *explore.Model
	opt      explore.Options
}

func setStage(t testing.TB, r *course.Run) *stage {
	t.Helper()
	s, err := scenario.Load(r.Scenario)
	require.NoError(t, err)
	v, err := question.ParseVersion(r.Version)
	require.NoError(t, err)
	m, err := question.Model(s, v)
	require.NoError(t, err)
	require.Equal(t, r.Scenario+"/"+r.Version, m.Name)
	opt := explore.Defaults()
	opt.Softirqs, opt.Grace = r.Softirqs, r.Grace
	return &stage{r, s, v, m, opt}
}

func (s *stage) schedule(t testing.TB) *explore.Schedule {
	t.Helper()
	sched, err := explore.ParseSchedule(s.run.Schedule)
	require.NoError(t, err)
	return sched
}

// replay runs the schedule and returns what happened, for drawing.
func (s *stage) replay(t testing.TB) *counterexample.Case {
	t.Helper()
	c, err := counterexample.Replay(s.model, s.opt, s.schedule(t), s.scenario, s.version)
	require.NoErrorf(t, err, "%s", s.run.Schedule)
	return c
}

// drawing is what stands under the command in a lesson: the columns, and the sentence if something went wrong.
func drawing(t testing.TB, c *counterexample.Case) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, c.Write(&b, counterexample.Options{}))
	text, _, _ := strings.Cut(b.String(), "\n\n====")
	if c.Violation == nil {
		text = strings.TrimSuffix(strings.TrimSpace(text), c.Text)
	}
	return strings.TrimSpace(text) + "\n"
}

// moment is a run right behind one of its steps.
type moment struct {
	in      *explore.Instance
	step    explore.Step
	waiting int // callbacks
}

// behind replays a run and calls f behind its step n. That a callback begins is a step, but changes no word, so the
// machine then is as the step before left it.
func (s *stage) behind(t testing.TB, n int, f func(moment)) {
	t.Helper()
	tr, err := explore.Replay(s.model, s.opt, s.schedule(t), nil)
	require.NoError(t, err)
	require.LessOrEqualf(t, n, tr.Count, "%s has only %d steps", s.run.Schedule, tr.Count)
	at, seen, waiting, wanted := 0, 0, 0, explore.Step{}
	for i := range tr.Steps {
		d := &tr.Steps[i]
		switch {
		case d.Begins && d.Softirq:
			waiting--
		case d.Begins:
		default:
			seen++
		}
		if d.Op.Kind == kern.OpCallRCU {
			waiting++
		}
		if !d.Local {
			at++
		}
		if at == n {
			wanted = *d
			break
		}
	}
	_, err = explore.Replay(s.model, s.opt, s.schedule(t), func(in *explore.Instance, d *explore.Step) {
		if seen--; seen == 0 {
			f(moment{in, wanted, waiting})
		}
	})
	require.NoError(t, err)
	require.LessOrEqualf(t, seen, 0, "%s: nothing to be seen behind step %d", s.run.Schedule, n)
}

// observe returns the value of a check that asks about a step.
func (s *stage) observe(t testing.TB, c course.Check) (value string) {
	t.Helper()
	s.behind(t, c.Step, func(now moment) {
		m := now.in.M
		switch c.What {
		case "mask":
			value = pgalloc.Page(pageNumber(t, c.Args[0])).PeekMask(m).String()
		case "list":
			value = pick(pgalloc.Page(pageNumber(t, c.Args[0])).Listed(m), "on", "off")
		case "page":
			used := false
			now.in.Frames(func(p kern.PFN) { used = used || p == pageNumber(t, c.Args[0]) })
			value = pick(used, "used", "free")
		case "mm":
			value = pick(findMM(now.in, c.Args[0]) != 0, "alive", "freed")
		case "count":
			mm := findMM(now.in, c.Args[0])
			require.NotZerof(t, mm, "%s is freed", c.Args[0])
			value = itoa(int(m.Peek(mm.Count())))
		case "waiting":
			value = itoa(now.waiting)
		case "in":
			value = now.step.Func
		case "context":
			value = pick(now.step.Softirq, "softirq", "task")
		case "does":
			value = now.step.Op.Kind.String()
		default:
			require.Failf(t, "no such check", "%s", c.What)
		}
	})
	return value
}

func pick(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// findMM returns the live mm of a name as drawings have it: mm1.
func findMM(in *explore.Instance, name string) (mm mmctx.MM) {
	in.Objects(func(cache string, a kern.Addr) {
		if cache == "mm_struct" && "mm"+itoa(mmctx.MM(a).ID(in.M)) == name {
			mm = mmctx.MM(a)
		}
	})
	return mm
}
