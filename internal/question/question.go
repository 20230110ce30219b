// Package question is the one noun of ptsim: a scenario, a version of its protocol, and what surrounds both; and, with a schedule
// behind it, a link. All faces ask questions, and put them in words by this package.
//
//	S1/pinned/half                              the page tables' scenario S1, on the version pinned/half
//	stack/aba/treiber                           the scenario aba of the lab stack, on its version treiber
//	stack/aba/treiber@2,precise:s:1592e5da:A-B  the same with a setting, and a schedule
//	...#9                                       and a step of it
//	...~eJwr...                                 and the text of the scenario, if it does not come with ptsim
//
// A [Question] is data: it has no model, and building one is [Model]'s. A schedule needs none to be read, either.
//
// The name of a lab stands before that of a scenario unless the lab is the page tables, so what was written before there were
// labs still says the same. A scenario of theirs that is called as a lab is written with pagetable/ before it.
//
// Nothing is kept here and there are no locks.
//
// # Where to start
//
// The Example, then Parse.
package question

import (
	"strconv"
	"strings"

	"ptsim/explore"
	"ptsim/internal/labs"
	"ptsim/internal/scenario"
	"ptsim/lab"
	"ptsim/memory"
)

// Version is the name of a version of a protocol in full: "rfc", or "pinned/half" of one that comes in several kinds.
type Version string

// Variant is its name up to the kind.
func (v Version) Variant() string {
	variant, _, _ := strings.Cut(string(v), "/")
	return variant
}

// Pin is its kind, "" if it comes in one only.
func (v Version) Pin() string {
	_, pin, _ := strings.Cut(string(v), "/")
	return pin
}

func (v Version) String() string { return string(v) }

// ParseVersion reads the name of a version of the page tables: of one that comes in several kinds, and whose name says none, it is the
// first.
func ParseVersion(name string) (Version, error) { return VersionOf(labs.Default(), name) }

// VersionOf reads the name of a version of a lab.
func VersionOf(l *lab.Lab, name string) (Version, error) {
	full, err := l.Full(name)
	return Version(full), err
}

// Versions returns all versions of the page tables in the order of publication, the pinned one with each of its pins.
func Versions() []Version { return VersionsOf(labs.Default()) }

// VersionsOf returns all versions of a lab.
func VersionsOf(l *lab.Lab) []Version {
	var list []Version
	for _, v := range l.Versions {
		list = append(list, Version(v.Name))
	}
	return list
}

// Question is what is explored or stepped through: a scenario on a version, and what surrounds it.
type Question struct {
	Scenario *scenario.Scenario
	Version  Version
	Setting  Setting
}

// Name is how schedules name the model: S1/rfc, S1/pinned/half, stack/aba/treiber.
func (q *Question) Name() string { return Name(q.Scenario, q.Version) }

// Name is how schedules name the model of a scenario on a version.
func Name(s *scenario.Scenario, v Version) string {
	name := scenario.FullName(s)
	if _, err := labs.Get(name); err == nil { // it could be read as a lab's
		name = s.Lab.Name + "/" + name
	}
	return name + "/" + string(v)
}

// Model builds a scenario on a version. The model's name says both, as a schedule names it.
func Model(s *scenario.Scenario, v Version) (*explore.Model, error) {
	m, err := lab.Build(s, string(v))
	if err != nil {
		return nil, err
	}
	m.Name = Name(s, v)
	return m, nil
}

// Setting is what surrounds a scenario.
type Setting struct {
	Softirqs int
	Grace    explore.Grace
	Memory   memory.Spec
	Edits    string // of the code, with commas between them: as links have them
}

// Options are those of the explorer for this setting.
func (s Setting) Options() explore.Options {
	o := explore.Defaults()
	o.Softirqs, o.Grace, o.Model, o.LKMM = s.Softirqs, s.Grace, s.Memory.Model, s.Memory.Release
	o.Edits, _ = explore.ParseEdits(s.Edits) // who made the setting has read them
	return o
}

// SoftirqsText is the number of softirq CPUs, or cpu where callbacks run on the CPU that queued them.
func (s Setting) SoftirqsText() string {
	if s.Softirqs == explore.SoftirqsOnCPU {
		return "cpu"
	}
	return strconv.Itoa(s.Softirqs)
}

// SoftirqsJSON is the same as JSON has it: a number, or the string "cpu".
func (s Setting) SoftirqsJSON() any {
	if s.Softirqs == explore.SoftirqsOnCPU {
		return "cpu"
	}
	return s.Softirqs
}

// Words says it in words: "2 softirq CPUs, precise grace periods".
func (s Setting) Words() string {
	text := "callbacks on the CPU that queued them"
	switch {
	case s.Softirqs == 1:
		text = "1 softirq CPU"
	case s.Softirqs != explore.SoftirqsOnCPU:
		text = strconv.Itoa(s.Softirqs) + " softirq CPUs"
	}
	if s.Grace == explore.GraceAny {
		text += ", grace periods for rcu_read_lock alone"
	} else {
		text += ", precise grace periods"
	}
	switch s.Memory.Model {
	case memory.TSO:
		text += ", memory in total store order"
	case memory.LKMM:
		text += ", memory as the Linux kernel's model of " + s.Memory.Release.String() + " has it"
	}
	if s.Edits != "" {
		text += ", code edited: " + strings.ReplaceAll(s.Edits, ",", ", ")
	}
	return text
}

// String names the setting: "2 precise", "1 any lkmm-6.1".
func (s Setting) String() string {
	text := s.SoftirqsText() + " " + s.Grace.String()
	if s.Memory.Model != memory.SC || s.Edits != "" {
		text += " " + s.Memory.String()
	}
	if s.Edits != "" {
		text += " " + s.Edits
	}
	return text
}

// Brief says it in few words: "softirqs 2, grace periods precise".
func (s Setting) Brief() string {
	text := "softirqs " + s.SoftirqsText() + ", grace periods " + s.Grace.String()
	if s.Memory.Model != memory.SC {
		text += ", memory " + s.Memory.String()
	}
	if s.Edits != "" {
		text += ", edited: " + strings.ReplaceAll(s.Edits, ",", ", ")
	}
	return text
}

// Link is the same as links and schedules have it.
func (s Setting) Link() string { return strings.ReplaceAll(s.String(), " ", ",") }

// Settings returns all of them that are sequentially consistent.
func Settings() []Setting {
	var list []Setting
	for _, softirqs := range []int{1, 2, explore.SoftirqsOnCPU} {
		for _, g := range []explore.Grace{explore.GracePrecise, explore.GraceAny} {
			list = append(list, Setting{Softirqs: softirqs, Grace: g})
		}
	}
	return list
}
