package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/verdicts"
	"ptsim/pgalloc"
)

// Question says what is stepped through.
type Question struct {
	Scenario string   `json:"scenario"`
	Title    string   `json:"title"`
	About    []string `json:"about"` // prose; an empty line parts two paragraphs
	File     string   `json:"file"`
	Version  string   `json:"version"`
	Kernel   string   `json:"kernel"` // where the version was published
	Flawed   string   `json:"flawed"` // what is known to be wrong with it
	Softirqs string   `json:"softirqs"`
	Grace    string   `json:"grace"`
}

func question(q *stepper.Question) Question {
	info := q.Version.Variant.Info()
	k := Question{
		Scenario: q.Scenario.Name, Title: q.Scenario.Title, About: q.Scenario.About, File: q.Scenario.File, Version: q.Version.String(),
		Kernel: info.Kernel, Flawed: info.Flawed, Softirqs: q.Setting.SoftirqsText(), Grace: q.Setting.Grace.String(),
	}
	if k.About == nil {
		k.About = []string{}
	}
	return k
}

// Line is a schedule with everything there is to see along it.
type Line struct {
	Question Question `json:"question"`
	Path     string   `json:"path"`  // the schedule
	Step     int      `json:"step"`  // the one to show
	Stale    string   `json:"stale"` // why the link does not fit any more, "" if it does
	Views    *Pack    `json:"views"`
}

// lineTo is the line from the first state to that of the path, which may lie behind the one that is shown.
func lineTo(l *live, end *stepper.Try, stale string) (*Line, error) {
	pack, err := packViews(between(nil, end))
	if err != nil {
		return nil, err
	}
	return &Line{question(&l.Question), end.View.Path, l.At().View.Step, stale, pack}, nil
}

// between returns the views after one state and up to another.
func between(from, to *stepper.Try) []*stepper.View {
	var views []*stepper.View
	for t := to; t != from; t = t.Parent {
		views = append(views, t.View)
	}
	slices.Reverse(views)
	return views
}

// Begin is a question in words: a scenario on a version.
type Begin struct {
	Scenario string `json:"scenario"`
	Text     string `json:"text,omitempty"`
	Version  string `json:"version"`
	Softirqs string `json:"softirqs"`
	Grace    string `json:"grace"`
}

func (s *Server) postBegin(w http.ResponseWriter, r *http.Request) (any, error) {
	var b Begin
	if err := read(w, r, &b); err != nil {
		return nil, err
	}
	v, err := verdicts.ParseVersion(b.Version)
	if err != nil {
		return nil, asFault(err)
	}
	set := verdicts.Setting{}
	if set.Softirqs, err = explore.ParseSoftirqs(b.Softirqs); err != nil {
		return nil, asFault(err)
	}
	if set.Grace, err = explore.ParseGrace(b.Grace); err != nil {
		return nil, asFault(err)
	}
	sc, err := s.load(b.Text)(b.Scenario)
	if err != nil {
		return nil, asFault(err)
	}
	return s.line(r.Context(), Place{First(sc, v, set), b.Text})
}

// First is the link of a first state: a schedule of no steps.
func First(sc *scenario.Scenario, v verdicts.Version, set verdicts.Setting) string {
	return sc.Name + "/" + v.String() + "@" + set.SoftirqsText() + "," + set.Grace.String() + ":s:00000000:"
}

func (s *Server) postLine(w http.ResponseWriter, r *http.Request) (any, error) {
	var p Place
	if err := read(w, r, &p); err != nil {
		return nil, err
	}
	return s.line(r.Context(), p)
}

func (s *Server) line(ctx context.Context, p Place) (line *Line, err error) {
	err = s.with(ctx, p, func(l *live, at standing) error {
		line, err = lineTo(l, at.end, at.stale)
		return err
	})
	return line, err
}

// Step is a move to be taken from a place.
type Step struct {
	Place
	Move string `json:"move"`
}

func (s *Server) postStep(w http.ResponseWriter, r *http.Request) (any, error) {
	var q Step
	if err := read(w, r, &q); err != nil {
		return nil, err
	}
	var view *stepper.View
	err := s.with(r.Context(), q.Place, func(l *live, at standing) error {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		if l.At().View.Step >= MaxSteps {
			return bad("a schedule of %d steps; expected no more", MaxSteps)
		}
		if err := l.Take(q.Move); err != nil {
			return err
		}
		view = l.View()
		return nil
	})
	return view, err
}

