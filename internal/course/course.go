package course

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"ptsim"
	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/lines"
	"ptsim/internal/quote"
	"ptsim/lab"
)

// Lesson is one lesson of the course.
type Lesson struct {
	Number int
	Slug   string // the name of its file without the ending: 1-one-page-two-tables
	Lab    string // of a lesson that comes with a lab: its name; else ""
	Course string // the name of its course
	Title  string
	File   string
	Blocks []Block
}

// Block is a part of a lesson: *[Prose], *[Run], *[Console], *[Question] or *[Exercise].
type Block interface{ at() int }

// Prose is markdown as it is to be read, headings and code blocks included.
type Prose struct {
	Line   int
	Text   string
	Checks []Check // of what it claims
}

// Run is a schedule to be stepped through.
type Run struct {
	Line     int
	Note     string // what it shows
	Scenario string
	Version  string // as question.ParseVersion takes it
	Softirqs int    // CPUs, or explore.SoftirqsOnCPU
	Grace    explore.Grace
	Schedule string // as explore.ParseSchedule takes it; its model is Scenario/Version
	Drawing  string // what happens, a column a CPU
}

// Console is a command and what it prints.
type Console struct {
	Line    int
	Command string
	Output  string // a line of three dots stands for what is left out
}

// Question asks for one of the choices, for all that hold, or for a mask.
type Question struct {
	Line    int
	Number  int
	Prompt  string   // markdown
	Choices []string // markdown; of a mask its six bits, P1 first
	Answer  []int    // which choices are right, from 0, ascending
	Many    bool     // any number of choices may be right
	Mask    string   // of a question for a mask: the answer as masks are printed, -P|--|A-
	Why     string   // markdown
	Cite    []string // links, in markdown
	Checks  []Check  // what shows that the answer is right

	// The run that it asks about, as an index in Blocks, -1 if the lesson has none before it; and the step behind which it
	// asks, 0 if that is none in particular. Steps are counted from 1 as explore.Trace counts them: each primitive that is not
	// local, and each beginning of a callback.
	Run, Step int
}

// Exercise is something to do, with its answer to fold out.
type Exercise struct {
	Line      int
	Number    int
	Text      string // markdown
	Answer    string // markdown
	Scenarios []string
	Checks    []Check
}

func (b *Prose) at() int    { return b.Line }
func (b *Run) at() int      { return b.Line }
func (b *Console) at() int  { return b.Line }
func (b *Question) at() int { return b.Line }
func (b *Exercise) at() int { return b.Line }

// Line is where a block begins in its file.
func Line(b Block) int { return b.at() }

// Right tells whether these choices, in any order, are the answer.
func (q *Question) Right(choices ...int) bool {
	want, have := uint64(0), uint64(0)
	for _, i := range q.Answer {
		want |= 1 << i
	}
	for _, i := range choices {
		if i < 0 || i >= len(q.Choices) {
			return false
		}
		have |= 1 << i
	}
	return want == have
}

// Error says what is wrong with a lesson, and where.
type Error = lines.Error

const (
	folder = "docs/course"
	ending = ".md"
	index  = "README.md"
)

var lessonFile = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([1-9][0-9]?)-[a-z0-9-]+$`) })

// Names returns the slugs of the lessons in their order.
func Names() []string {
	entries, err := ptsim.Course.ReadDir(folder)
	if err != nil {
		panic("course: " + err.Error()) // they are part of the binary
	}
	var names []string // sorted, and there are fewer than ten
	for _, e := range entries {
		if slug := strings.TrimSuffix(e.Name(), ending); lessonFile().MatchString(slug) {
			names = append(names, slug)
		}
	}
	return names
}

// All returns the slugs of all lessons: those of the first course, and behind them those of the second: one of each lab, or more, and
// one that puts them side by side.
func All() []string {
	names := Names()
	for _, k := range ofLabs() {
		names = append(names, k.Slug)
	}
	return append(names, sideBySide)
}

// ofLab is a lesson that comes with a lab.
type ofLab struct {
	lab.Lesson
	lab string
}

func ofLabs() []ofLab {
	var list []ofLab
	for _, l := range labs.All() {
		for _, k := range l.Lessons {
			list = append(list, ofLab{k, l.Name})
		}
	}
	return list
}

// load reads a lesson of a lab.
func (k *ofLab) load(number int) (*Lesson, error) {
	lesson, err := second(path.Join("internal/labs", k.lab, k.Slug+ending), k.Text, number)
	if err != nil {
		return nil, err
	}
	lesson.Lab = k.lab
	return lesson, nil
}

// second parses a lesson of the second course, which gets its number here: they follow those of the first.
func second(file, text string, number int) (*Lesson, error) {
	title, ok := strings.CutPrefix(text, "# ")
	if !ok {
		return nil, &Error{File: file, Line: 1, What: "a lesson without a title", Expected: `"# TITLE"`}
	}
	lesson, err := Parse(file, fmt.Sprintf("# %d. %s", number, title))
	if err != nil {
		return nil, err
	}
	lesson.Course = Alive
	return lesson, nil
}

// loadSideBySide reads the lesson that puts the protocols side by side.
func loadSideBySide() (*Lesson, error) {
	text, err := ptsim.Course.ReadFile(sideBySideFile)
	if err != nil {
		return nil, err
	}
	lesson, err := second(sideBySideFile, string(text), len(All()))
	if err != nil {
		return nil, err
	}
	lesson.Slug = sideBySide
	return lesson, nil
}

// Load returns the lesson of that slug, or of its number, or of the rest of it.
func Load(name string) (*Lesson, error) {
	var words []string
	for _, slug := range Names() {
		number, word, _ := strings.Cut(slug, "-")
		words = append(words, word)
		if slug == name || number == name || word == name {
			file := path.Join(folder, slug+ending)
			text, err := ptsim.Course.ReadFile(file)
			if err != nil {
				return nil, err
			}
			l, err := Parse(file, string(text))
			if err != nil {
				return nil, err
			}
			l.Course = Tables
			return l, nil
		}
	}
	for i, k := range ofLabs() {
		if number := len(Names()) + 1 + i; k.Slug == name || strconv.Itoa(number) == name {
			return k.load(number)
		}
		words = append(words, k.Slug)
	}
	if words = append(words, sideBySide); name == sideBySide || name == strconv.Itoa(len(All())) {
		return loadSideBySide()
	}
	near := quote.Meant(name, words)
	if near != "" {
		near = "did you mean " + near + "? "
	}
	return nil, fmt.Errorf("unknown lesson %s; %sexpected 1 to %d, or one of %s", quote.Short(name), near, len(All()), strings.Join(All(), ", "))
}
