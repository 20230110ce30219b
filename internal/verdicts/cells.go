package verdicts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ptsim/explore"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
)

// Version is a version of the allocator, with a pin if it is the pinned one.
type Version struct {
	Variant pgalloc.Variant
	Pin     pgalloc.Pin
}

func (v Version) String() string {
	if v.Variant != pgalloc.Pinned {
		return string(v.Variant)
	}
	pin := v.Pin
	if pin == "" {
		pin = pgalloc.PinHalf
	}
	return string(v.Variant) + "/" + string(pin)
}

// ParseVersion is the inverse of String.
func ParseVersion(name string) (Version, error) {
	variant, pin, pinned := strings.Cut(name, "/")
	v, err := pgalloc.ParseVariant(variant)
	if err != nil {
		return Version{}, err
	}
	if !pinned {
		return Version{Variant: v}, nil
	}
	if v != pgalloc.Pinned {
		return Version{}, fmt.Errorf("variant %s; %s has no pin", quote.Short(name), v)
	}
	p, err := pgalloc.ParsePin(pin)
	return Version{v, p}, err
}

// Versions returns all versions in the order of publication, the pinned one with each of its pins.
func Versions() []Version {
	var list []Version
	for _, i := range pgalloc.Variants() {
		if i.Variant != pgalloc.Pinned {
			list = append(list, Version{Variant: i.Variant})
			continue
		}
		for _, p := range pgalloc.Pins() {
			list = append(list, Version{i.Variant, p})
		}
	}
	return list
}

// Model builds a scenario on a version. The model's name says both, as S1/rfc or S1/pinned/half: it is how a schedule names
// it.
func Model(s *scenario.Scenario, v Version) (*explore.Model, error) {
	m, err := scenario.Build(s, v.Variant, v.Pin)
	if err != nil {
		return nil, err
	}
	m.Name = s.Name + "/" + v.String()
	return m, nil
}

// Setting is what surrounds a scenario.
type Setting struct {
	Softirqs int
	Grace    explore.Grace
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
		return text + ", grace periods for rcu_read_lock alone"
	}
	return text + ", precise grace periods"
}

func (s Setting) String() string { return s.SoftirqsText() + " " + s.Grace.String() }

// Settings returns all of them.
func Settings() []Setting {
	var list []Setting
	for _, softirqs := range []int{1, 2, explore.SoftirqsOnCPU} {
		for _, g := range []explore.Grace{explore.GracePrecise, explore.GraceAny} {
			list = append(list, Setting{softirqs, g})
		}
	}
	return list
}

// Cell is one question.
type Cell struct {
	Scenario string
	Version  Version
	Setting  Setting
}

// tooLarge are scenarios for machines with memory and people with time.
var tooLarge = []string{"S3r4"}

// Filter says which cells are wanted: empty, all of them.
type Filter struct {
	Scenarios []string
	Own       []*scenario.Scenario // scenarios that do not come with ptsim; with any of them, Scenarios are no more than it says
	Variants  []pgalloc.Variant
	Pins      []pgalloc.Pin // of the pinned version
}

// Cells returns the cells of the matrix: scenario by scenario, version by version.
func Cells(f Filter) ([]Cell, error) {
	names := f.Scenarios
	if len(names) == 0 && len(f.Own) == 0 {
		for _, name := range scenario.Names() {
			if !slices.Contains(tooLarge, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		if _, err := scenario.Load(name); err != nil {
			return nil, err
		}
	}
	for _, s := range f.Own {
		names = append(names, s.Name)
	}
	var cells []Cell
	for _, name := range names {
		for _, v := range Versions() {
			if len(f.Variants) > 0 && !slices.Contains(f.Variants, v.Variant) ||
				v.Variant == pgalloc.Pinned && len(f.Pins) > 0 && !slices.Contains(f.Pins, v.Pin) {
				continue
			}
			for _, set := range Settings() {
				cells = append(cells, Cell{name, v, set})
			}
		}
	}
	return cells, nil
}
