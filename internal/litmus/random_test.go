package litmus_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/litmus"
	"ptsim/memory"
)

var (
	programs = flag.Int("programs", 500, "random programs that are compared with the axioms")
	seed     = flag.Uint64("seed", 1, "seed of the first of them")
	update   = flag.Bool("update", false, "write testdata/litmus anew")
)

// A program is a straight line of operations for each thread.
type program struct {
	locs    []string // l, the last one, is a lock
	threads [][]operation
}

type operation struct {
	kind     string // R, W, RMW (xchg), add (atomic_fetch_add), inc (atomic_inc), lock, unlock, mb, rmb, wmb, rlock, runlock, sync
	loc      int
	order    string // relaxed, acquire, release or full
	value    int64
	register int
	dep      int  // the register that the value or the address depends on, or -1
	depAddr  bool // the address
}

type settings struct {
	model   memory.Model
	release memory.Release
}

var allModels = []settings{{memory.SC, 0}, {memory.TSO, 0}, {memory.LKMM, memory.Linux61}, {memory.LKMM, memory.Linux612}}

// draw draws a program of at most eight accesses. Few locations, few threads and many fences make it interesting.
func draw(r *rand.Rand) *program {
	p := &program{locs: []string{"x", "y", "z"}[:2+r.IntN(2)]}
	words := len(p.locs)
	locks, rcu, weird := r.IntN(6) == 0, r.IntN(6) == 0, r.IntN(2) == 0
	if locks {
		p.locs = append(p.locs, "l")
	}
	threads := 2 + r.IntN(2)
	if r.IntN(5) == 0 {
		threads = 4
	}
	left := 8
	p.threads = make([][]operation, threads)
	value := int64(1)
	for t := range p.threads {
		room := min(left-(threads-1-t), 2+r.IntN(4))
		left -= drawThread(r, p, t, words, room, locks, rcu, weird, &value)
	}
	return p
}

func drawThread(r *rand.Rand, p *program, t, words, room int, locks, rcu, weird bool, value *int64) (used int) {
	var ops []operation
	var registers []int
	fences := r.IntN(3) > 0
	locked, section := 0, r.IntN(2) == 0
	inside := false
	held := false
	for used < room {
		if rcu && len(ops) > 0 && !section && r.IntN(2) == 0 {
			ops = append(ops, operation{kind: "sync"})
		}
		if rcu && section && !inside && r.IntN(2) == 0 {
			ops = append(ops, operation{kind: "rlock"})
			inside = true
		} else if inside && r.IntN(4) == 0 {
			ops = append(ops, operation{kind: "runlock"})
			inside = false
		}
		if fences && len(ops) > 0 && r.IntN(2) == 0 {
			ops = append(ops, operation{kind: []string{"mb", "mb", "rmb", "wmb"}[r.IntN(4)]})
		}
		if locks && !held && room-used >= 4 && locked < 1 && r.IntN(2) == 0 {
			ops = append(ops, operation{kind: "lock", loc: words, value: 1, register: 9, dep: -1})
			held, used = true, used+2
			locked++
			continue
		}
		o := operation{loc: r.IntN(words), order: "relaxed", register: len(registers), dep: -1}
		switch n := r.IntN(20); {
		case n < 8:
			o.kind = "R"
			o.order = []string{"relaxed", "relaxed", "acquire"}[r.IntN(3)]
		case n < 16 || room-used < 2 || !weird:
			o.kind = "W"
			o.order = []string{"relaxed", "relaxed", "release"}[r.IntN(3)]
		case n < 18:
			o.kind = []string{"RMW", "add"}[r.IntN(2)]
			o.order = []string{"relaxed", "acquire", "release", "full"}[r.IntN(4)]
		default:
			o.kind = "inc"
		}
		if o.kind != "R" {
			o.value = *value
			*value++
		}
		if o.kind == "inc" {
			o.value = 1
		}
		if len(registers) > 0 && o.kind != "inc" && r.IntN(3) == 0 {
			o.dep = registers[r.IntN(len(registers))]
			o.depAddr = o.kind != "W" || r.IntN(2) == 0
		}
		if o.kind == "R" || o.kind == "RMW" || o.kind == "add" {
			registers = append(registers, o.register)
		}
		ops = append(ops, o)
		if used++; o.kind != "R" && o.kind != "W" {
			used++
		}
		if held && (room-used <= 1 || r.IntN(3) == 0) {
			ops = append(ops, operation{kind: "unlock", loc: words, dep: -1})
			held, used = false, used+1
		}
	}
	if inside {
		ops = append(ops, operation{kind: "runlock"})
	}
	if held {
		ops = append(ops, operation{kind: "unlock", loc: words, dep: -1})
		used++
	}
	p.threads[t] = ops
	return used
}

