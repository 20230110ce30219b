package explore_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// bruteLimit is how many steps all schedules of a program may have together, in one setting.
const bruteLimit = 12_000

// brutePrograms is how many programs are drawn: PTSIM_BRUTE=30000 go test -run Brute ./explore draws so many.
func brutePrograms(t *testing.T) (first, n int) {
	n = 500
	if s := os.Getenv("PTSIM_BRUTE"); s != "" {
		v, err := strconv.Atoi(s)
		require.NoError(t, err)
		n = v
	}
	if s := os.Getenv("PTSIM_BRUTE_FROM"); s != "" {
		v, err := strconv.Atoi(s)
		require.NoError(t, err)
		first = v
	}
	return first, n
}

// bruteSetting is under which softirqs and grace periods a program runs.
type bruteSetting struct {
	softirqs int
	grace    explore.Grace
	lax      bool
}

var bruteSettings = []bruteSetting{
	{1, explore.GracePrecise, false}, {2, explore.GracePrecise, true}, {explore.SoftirqsOnCPU, explore.GracePrecise, false},
	{1, explore.GraceAny, true}, {2, explore.GraceAny, false}, {explore.SoftirqsOnCPU, explore.GraceAny, true},
}

// bruteCheck compares everything for one program in one setting, and says what does not agree; "" if all does.
type bruteCheck struct {
	t         testing.TB
	levels    []bruteLevel
	schedules int
	skipped   int
	racy      int
	verdicts  map[explore.Verdict]int
	kinds     map[kern.Kind]int
	finals    int
	states    int
	counted   int

	parts, otherRules int // of searches that were split, and how often a part met code of which the split did not know
}

func (b *bruteCheck) program(p *bruteProgram, s bruteSetting) string {
	w := newBruteWorld(b.t, p, s)
	if w == nil {
		b.skipped++
		return ""
	}
	var all, whole, loose *bruteFound
	if all, b.levels = w.enumerate(bruteHow{clocks: true}, bruteLimit, b.levels); all.tooMany {
		b.skipped++
		return ""
	}
	if whole, b.levels = w.enumerate(bruteHow{whole: true, clocks: true}, bruteLimit, b.levels); whole.tooMany {
		b.skipped++
		return ""
	}
	loose = all
	if all.kinds[kern.DataRace] {
		b.racy++
		if loose, b.levels = w.enumerate(bruteHow{adjacent: true}, 4*bruteLimit, b.levels); loose.tooMany {
			b.skipped++
			return ""
		}
	}
	b.schedules += all.schedules
	want := explore.Safe
	if len(all.kinds) > 0 {
		want = explore.Violated
	}
	b.verdicts[want]++
	for k := range all.kinds {
		b.kinds[k]++
	}
	b.finals += len(all.finals)
	if (len(whole.kinds) > 0) != (want == explore.Violated) {
		return fmt.Sprintf("brute force itself: single steps %s, whole transitions %v", bruteNames(all.kinds), whole.kinds)
	}
	for _, plain := range []bool{false, true} {
		if msg := b.adjacent(w, loose, plain); msg != "" {
			return fmt.Sprintf("adjacent, plain %t: %s", plain, msg)
		}
		if n := b.schedules; n%4 == 0 { // it runs many schedules to learn, and there are many parts
			depth := 1 + n/4%9
			if msg := b.split(w, all, loose, plain, n/36%2 == 0, depth, 1+n/72%2); msg != "" {
				return fmt.Sprintf("split at depth %d, plain %t: %s", depth, plain, msg)
			}
		}
		for _, threads := range []int{1, 2} {
			if msg := b.exhaustive(w, all, loose, want, plain, threads); msg != "" {
				return fmt.Sprintf("exhaustive, plain %t, %d threads: %s", plain, threads, msg)
			}
		}
		if msg := b.shortest(w, whole, all, want, plain); msg != "" {
			return fmt.Sprintf("shortest, plain %t: %s", plain, msg)
		}
		if msg := b.bounded(w, whole, all, plain); msg != "" {
			return fmt.Sprintf("bounded, plain %t: %s", plain, msg)
		}
	}
	if msg := b.merged(w, all, want); msg != "" {
		return "merging: " + msg
	}
	for _, pct := range []bool{false, true} {
		if msg := b.random(w, all, loose, pct); msg != "" {
			return fmt.Sprintf("random, by priorities %t: %s", pct, msg)
		}
	}
	return b.count(w, all)
}

func (w *bruteWorld) options() explore.Options { return bruteOptions(w.bruteSetting) }

