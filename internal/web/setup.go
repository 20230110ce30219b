package web

import (
	"net/http"

	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
)

// Setup is what there is to choose from.
type Setup struct {
	Start     string   `json:"start"`    // the link to open first
	Question  Question `json:"question"` // what that is about
	Scenarios []Choice `json:"scenarios"`
	Labs      []Lab    `json:"labs"` // the page tables first
	Softirqs  []Choice `json:"softirqs"`
	Memories  []Choice `json:"memories"`
	Graces    []Choice `json:"graces"`
	Template  string   `json:"template"` // the scenario that an editor begins with
}

// Lab is a lab, and the versions of its protocol.
type Lab struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Versions []Choice `json:"versions"`
	First    string   `json:"first"` // the version to begin with
}

// Choice is one thing to choose.
type Choice struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	About string `json:"about"`
	File  string `json:"file,omitempty"` // of a scenario: where its text is
	Lab   string `json:"lab,omitempty"`  // and the lab that it is of
}

func (s *Server) setup(http.ResponseWriter, *http.Request) (any, error) {
	text, err := templateText()
	if err != nil {
		return nil, err
	}
	set := Setup{Start: s.opt.Start, Template: text}
	if k, err := question.Parse(s.opt.Start, s.load("")); err == nil {
		set.Question = asked(&k.Question)
	}
	names := scenario.AllNames()
	if own := s.opt.Scenario; own != nil {
		set.Scenarios = append(set.Scenarios, Choice{scenario.FullName(own), own.Title, "", own.File, own.Lab.Name})
	}
	for _, name := range names {
		sc, err := scenario.Load(name)
		if err != nil {
			return nil, err
		}
		if own := s.opt.Scenario; own == nil || scenario.FullName(own) != name {
			set.Scenarios = append(set.Scenarios, Choice{name, sc.Title, "", sc.File, sc.Lab.Name})
		}
	}
	for _, l := range labs.All() {
		k := Lab{Name: l.Name, Title: l.Title, First: l.First()}
		for _, v := range l.Versions {
			c := Choice{Name: v.Name, Label: v.Name, About: v.About}
			if v.Source != "" {
				c.About = v.Source + ": " + v.About
			}
			if v.Flawed != "" {
				c.About += "; flawed: it " + v.Flawed
			}
			k.Versions = append(k.Versions, c)
		}
		set.Labs = append(set.Labs, k)
	}
	set.Softirqs = []Choice{
		{Name: "1", Label: "on 1 CPU", About: "callbacks run on one CPU"},
		{Name: "2", Label: "on 2 CPUs", About: "callbacks run on two CPUs"},
		{Name: "cpu", Label: "where queued", About: "callbacks run on the CPU that queued them, between any two steps of its task"},
	}
	set.Memories = []Choice{
		{Name: "sc", Label: "sequentially consistent", About: "each load reads the newest store"},
		{Name: "tso", Label: "total store order", About: "as on x86: a store waits in its CPU's queue"},
		{Name: "lkmm-6.1", Label: "Linux 6.1", About: "the Linux kernel memory model, as in Linux 6.1"},
		{Name: "lkmm-6.12", Label: "Linux 6.12", About: "the Linux kernel memory model, as in Linux 6.12"},
	}
	set.Graces = []Choice{
		{Name: "precise", Label: "every reader", About: "a grace period waits for rcu_read_lock, BH or preemption off, spin locks and softirqs"},
		{Name: "any", Label: "rcu_read_lock", About: "a grace period waits for rcu_read_lock alone"},
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
	for _, name := range scenario.AllNames() {
		if sc, err := scenario.Load(name); err == nil && sc.File == file {
			return Source{file, sc.Source}, nil
		}
	}
	if own := s.opt.Scenario; own != nil && own.File == file {
		return Source{file, own.Source}, nil
	}
	text, err := scenario.Code(file)
	if err != nil {
		return nil, &fault{http.StatusNotFound, err.Error()}
	}
	return Source{file, text}, nil
}