// text writes the program as a litmus test that observes everything.
func (p *program) text() string {
	var b strings.Builder
	fmt.Fprint(&b, "C random\n{}\n")
	params := ""
	for _, l := range p.locs {
		typ := "atomic_t"
		if l == "l" {
			typ = "spinlock_t"
		}
		params += fmt.Sprintf(", %s *%s", typ, l)
	}
	var observed []string
	for t, ops := range p.threads {
		fmt.Fprintf(&b, "P%d(%s) {\n", t, params[2:])
		for _, o := range ops {
			line, reads := p.line(o)
			fmt.Fprintf(&b, "\t%s;\n", line)
			if reads {
				observed = append(observed, fmt.Sprintf("%d:r%d", t, o.register))
			}
		}
		fmt.Fprint(&b, "}\n")
	}
	for _, l := range p.locs {
		if l != "l" {
			observed = append(observed, l)
		}
	}
	fmt.Fprintf(&b, "locations [%s]\nexists (x=0)\n", strings.Join(observed, "; "))
	return b.String()
}

func (p *program) line(o operation) (line string, reads bool) {
	suffix := map[string]string{"relaxed": "_relaxed", "acquire": "_acquire", "release": "_release", "full": ""}[o.order]
	pointer, value := "", fmt.Sprint(o.value)
	switch o.kind {
	case "mb", "rmb", "wmb":
		return "smp_" + o.kind + "()", false
	case "sync":
		return "synchronize_rcu()", false
	case "rlock":
		return "rcu_read_lock()", false
	case "runlock":
		return "rcu_read_unlock()", false
	}
	pointer = p.locs[o.loc]
	if o.dep >= 0 {
		if o.depAddr {
			pointer = fmt.Sprintf("(%s + (r%d & 0))", pointer, o.dep)
		} else {
			value = fmt.Sprintf("%d + (r%d & 0)", o.value, o.dep)
		}
	}
	set := fmt.Sprintf("int r%d = ", o.register)
	switch o.kind {
	case "R":
		if o.order == "acquire" {
			return set + "smp_load_acquire(" + pointer + ")", true
		}
		return set + "READ_ONCE(*" + pointer + ")", true
	case "W":
		if o.order == "release" {
			return "smp_store_release(" + pointer + ", " + value + ")", false
		}
		return "WRITE_ONCE(*" + pointer + ", " + value + ")", false
	case "RMW":
		return set + "atomic_xchg" + suffix + "(" + pointer + ", " + value + ")", true
	case "add":
		return set + "atomic_fetch_add" + suffix + "(" + value + ", " + pointer + ")", true
	case "inc":
		return "atomic_inc(" + pointer + ")", false
	case "lock":
		return "spin_lock(" + pointer + ")", false
	}
	return "spin_unlock(" + pointer + ")", false
}

// machine returns the outcomes of a test under a model, sorted.
func machine(t *testing.T, text string, s settings) []string {
	t.Helper()
	test, err := litmus.Parse("random", text)
	require.NoError(t, err, text)
	r, err := litmus.Run(context.Background(), test, litmus.Options{Model: s.model, Release: s.release})
	require.NoError(t, err)
	var all []string
	for _, v := range r.Finals {
		all = append(all, test.FinalState(v))
	}
	sort.Strings(all)
	return all
}