// exhaustive compares verdicts, kinds of violations and final states. Some searches go on behind a data race, to what loose has.
func (b *bruteCheck) exhaustive(w *bruteWorld, all, loose *bruteFound, want explore.Verdict, plain bool, threads int) string {
	var mu sync.Mutex
	finals := map[brutePicture]bool{}
	mo, _ := bruteModel(w.bruteProgram, func(in *explore.Instance) {
		pic := w.draw(in.M.Peek, func(o int) bool { return in.Alive(w.bases[o]) })
		mu.Lock()
		finals[pic] = true
		mu.Unlock()
	})
	opt := w.options()
	opt.Plain, opt.Threads, opt.All = plain, threads, true
	r, err := explore.Exhaustive(mo, opt)
	if err != nil {
		return err.Error()
	}
	if r.Verdict != want {
		return fmt.Sprintf("%s %v; brute force: %s %s", r.Verdict, r.Kinds, want, bruteNames(all.kinds))
	}
	for k := range r.Kinds {
		if k == kern.DataRace.String() && all.adjacent {
			continue // two steps of one state, the first of which is wrong in another way, too
		}
		if !slices.Contains(bruteNames(all.kinds), k) && !slices.Contains(bruteNames(loose.kinds), k) {
			return fmt.Sprintf("finds %v; brute force: %s", r.Kinds, bruteNames(all.kinds))
		}
	}
	if r.Verdict == explore.Violated {
		if _, msg := replays(mo, opt, &r); msg != "" {
			return msg
		}
	}
	for pic := range finals {
		if !loose.finals[pic] {
			return fmt.Sprintf("ends where brute force never does, which knows %d ends", len(all.finals))
		}
	}
	if want == explore.Safe && len(finals) != len(all.finals) {
		return fmt.Sprintf("%d final states; brute force: %d", len(finals), len(all.finals))
	}
	return ""
}

// adjacent compares what is found of races that two steps of one state have.
func (b *bruteCheck) adjacent(w *bruteWorld, loose *bruteFound, plain bool) string {
	if !w.mayRace() {
		return ""
	}
	mo, _ := bruteModel(w.bruteProgram, nil)
	opt := w.options()
	opt.Plain, opt.Races = plain, explore.Adjacent
	r, err := explore.Exhaustive(mo, opt)
	if err != nil {
		return err.Error()
	}
	if want := loose.adjacent || len(loose.kinds) > 0; want != (r.Verdict == explore.Violated) {
		return fmt.Sprintf("%s; brute force: %s, two steps race: %t", r.Verdict, bruteNames(loose.kinds), loose.adjacent)
	}
	if !plain { // the same, where transitions sleep
		asleep, err := explore.Exhaustive(mo, explore.Doubting(explore.Merging(opt, 2)))
		if err != nil {
			return err.Error()
		}
		if asleep.Verdict != r.Verdict {
			return fmt.Sprintf("with sleep sets %s; brute force: %s, two steps race: %t", asleep.Verdict, bruteNames(loose.kinds), loose.adjacent)
		}
	}
	if r.Verdict != explore.Violated {
		return ""
	}
	_, msg := replays(mo, opt, &r)
	return msg
}

// replays runs the schedule of a violation with the code itself, which must come to the same.
func replays(mo *explore.Model, opt explore.Options, r *explore.Result) (*explore.Trace, string) {
	tr, err := explore.Replay(mo, opt, r.Schedule, nil)
	switch {
	case err != nil:
		return nil, fmt.Sprintf("%s, whose schedule %s is refused: %s", r.Violation.Kind, r.Schedule.Text(), err)
	case tr.Violation == nil:
		return nil, fmt.Sprintf("%s, whose schedule %s comes to nothing", r.Violation.Kind, r.Schedule.Text())
	case tr.Violation.Kind != r.Violation.Kind:
		return nil, fmt.Sprintf("%s, whose schedule %s comes to %s", r.Violation.Kind, r.Schedule.Text(), tr.Violation.Kind)
	}
	return tr, ""
}

