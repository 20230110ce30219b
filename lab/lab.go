package lab

import (
	"cmp"
	"io/fs"

	"ptsim/explore"
	"ptsim/kern"
)

// Lab is what the faces know of a protocol. It is a table: it is put together once, and never changed.
type Lab struct {
	Name  string // as scenarios, schedules and --lab have it: small letters
	Title string // what it is of, in a few words
	About string // one paragraph: the question that it asks

	// Versions are those of the protocol, in the order of publication; Default is the one that is explored if nobody says which, ""
	// for the first.
	Versions []Version
	Default  string

	Params   []Param   // the parameters of forms that are no names of things
	Settings []Setting // directives about the whole scenario
	Nouns    []Noun    // what may be there at the start
	Verbs    []Verb    // what a task may do
	Ends     []End     // what the finally section may say

	// Machine may change what machines the scenarios run on. Frames is 64 unless it says otherwise. It may be nil.
	Machine func(cfg *kern.Config)
	// Setup prepares a machine, before the things are made: slab caches, and what is there in every scenario. What it keeps goes
	// into w.Protocol.
	Setup func(w *World)
	// Check is asked of each state, and Final when all is quiet: what they return is the violation, nil if all is well. They read
	// memory as a debugger. Either may be nil.
	Check, Final func(w *World) *kern.Violation

	Rows    []Row
	Rules   []Rule
	Levels  []Level
	Lessons []Lesson
	Boxes   map[string]Drawing // by the name of a cache, how the cards of its objects are drawn; a plain box unless it says otherwise

	// Questions are those of the quiz that are the lab's own, beside what the quiz asks of every lab. None is fine.
	Questions []Question
	// Asker asks in place of the quiz, about what no field of a cache says. It may be nil.
	Asker *Asker
	// Draw makes figures of the things that there are, freed ones included, which all faces draw above their cards. It may be nil.
	Draw func(things []Thing) []Figure

	// Notation names the lab's things and writes what they hold, in a run of a scenario on a version. It may be nil.
	Notation func(s *Scenario, version string, n Names) Notation
	// Follow follows a run of a scenario on a version, for what there is to see of it. It may be nil: then there is to see what the fields of
	// caches say.
	Follow func(s *Scenario, version string, run Followed) Follower
	// Wrappers are parts of the names of Go functions that only wrap a primitive: they are no place in the code to show.
	Wrappers []string
	// Tell says what a step did, and on which rule that rests. It may be nil: then a sentence is made from the table of primitives and from
	// Rules.
	Tell func(f *Facts) Sentence

	// Fails says in the lab's words what it is that an allocation fails. The zero Fails is of any lab.
	Fails Fails

	// Scenarios are those that come with the lab, at the top of a file system. nil is those of ptsim itself, in
	// testdata/scenarios/NAME.
	Scenarios fs.FS
	// Source has the protocol's sources, at the top, for the faces that show code. nil is ptsim's own.
	Source fs.FS

	// Sense looks whether a scenario, whose lines have the forms of the lab, makes sense, instead of what is looked at otherwise:
	// that names are given once, and stand for what the forms want. It may be nil. What it leaves in s.Sense, Model finds there.
	Sense func(s *Scenario) error
	// Model builds the model of a scenario, instead of [Build]. It may be nil.
	Model func(s *Scenario, version string) (*explore.Model, error)
}

// Fails are the words for allocations that fail, where a task "may fail".
type Fails struct {
	Never string // what a verdict covers where none was tried: "no allocation fails"
	May   string // where it was: "allocations may fail"
	Now   string // the label of the move by which one fails: "there is no memory for it"
}

// Words are those of the lab, or of any lab.
func (f Fails) Words() Fails {
	return Fails{cmp.Or(f.Never, "no allocation fails"), cmp.Or(f.May, "allocations may fail"), cmp.Or(f.Now, "there is no memory for it")}
}

// Version is one of the versions of a protocol.
type Version struct {
	Name   string // as flags and schedules have it: "treiber", or "pinned/half" of one that comes in several kinds
	Year   int    // of publication; 0 if it never was
	Source string // where it is from: a mail, a commit, a book; "" if it was not published
	About  string // one sentence: what it does
	Flawed string // what is known to be wrong with it, "it" left out: "loses pages"; "" if nothing is
}

// Row is a question that is worth a line of a table.
type Row struct {
	ID       string // "Z4b"
	Scenario string // one that comes with the lab
	Version  string
	Softirqs string // "2" if it is "", or "cpu"
	Grace    string // "precise" if it is "", or "any"
	Memory   string // the memory model: "sc" if it is ""
	Lax      bool   // broken rules of the context are let through
	Kind     string // only this kind of violation is looked for; "" is any
	Expect   string // "safe", or "violated" and a kind; "" if it is for the search to say
	Note     string // what it shows
}