// drawLeaning draws a program that may lean on a rule: a thread takes a lock twice between two accesses, or follows a value to an
// address, and another sees in which order.
func drawLeaning(r *rand.Rand) *program {
	p := &program{locs: []string{"x", "y"}}
	value := int64(1)
	access := func(loc, register int) operation {
		o := operation{kind: "R", loc: loc, order: "relaxed", register: register, dep: -1}
		if r.IntN(2) == 0 {
			o.kind, o.value = "W", value
			value++
		}
		return o
	}
	other := []operation{access(1, 0), {kind: []string{"mb", "rmb", "wmb"}[r.IntN(3)]}, access(0, 1)}
	if r.IntN(2) == 0 {
		o := operation{kind: "R", loc: 1, order: "relaxed", register: 1, dep: 0, depAddr: true}
		p.threads = [][]operation{{{kind: "R", loc: 0, order: "relaxed", register: 0, dep: -1}, o}, other}
		return p
	}
	p.locs = append(p.locs, "l")
	var ops []operation
	for i := range 2 {
		ops = append(ops, operation{kind: "lock", loc: 2, value: 1, register: 8 + i, dep: -1}, operation{kind: "unlock", loc: 2, dep: -1})
	}
	p.threads = [][]operation{slices.Concat([]operation{access(0, 0)}, ops, []operation{access(1, 1)}), other}
	return p
}

// Without a rule the machine does what the axioms without it allow, and in some programs that is more.
func TestRandomWithoutARule(t *testing.T) {
	for _, rule := range []memory.Rule{memory.UnlockLock, memory.Address} {
		models := []settings{{memory.LKMM, memory.Linux61}, {memory.LKMM, memory.Linux61.Less(rule)}}
		differ := 0
		for i := range uint64(*programs) {
			r := rand.New(rand.NewPCG(*seed+i, 0))
			p := drawLeaning(r)
			if i%2 == 0 {
				p = draw(r)
			}
			text := p.text()
			want := axiomatic(p, models)
			for j, m := range models {
				require.Equal(t, want[j], machine(t, text, m), "seed %d: %s\n%s", *seed+i, m.release, text)
			}
			if len(want[0]) < len(want[1]) {
				differ++
			}
		}
		assert.NotZero(t, differ, "no program leans on %s", rule)
		t.Logf("%d of %d programs lean on %s", differ, *programs, rule)
	}
}

// TestRandom compares the machines with the axioms on random programs. Outside CI, with more of them:
//
//	go test ./internal/litmus -run TestRandom -programs 20000 -timeout 1h
func TestRandom(t *testing.T) {
	outcomes := map[memory.Model]int{}
	for i := range uint64(*programs) {
		p := draw(rand.New(rand.NewPCG(*seed+i, 0)))
		text := p.text()
		want := axiomatic(p, allModels)
		var have [][]string
		for j, m := range allModels {
			have = append(have, machine(t, text, m))
			outcomes[m.model] += len(have[j])
			more, less := difference(have[j], want[j]), difference(want[j], have[j])
			if !assert.Empty(t, append(more, less...), "seed %d: %s %s: the machine adds %q and lacks %q\n%s", *seed+i, m.model, m.release, more, less, text) {
				return
			}
		}
		for j := range have[:2] {
			for _, o := range have[j] {
				require.True(t, slices.Contains(have[j+1], o), "seed %d: %s is not an outcome of the weaker model\n%s", *seed+i, o, text)
			}
		}
		for _, o := range have[3] {
			require.True(t, slices.Contains(have[2], o), "seed %d: 6.12 allows more than 6.1: %s\n%s", *seed+i, o, text)
		}
		fenced := p.fenced()
		require.Equal(t, machine(t, fenced.text(), allModels[0]), machine(t, fenced.text(), allModels[2]), "seed %d: smp_mb everywhere is not SC\n%s", *seed+i, fenced.text())
	}
	if *programs >= 500 {
		assert.Greater(t, outcomes[memory.TSO]*100, outcomes[memory.SC]*101, "the programs show TSO hardly")
		assert.Greater(t, outcomes[memory.LKMM]*100, outcomes[memory.TSO]*110, "the programs show LKMM hardly")
	}
	t.Log(outcomes)
}

// fenced returns the program with a strong fence between all accesses.
func (p *program) fenced() *program {
	f := &program{locs: p.locs}
	for _, ops := range p.threads {
		var all []operation
		for _, o := range ops {
			all = append(all, operation{kind: "mb"}, o)
		}
		f.threads = append(f.threads, all)
	}
	return f
}

// difference returns what is in a and not in b.
func difference(a, b []string) (d []string) {
	for _, s := range a {
		if !slices.Contains(b, s) {
			d = append(d, s)
		}
	}
	return d
}