// shortest compares the fewest switches, and the fewest steps with so many.
func (b *bruteCheck) shortest(w *bruteWorld, whole, all *bruteFound, want explore.Verdict, plain bool) string {
	mo, _ := bruteModel(w.bruteProgram, nil)
	opt := w.options()
	opt.Plain = plain
	r, err := explore.Shortest(mo, opt, kern.NoViolation)
	if err != nil {
		return err.Error()
	}
	if r.Verdict != want {
		return fmt.Sprintf("%s; brute force: %s %s", r.Verdict, want, bruteNames(all.kinds))
	}
	if want == explore.Safe {
		return ""
	}
	tr, msg := replays(mo, opt, &r)
	if msg != "" {
		return msg
	}
	got := [2]int{tr.Switches, tr.Count}
	if got != whole.shortest {
		return fmt.Sprintf("%s with %v switches and steps; brute force: %v, %s", tr.Violation.Kind, got, whole.shortest, bruteNames(all.kinds))
	}
	if r, err = explore.Shortest(mo, explore.Merging(opt, 1), kern.NoViolation); err != nil { // not in the order of the paths
		return err.Error()
	}
	if tr, msg = replays(mo, opt, &r); msg != "" {
		return msg
	}
	if again := [2]int{tr.Switches, tr.Count}; again != got {
		return fmt.Sprintf("out of order %v switches and steps; brute force: %v", again, got)
	}
	if plain || all.kinds[kern.DataRace] {
		return ""
	}
	for k, want := range whole.nearest {
		r, err := explore.Shortest(mo, opt, k)
		if err != nil {
			return err.Error()
		}
		if r.Verdict != explore.Violated || r.Violation.Kind != k {
			return fmt.Sprintf("asked for %s: %s, %v", k, r.Verdict, r.Violation)
		}
		tr, msg := replays(mo, opt, &r)
		if msg != "" {
			return msg
		}
		if got := [2]int{tr.Switches, tr.Count}; got != want {
			return fmt.Sprintf("asked for %s: %v switches and steps; brute force: %v", k, got, want)
		}
	}
	kind, switches, _, err := explore.FoldedShortest(mo, opt)
	if err != nil {
		return err.Error()
	}
	// Who waits for a lock behind primitives that move right does not carry these out first: that may be fewer.
	if switches > whole.shortest[0] || switches < whole.shortest[0] && kind != kern.Deadlock {
		return fmt.Sprintf("folded alone, %s with %d switches; brute force: %d, %s", kind, switches, whole.shortest[0], bruteNames(all.kinds))
	}
	return ""
}

// merged compares what a search says that merges nodes.
func (b *bruteCheck) merged(w *bruteWorld, all *bruteFound, want explore.Verdict) string {
	var mu sync.Mutex
	finals := map[brutePicture]bool{}
	mo, _ := bruteModel(w.bruteProgram, func(in *explore.Instance) {
		pic := w.draw(in.M.Peek, func(o int) bool { return in.Alive(w.bases[o]) })
		mu.Lock()
		finals[pic] = true
		mu.Unlock()
	})
	opt := explore.Merging(w.options(), 8)
	r, err := explore.Exhaustive(mo, opt)
	switch {
	case err != nil:
		return err.Error()
	case r.Verdict != want:
		return fmt.Sprintf("%s; brute force: %s %s", r.Verdict, want, bruteNames(all.kinds))
	case want == explore.Violated:
		_, msg := replays(mo, opt, &r)
		return msg
	case len(finals) != len(all.finals):
		return fmt.Sprintf("%d final states; brute force: %d", len(finals), len(all.finals))
	}
	for pic := range finals {
		if !all.finals[pic] {
			return "ends where brute force never does"
		}
	}
	return ""
}

// random wants random schedules to find nothing but what there is, and that by a schedule that shows it.
func (b *bruteCheck) random(w *bruteWorld, all, loose *bruteFound, pct bool) string {
	mo, _ := bruteModel(w.bruteProgram, nil)
	opt := w.options()
	r, err := explore.Random(mo, opt, explore.Sampling{Runs: 20, Seed: 1, PCT: pct, Changes: 2})
	switch {
	case err != nil:
		return err.Error()
	case r.Verdict == explore.Safe:
		return "safe, by random schedules"
	case r.Verdict != explore.Violated:
		return ""
	case !all.kinds[r.Violation.Kind] && !loose.kinds[r.Violation.Kind]:
		return fmt.Sprintf("%s; brute force: %s", r.Violation.Kind, bruteNames(all.kinds))
	}
	_, msg := replays(mo, opt, &r)
	return msg
}

// bounded compares how many preemptions a violation takes.
func (b *bruteCheck) bounded(w *bruteWorld, whole, all *bruteFound, plain bool) string {
	mo, _ := bruteModel(w.bruteProgram, nil)
	opt := w.options()
	opt.Plain = plain
	for _, bound := range []int{0, 1, 2, 40} {
		r, err := explore.Bounded(mo, opt, bound)
		if err != nil {
			return err.Error()
		}
		want := whole.preemptions >= 0 && whole.preemptions <= bound
		if got := r.Verdict == explore.Violated; got != want {
			return fmt.Sprintf("with %d: %s; brute force: violated with %d, %s", bound, r.Verdict, whole.preemptions, bruteNames(all.kinds))
		}
		if r.Verdict == explore.Violated {
			if _, msg := replays(mo, opt, &r); msg != "" {
				return msg
			}
		}
	}
	return ""
}

