package campaign

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Merged is a campaign put together.
type Merged struct {
	Plan    *Plan
	Results []*Result // by job; nil: there is none, or it is in doubt
	Missing []string  // jobs without a result, and how often they were begun
	Died    []string  // jobs that died, and how
	Doubts  []string  // what is wrong with files of results
}

// Whole tells whether each job has its answer.
func (m *Merged) Whole() bool { return len(m.Missing)+len(m.Died)+len(m.Doubts) == 0 }

// Merge reads the folders of a plan: one, or one for each machine. The order of the folders does not matter.
func Merge(dirs []string) (*Merged, error) {
	m, id := &Merged{}, ""
	for _, dir := range dirs {
		p, err := readPlanFile(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s: no plan.jsonl in it; expected a folder that ptsim campaign run has filled", dir)
		case err != nil:
			return nil, err
		case m.Plan == nil:
			m.Plan, id = p, p.ID()
		case p.ID() != id:
			return nil, fmt.Errorf("%s: holds plan %s, and %s plan %s; expected folders of one plan", dir, p.ID(), dirs[0], id)
		case p.Program != m.Plan.Program:
			return nil, fmt.Errorf("%s and %s: the plan is by different builds of ptsim; expected one", dirs[0], dir)
		}
	}
	g := gathering{m: m, id: id, key: keyOf(id, m.Plan.Program), results: map[string][]*Result{}, files: map[string][]string{}, begun: map[string]int{}}
	for _, dir := range dirs {
		if err := g.read(dir); err != nil {
			return nil, err
		}
	}
	g.judge()
	return m, nil
}

// gathering is a merge under way.
type gathering struct {
	m       *Merged
	id      string // of the plan
	key     string
	results map[string][]*Result // by job: those that differ
	files   map[string][]string
	begun   map[string]int
}

func (g *gathering) doubt(format string, args ...any) {
	g.m.Doubts = append(g.m.Doubts, fmt.Sprintf(format, args...))
}

func (g *gathering) read(dir string) error {
	list, begun, err := entries(dir)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for i := range g.m.Plan.Jobs {
		known[g.m.Plan.Jobs[i].Name] = true
	}
	for _, e := range list {
		path := filepath.Join(dir, e.file)
		r, err := e.read()
		switch {
		case err != nil:
			g.doubt("%s: %s", path, err)
		case r.Plan != g.id:
			g.doubt("%s: a result of plan %s; expected %s", path, r.Plan, g.id)
		case r.Program != g.m.Plan.Program:
			g.doubt("%s: a result by another build of ptsim", path)
		case !known[r.Job]:
			g.doubt("%s: the plan has no such job", path)
		default:
			g.add(r, path)
		}
	}
	for _, e := range begun {
		if e.key == g.key {
			text, _ := os.ReadFile(filepath.Join(dir, e.file)) // how often is only told
			g.begun[e.job] += bytes.Count(text, []byte{'\n'})
		}
	}
	return nil
}

// add takes a result, unless one that says the same is there.
func (g *gathering) add(r *Result, path string) {
	for _, was := range g.results[r.Job] {
		if was.Died == r.Died && bytes.Equal(was.Answer, r.Answer) {
			return
		}
	}
	g.results[r.Job], g.files[r.Job] = append(g.results[r.Job], r), append(g.files[r.Job], path)
}

// judge decides for each job which result holds. An answer stands against any number of deaths: the job had more memory, or
// more luck, that time.
func (g *gathering) judge() {
	jobs := g.m.Plan.Jobs
	g.m.Results = make([]*Result, len(jobs))
	for i := range jobs {
		name := jobs[i].Name
		var answers, deaths []*Result
		var files []string
		for k, r := range g.results[name] {
			if r.Died != "" {
				deaths = append(deaths, r)
			} else {
				answers, files = append(answers, r), append(files, g.files[name][k])
			}
		}
		switch {
		case len(answers) > 1:
			slices.Sort(files)
			g.doubt("%s: %d results that differ: %s", name, len(answers), strings.Join(files, ", "))
		case len(answers) == 1:
			g.m.Results[i] = answers[0]
		case len(deaths) > 0:
			slices.SortFunc(deaths, func(a, b *Result) int { return strings.Compare(a.Died, b.Died) })
			g.m.Results[i] = deaths[0]
			g.m.Died = append(g.m.Died, name+": "+deaths[0].Died)
		case g.begun[name] == 1:
			g.m.Missing = append(g.m.Missing, name+" (begun once)")
		case g.begun[name] > 1:
			g.m.Missing = append(g.m.Missing, fmt.Sprintf("%s (begun %d times)", name, g.begun[name]))
		default:
			g.m.Missing = append(g.m.Missing, name)
		}
	}
	slices.Sort(g.m.Doubts)
}
