package litmus_test

import (
	"fmt"
	"strings"
)

// A shape is a classic litmus test without its fences: the accesses of each thread, as "Wx1" or "Ry0", where a read says
// the value in which the outcome is odd.
type shape struct {
	name    string
	threads []string
	final   string // what the odd outcome says of words
	fewer   bool   // of three threads: without the fences that are like others
}

// The classic shapes. Their odd outcomes are those that no interleaving gives.
var classic = []shape{
	{"MP", []string{"Wx1 Wy1", "Ry1 Rx0"}, "", false},
	{"SB", []string{"Wx1 Ry0", "Wy1 Rx0"}, "", false},
	{"LB", []string{"Rx1 Wy1", "Ry1 Wx1"}, "", false},
	{"R", []string{"Wx1 Wy1", "Wy2 Rx0"}, "y=2", false},
	{"S", []string{"Wx2 Wy1", "Ry1 Wx1"}, "x=2", false},
	{"2+2W", []string{"Wx1 Wy2", "Wy1 Wx2"}, "x=1 y=1", false},
	{"WRC", []string{"Wx1", "Rx1 Wy1", "Ry1 Rx0"}, "", false},
	{"RWC", []string{"Wx1", "Rx1 Ry0", "Wy1 Rx0"}, "", false},
	{"WWC", []string{"Wx2", "Rx2 Wy1", "Ry1 Wx1"}, "x=2", false},
	{"WRW+2W", []string{"Wx1", "Rx1 Wy1", "Wy2 Wx2"}, "x=1 y=2", true},
	{"IRIW", []string{"Wx1", "Rx1 Ry0", "Wy1", "Ry1 Rx0"}, "", false},
	{"ISA2", []string{"Wx1 Wy1", "Ry1 Wz1", "Rz1 Rx0"}, "", true},
	{"W+RWC", []string{"Wx1 Wy1", "Ry1 Rz0", "Wz1 Rx0"}, "", true},
	{"Z6.0", []string{"Wx1 Wy1", "Ry1 Wz1", "Wz2 Rx0"}, "z=2", true},
	{"Z6.1", []string{"Wx1 Wy1", "Wy2 Wz1", "Rz1 Wx2"}, "x=1 y=2", true},
	{"Z6.2", []string{"Wx2 Wy1", "Ry1 Wz1", "Rz1 Wx1"}, "x=2", true},
	{"Z6.3", []string{"Wx1 Wy1", "Wy2 Wz1", "Rz1 Rx0"}, "y=2", true},
	{"Z6.4", []string{"Wx1 Wy1", "Wy2 Rz0", "Wz1 Rx0"}, "y=2", true},
	{"Z6.5", []string{"Wx1 Wy1", "Wy2 Wz1", "Wz2 Rx0"}, "y=2 z=2", true},
	{"3.SB", []string{"Wx1 Ry0", "Wy1 Rz0", "Wz1 Rx0"}, "", true},
	{"3.LB", []string{"Rx1 Wy1", "Ry1 Wz1", "Rz1 Wx1"}, "", true},
	{"3.2W", []string{"Wx1 Wy2", "Wy1 Wz2", "Wz1 Wx2"}, "x=1 y=1 z=1", true},
}

// links are what may stand between the two accesses of a thread, by their kinds: po is nothing, rel and acq make the second
// store a release or the first load an acquire, and addr and data are dependencies.
var links = map[string][]string{
	"WW": {"po", "wmb", "rel", "mb"},
	"RR": {"po", "rmb", "acq", "addr", "mb"},
	"RW": {"po", "acq", "rel", "data", "mb"},
	"WR": {"po", "mb"},
}

var fewerLinks = map[string][]string{
	"WW": {"po", "wmb", "rel"}, "RR": {"po", "rmb", "acq"}, "RW": {"po", "rel"}, "WR": {"po", "mb"},
}

// A made test is a program with its name and the odd outcome.
type made struct {
	name    string
	program *program
	odd     []string // 1:r0=1 or x=2, all of them
}

// make returns the shape with every choice of links. Of mirror images the first is kept.
func (s shape) make() (tests []made) {
	var pick func(thread int, chosen []string)
	seen := map[string]bool{}
	pick = func(thread int, chosen []string) {
		if thread == len(s.threads) {
			m := s.with(chosen)
			if key := s.canonical(chosen); !seen[key] {
				seen[key] = true
				tests = append(tests, m)
			}
			return
		}
		f := strings.Fields(s.threads[thread])
		if len(f) == 1 {
			pick(thread+1, append(chosen, ""))
			return
		}
		options := links[f[0][:1]+f[1][:1]]
		if s.fewer {
			options = fewerLinks[f[0][:1]+f[1][:1]]
		}
		for _, l := range options {
			pick(thread+1, append(chosen[:thread:thread], l))
		}
	}
	pick(0, nil)
	return tests
}

// canonical is the same for tests that are equal up to the names of threads and words.
func (s shape) canonical(chosen []string) string {
	kinds := ""
	for _, t := range s.threads {
		for _, f := range strings.Fields(t) {
			kinds += f[:1]
		}
		kinds += " "
	}
	best := ""
	for turn := range s.threads {
		rotated := append(append([]string(nil), s.threads[turn:]...), s.threads[:turn]...)
		k := ""
		for _, t := range rotated {
			for _, f := range strings.Fields(t) {
				k += f[:1]
			}
			k += " "
		}
		if k != kinds {
			continue
		}
		c := strings.Join(append(append([]string(nil), chosen[turn:]...), chosen[:turn]...), "+")
		if best == "" || c < best {
			best = c
		}
	}
	return best
}