// AheadQuery asks what lies ahead of a place, and to go there.
type AheadQuery struct {
	Place
	Run bool `json:"run"`
}

// AheadAnswer is what lies ahead, and, if it was asked to go there, the states on the way.
type AheadAnswer struct {
	stepper.Ahead
	Path  string `json:"path"`
	Views *Pack  `json:"views"`
}

func (s *Server) postAhead(w http.ResponseWriter, r *http.Request) (any, error) {
	var q AheadQuery
	if err := read(w, r, &q); err != nil {
		return nil, err
	}
	if err := enter(r.Context(), s.long); err != nil {
		return nil, err
	}
	defer leave(s.long)
	ctx, cancel := context.WithTimeout(r.Context(), searching)
	defer cancel()
	var a AheadAnswer
	err := s.with(ctx, q.Place, func(l *live, at standing) (err error) {
		if at.stale != "" {
			return &fault{http.StatusConflict, at.stale}
		}
		from := l.At()
		if q.Run {
			a.Ahead, err = l.Run(ctx, MaxStates)
		} else {
			a.Ahead, err = l.Ahead(ctx, MaxStates)
		}
		if err != nil {
			return err
		}
		if a.Moves == nil {
			a.Moves = []string{}
		}
		if a.Covers == nil {
			a.Covers = []string{}
		}
		if r.Context().Err() == nil && ctx.Err() != nil {
			a.Sentence = strings.Replace(a.Sentence, "it was interrupted", fmt.Sprintf("after %v it is given up", searching), 1)
		}
		a.Path = l.View().Path
		a.Views, err = packViews(between(from, l.At()))
		return err
	})
	return a, err
}

// Setup is what there is to choose from.
type Setup struct {
	Start     string   `json:"start"` // the link to open first
	Scenarios []Choice `json:"scenarios"`
	Versions  []Choice `json:"versions"`
	Softirqs  []Choice `json:"softirqs"`
	Graces    []Choice `json:"graces"`
}

// Choice is one thing to choose.
type Choice struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	About string `json:"about"`
}

func (s *Server) setup(http.ResponseWriter, *http.Request) (any, error) {
	set := Setup{Start: s.opt.Start}
	names := scenario.Names()
	if own := s.opt.Scenario; own != nil {
		set.Scenarios = append(set.Scenarios, Choice{own.Name, own.Title, ""})
	}
	for _, name := range names {
		sc, err := scenario.Load(name)
		if err != nil {
			return nil, err
		}
		if own := s.opt.Scenario; own == nil || own.Name != name {
			set.Scenarios = append(set.Scenarios, Choice{name, sc.Title, ""})
		}
	}
	for _, v := range verdicts.Versions() {
		info := v.Variant.Info()
		c := Choice{v.String(), v.String(), info.Kernel + ": " + info.About}
		if v.Variant == pgalloc.Pinned {
			c.About = info.About + ", " + v.Pin.About()
		}
		if info.Flawed != "" {
			c.About += "; flawed: it " + info.Flawed
		}
		set.Versions = append(set.Versions, c)
	}
	set.Softirqs = []Choice{
		{"1", "on 1 CPU", "callbacks run on one CPU"}, {"2", "on 2 CPUs", "callbacks run on two CPUs"},
		{"cpu", "where queued", "callbacks run on the CPU that queued them, between any two steps of its task"},
	}
	set.Graces = []Choice{
		{"precise", "every reader", "a grace period waits for rcu_read_lock, BH off and softirqs"},
		{"any", "rcu_read_lock", "a grace period waits for rcu_read_lock alone"},
	}
	return set, nil
}

// Source is a file that steps speak of.
type Source struct {
	File string `json:"file"`
	Text string `json:"text"`
}

func (s *Server) source(_ http.ResponseWriter, r *http.Request) (any, error) {
	file := r.URL.Query().Get("file")
	for _, name := range scenario.Names() {
		if sc, err := scenario.Load(name); err == nil && sc.File == file {
			return Source{file, sc.Source}, nil
		}
	}
	if own := s.opt.Scenario; own != nil && own.File == file {
		return Source{file, own.Source}, nil
	}
	text, err := sourceOf(file)
	if err != nil {
		return nil, &fault{http.StatusNotFound, err.Error()}
	}
	return Source{file, text}, nil
}