// Rule is one of the rules that a step can rest on.
type Rule struct {
	ID     string
	Text   string // one sentence
	Source string // where it is from
	// Verbs are the verbs whose steps rest on it; none are those of all.
	Verbs    []string
	Versions []string // of which it is a rule; none are all
	Steps    []string // the steps that rest on it, by the field that they are about or the primitive's name; none are all
}

// Level is a puzzle: a scenario on a version, and what to come to in it. It asks for one of three things: to break the version; to
// break it or to say that nothing can; or, if there are Answers, to repair it.
type Level struct {
	Name, Title string
	Scenario    string
	Version     string
	Softirqs    string
	Grace       string
	Memory      string // the memory model: "sc" if it is ""
	Kind        string // of the violation to bring about; "" is any
	Claim       bool   // perhaps nothing can bring it about, and the answer is to say so
	Goal        string // the same in words: "lose the node"
	Hint        string // where to look
	Story       string // what is going on: paragraphs, parted by an empty line

	// Answers are the ways to repair it that somebody has written, at most one of each Way. They are judged by a search of Scenario
	// and of those in Also: nothing here says which of them hold.
	Answers []Answer
	Also    []string
}

// Answer is a way to repair a version: another version.
type Answer struct {
	Way     Way
	Version string
	About   string // what it does, in a sentence or two
}

// Way is one of the four answers to "what keeps it alive until I hold its lock?".
type Way string

// The four answers.
const (
	Pin     Way = "pin"     // hold something that forbids the free, from before the look until after the use
	Recheck Way = "recheck" // take a lock that lies in memory which stays, and look again
	Wait    Way = "wait"    // who frees waits until nobody can be between the look and the use
	Leave   Way = "leave"   // do not touch it: carry what is needed, or leave the job to whoever owns it
)

// Ways returns the four answers, in their order.
func Ways() []Way { return []Way{Pin, Recheck, Wait, Leave} }

// Lesson is a lesson of the course: markdown as docs/course has it.
type Lesson struct {
	Slug string // the name of its file without the ending
	Text string
}

// Version returns the version of that name.
func (l *Lab) Version(name string) (Version, bool) {
	for _, v := range l.Versions {
		if v.Name == name {
			return v, true
		}
	}
	return Version{}, false
}

// First is the version that is explored if nobody says which.
func (l *Lab) First() string {
	if l.Default == "" && len(l.Versions) > 0 {
		return l.Versions[0].Name
	}
	return l.Default
}

// Noun returns the noun of a word, nil if there is none.
func (l *Lab) Noun(word string) *Noun {
	return find(l.Nouns, word, func(n *Noun) string { return n.Form })
}

// Verb returns the verb of a word, nil if there is none.
func (l *Lab) Verb(word string) *Verb {
	return find(l.Verbs, word, func(v *Verb) string { return v.Form })
}

// End returns the end of a word, nil if there is none.
func (l *Lab) End(word string) *End { return find(l.Ends, word, func(e *End) string { return e.Form }) }

// Setting returns the setting of a word, nil if there is none.
func (l *Lab) Setting(word string) *Setting {
	return find(l.Settings, word, func(s *Setting) string { return s.Form })
}

func find[T any](list []T, word string, form func(*T) string) *T {
	for i := range list {
		if Word(form(&list[i])) == word {
			return &list[i]
		}
	}
	return nil
}

// Noun is a kind of thing that is there at the start.
type Noun struct {
	Form string // "node NAME on STACK"
	// Names is the parameter whose values are new names, of things that this parameter stands for in other forms; "" is NAME, for the
	// noun's word in capitals.
	Names string
	About string // what it is, in a line
	// Make makes one on the machine, on CPU 0, and returns what it stands for: most often an address.
	Make func(w *World, c *kern.CPU, l *Line) uint32
}

// Verb is something that a task can do.
type Verb struct {
	Form  string // "pop STACK -> NODE"
	About string // what it does, in a line: the kernel's function
	// Do does it. See [Call].
	Do func(c *Call)
}

// Setting is a directive about the whole scenario, which may be given once.
type Setting struct {
	Form   string // "batch N"
	About  string
	Params []Param // its own, before those of the lab
}

// End is something that the finally section can say.
type End struct {
	Form  string // "kept NODE"
	About string
	// Holds looks whether it is so when all is quiet.
	Holds func(w *World, l *Line) *kern.Violation
}

// Param is a parameter of a form that stands for no thing of a noun: a number, or one of some words, or, if it has neither, a name
// that the lab's Sense looks at.
type Param struct {
	Name   string // "COUNT"
	Lo, Hi int    // of a number: what it may be
	Words  []string
	Wrong  string // what an error says of what is none: "%s users"; "" is "%s is no COUNT"
	New    string // it is a new name of what that parameter stands for
}