func (s shape) with(chosen []string) made {
	m := made{name: s.name, program: &program{}}
	for _, c := range chosen {
		if c == "" {
			c = "o"
		}
		m.name += "+" + c
	}
	words := map[byte]int{}
	for t, text := range s.threads {
		var ops []operation
		accesses := strings.Fields(text)
		for i, a := range accesses {
			loc, ok := words[a[1]]
			if !ok {
				loc = len(words)
				words[a[1]] = loc
				m.program.locs = append(m.program.locs, a[1:2])
			}
			o := operation{kind: a[:1], loc: loc, order: "relaxed", value: int64(a[2] - '0'), register: i, dep: -1}
			if i == 1 {
				switch chosen[t] {
				case "wmb", "rmb", "mb":
					ops = append(ops, operation{kind: chosen[t]})
				case "addr", "data":
					o.dep, o.depAddr = 0, chosen[t] == "addr"
				case "rel":
					o.order = "release"
				}
			} else if chosen[t] == "acq" {
				o.order = "acquire"
			}
			ops = append(ops, o)
			if a[0] == 'R' {
				m.odd = append(m.odd, fmt.Sprintf("%d:r%d=%d", t, i, a[2]-'0'))
			}
		}
		m.program.threads = append(m.program.threads, ops)
	}
	m.odd = append(m.odd, strings.Fields(s.final)...)
	return m
}

// rcuShapes are shapes in which some threads are readers and some have a grace period between their accesses.
func rcuShapes() (tests []made) {
	for _, s := range []shape{
		{"RCU-MP", []string{"Wx1 Wy1", "Ry1 Rx0"}, "", false},
		{"RCU-SB", []string{"Wx1 Ry0", "Wy1 Rx0"}, "", false},
		{"RCU-LB", []string{"Rx1 Wy1", "Ry1 Wx1"}, "", false},
		{"RCU-S", []string{"Wx2 Wy1", "Ry1 Wx1"}, "x=2", false},
		{"RCU-R", []string{"Wx1 Wy1", "Wy2 Rx0"}, "y=2", false},
		{"RCU-2+2W", []string{"Wx1 Wy2", "Wy1 Wx2"}, "x=1 y=1", false},
		{"RCU-3.SB", []string{"Wx1 Ry0", "Wy1 Rz0", "Wz1 Rx0"}, "", false},
		{"RCU-ISA2", []string{"Wx1 Wy1", "Ry1 Wz1", "Rz1 Rx0"}, "", false},
		{"RCU-RWC", []string{"Wx1", "Rx1 Ry0", "Wy1 Rx0"}, "", false},
	} {
		var pick func(thread int, roles []string)
		pick = func(thread int, roles []string) {
			if thread == len(s.threads) {
				tests = append(tests, s.rcu(roles))
				return
			}
			if len(strings.Fields(s.threads[thread])) == 1 {
				pick(thread+1, append(roles[:thread:thread], "o"))
				return
			}
			for _, role := range []string{"gp", "rscs"} {
				pick(thread+1, append(roles[:thread:thread], role))
			}
		}
		pick(0, nil)
	}
	return tests
}

func (s shape) rcu(roles []string) made {
	m := s.with(make([]string, len(roles)))
	m.name = s.name
	for t, role := range roles {
		m.name += "+" + role
		ops := m.program.threads[t]
		switch role {
		case "gp":
			ops = []operation{ops[0], {kind: "sync"}, ops[1]}
		case "rscs":
			ops = append(append([]operation{{kind: "rlock"}}, ops...), operation{kind: "runlock"})
		}
		m.program.threads[t] = ops
	}
	return m
}

// lockShapes put each thread's accesses under one lock, the second access under it alone, or each under it in turn.
func lockShapes() (tests []made) {
	for _, s := range classic[:6] {
		for _, roles := range [][]string{{"lock", "lock"}, {"twice", "po"}, {"twice", "twice"}, {"first", "second"}, {"twice", "rmb"}, {"twice", "mb"}, {"between", "acq"}} {
			m := s.with(make([]string, 2))
			m.name = "Lock-" + s.name + "+" + roles[0] + "+" + roles[1]
			lock := len(m.program.locs)
			m.program.locs = append(m.program.locs, "l")
			l := operation{kind: "lock", loc: lock, value: 1, register: 7, dep: -1}
			u := operation{kind: "unlock", loc: lock, dep: -1}
			for t, role := range roles {
				a, b := m.program.threads[t][0], m.program.threads[t][1]
				var ops []operation
				switch role {
				case "lock":
					ops = []operation{l, a, b, u}
				case "twice":
					ops = []operation{l, a, u, l, b, u}
				case "first":
					ops = []operation{l, a, u, b}
				case "second":
					ops = []operation{a, l, b, u}
				case "between":
					ops = []operation{a, l, u, b}
				case "acq":
					if a.kind == "R" {
						a.order = "acquire"
					}
					ops = []operation{a, b}
				case "po":
					ops = []operation{a, b}
				default:
					ops = []operation{a, {kind: role}, b}
				}
				m.program.threads[t] = ops
			}
			tests = append(tests, m)
		}
	}
	return tests
}