// count compares how many states there are.
func (b *bruteCheck) count(w *bruteWorld, all *bruteFound) string {
	if all.kinds[kern.DataRace] {
		return "" // behind a race nobody goes on, and where it shows depends on the way
	}
	states, tooMany := w.breadth(20_000)
	if tooMany {
		return ""
	}
	mo, _ := bruteModel(w.bruteProgram, nil)
	opt := w.options()
	opt.Plain, opt.All, opt.NoMerge, opt.NoSymmetry = true, true, true, true
	r, err := explore.Exhaustive(mo, opt)
	if err != nil {
		return err.Error()
	}
	b.states += states
	b.counted++
	if int(r.States) != states {
		return fmt.Sprintf("%d states; breadth first: %d", r.States, states)
	}
	return ""
}

func bruteNames(kinds map[kern.Kind]bool) []string {
	var s []string
	for k := range maps.Keys(kinds) {
		s = append(s, k.String())
	}
	slices.Sort(s)
	return s
}

// smaller drops instructions, one after the other, as long as the program is still judged in two ways.
func (b *bruteCheck) smaller(p *bruteProgram, s bruteSetting) (*bruteProgram, string) {
	msg := b.program(p, s)
	for again := true; again; {
		again = false
		for _, q := range p.without() {
			if m := b.program(q, s); m != "" {
				p, msg, again = q, m, true
				break
			}
		}
	}
	return p, msg
}

// without returns the program with one instruction less, in every way.
func (p *bruteProgram) without() []*bruteProgram {
	var list []*bruteProgram
	for t := range p.tasks {
		for o := range p.tasks[t] {
			code := p.tasks[t][o].code
			for i := range code {
				q := &bruteProgram{tasks: slices.Clone(p.tasks), again: p.again, fns: p.fns, on: slices.Clone(p.on)}
				q.tasks[t] = slices.Clone(p.tasks[t])
				q.tasks[t][o].code = slices.Delete(slices.Clone(code), i, i+1)
				if len(code) == 1 {
					q.tasks[t] = slices.Delete(q.tasks[t], o, o+1)
				}
				if len(q.tasks[t]) == 0 {
					q.tasks = slices.Delete(q.tasks, t, t+1)
					if len(q.on) > 0 {
						q.on = slices.Delete(q.on, t, t+1)
					}
					if slices.Max(append(q.on, 0)) > len(q.tasks) {
						continue
					}
				}
				if len(q.tasks) > 0 {
					list = append(list, q)
				}
			}
		}
	}
	return list
}

// Every mode says of every program what all its schedules say.
func TestBruteForceAgrees(t *testing.T) {
	from, n := brutePrograms(t)
	b := &bruteCheck{t: t, verdicts: map[explore.Verdict]int{}, kinds: map[kern.Kind]int{}}
	failed, tried := 0, 0
	for i := from; i < from+n; i++ {
		p := drawBrute(1, uint64(i))
		settings := bruteSettings
		switch {
		case n > 5000: // one for each program, in turn
			settings = settings[i%len(settings):][:1]
		case os.Getenv("PTSIM_BRUTE") == "": // half of them
			settings = settings[i%2*3:][:3]
		}
		for _, s := range settings {
			s.lax = s.lax != (i%2 == 0)
			tried++
			if msg := b.program(p, s); msg != "" {
				small, why := b.smaller(p, s)
				t.Errorf("program %d, %+v: %s\nsmaller: %s%s", i, s, msg, why, small)
				failed++
				break
			}
		}
		if n > 5000 && i%500 == 499 {
			t.Logf("to program %d: %d skipped of %d, %v", i, b.skipped, tried, b.verdicts)
		}
		if failed == 10 {
			break
		}
	}
	t.Logf("%d programs, %d skipped of %d, %d racy, %d schedules, %v, %d ends, %d states counted in %d searches\n%v",
		n, b.skipped, tried, b.racy, b.schedules, b.verdicts, b.finals, b.states, b.counted, b.kinds)
	t.Logf("%d parts of searches that were split, %d met what the split did not know", b.parts, b.otherRules)
	require.Less(t, b.skipped*3, tried, "too many programs are too large")
}
