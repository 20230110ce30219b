package explore_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// Several tasks on one CPU, once more: by the rules of the kernel's scheduler, with preempt_count as what a thread holds.

// shareCPUs puts some tasks of a program on one CPU, as the number says: of two both, of three two or all.
func (p *bruteProgram) shareCPUs(n uint64) *bruteProgram {
	rng := rand.New(rand.NewPCG(7, n))
	tasks := len(p.tasks)
	p.on = make([]int, tasks)
	cpu := 1 + rng.IntN(tasks)
	for t := range p.on {
		p.on[t] = cpu
	}
	if tasks > 2 && rng.IntN(2) == 0 {
		p.on[rng.IntN(tasks)] = 0
	}
	return p
}

// cpu returns the CPU of a task: the one that it is put on, or the first that nobody is put on.
func (p *bruteProgram) cpu(task int) int {
	if task >= len(p.on) {
		return task
	}
	if p.on[task] > 0 {
		return p.on[task] - 1
	}
	left := 0
	for _, on := range p.on[:task] {
		if on == 0 {
			left++
		}
	}
	for cpu := 0; ; cpu++ {
		if !slices.Contains(p.on, cpu+1) {
			if left == 0 {
				return cpu
			}
			left--
		}
	}
}

// mateOf returns the other tasks on the CPU of a task.
func (w *bruteWorld) mateOf(t int) (list []int) {
	if w.roles[t] != bruteTask {
		return nil
	}
	for u := range w.roles {
		if u != t && w.roles[u] == bruteTask && w.cpus[u] == w.cpus[t] {
			list = append(list, u)
		}
	}
	return list
}

// preemptOff tells whether a thread has preemption off, whether it has the CPU or not.
func (r *bruteRun) preemptOff(t int) bool {
	th := &r.m.threads[t]
	return th.bh > 0 || th.preempt > 0 || th.spins > 0 || th.arrived
}

// hasCPU tells whether a task has the CPU and keeps it.
func (r *bruteRun) hasCPU(t int) bool {
	if r.m.threads[t].waits { // it spins; or it sleeps, whatever it has off
		return !r.preemptOff(t)
	}
	return r.preemptOff(t)
}

// keptOff tells whether a task cannot run since another has their CPU.
func (r *bruteRun) keptOff(t int) bool {
	return slices.ContainsFunc(r.mates[t], r.hasCPU)
}

// waitsNow tells whether a task whose primitive waits is then on its CPU in another way than before: it begins to spin, or gives
// the CPU up although it has preemption off.
func (r *bruteRun) waitsNow(t int, op kern.Op) bool {
	if len(r.mates[t]) == 0 || r.m.threads[t].waits {
		return false
	}
	spins := false
	switch op.Kind {
	case kern.OpSpinLock, kern.OpSpinLockBH, kern.OpReadLock, kern.OpWriteLock, kern.OpWriteLockWait, kern.OpBitSpinLock:
		spins = true
	}
	return spins != r.preemptOff(t)
}

// noBH tells whether a thread lets no softirq in.
func (r *bruteRun) noBH(t int) bool {
	if th := &r.m.threads[t]; !th.waits {
		return th.bh > 0
	}
	return r.next(t).Kind == kern.OpSpinLockBH
}

// itself tells whether a thread that finds a spin lock held would wait for itself: for its own, or for one of who it interrupts.
func (r *bruteRun) itself(t int, held uint32) bool {
	return int(held) == t+1 || r.roles[t] == bruteSoftirq && r.cpus[held-1] == r.cpus[t]
}

// keeps passes on what is known where a task begins or ends to have its CPU for itself.
func (c *bruteClocks) keeps(t int, was, is bool) {
	switch {
	case c == nil || was == is || len(c.w.mates[t]) == 0:
	case is:
		c.know[t].join(&c.cpu[c.w.cpus[t]])
	default:
		c.publish(&c.cpu[c.w.cpus[t]], t)
	}
}

// switched tells whether two moves in a row are a switch: of CPU, or of task.
func (w *bruteWorld) switched(last, t int) bool {
	return w.cpus[last] != w.cpus[t] || last != t && w.roles[last] == bruteTask && w.roles[t] == bruteTask
}

// bruteShared are programs on purpose for tasks that share a CPU.
var bruteShared = map[string]*bruteProgram{
	"who sleeps with a spin lock held hangs who spins for it": {on: []int{1, 1, 0}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpMutexLock}, {kind: kern.OpMutexUnlock}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpMutexLock}, {kind: kern.OpMutexUnlock}}}},
	}},
	"a spinner keeps the CPU from the task that the holder waits for": {on: []int{1, 1, 0}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpComplete}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpWaitForCompletion}, {kind: kern.OpSpinUnlock}}}},
	}},
	"a task turns preemption off and spins, and the holder waits for another task of its CPU": {on: []int{1, 1, 0}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpPreemptDisable}, {kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}, {kind: kern.OpPreemptEnable}}}},
		{{code: []bruteInstr{{kind: kern.OpComplete}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpWaitForCompletion}, {kind: kern.OpSpinUnlock}}}},
	}},
	"who sleeps with BH off lets softirqs in": {on: []int{1, 1}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpCallRCU}, {kind: kern.OpBHDisable}, {kind: kern.OpWaitForCompletion}, {kind: kern.OpBHEnable}}}},
		{{code: []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpComplete}}}},
	"who sleeps with a local lock": {on: []int{1, 1, 0}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpLocalLock}, {kind: kern.OpWaitForCompletion}, {kind: kern.OpLocalUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpLocalLock}, {kind: kern.OpLocalUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpComplete}}}},
	}},
	"preemption off is as a lock": {on: []int{2, 2}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpPreemptDisable}, {kind: kern.OpLoad, x: 3}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpPreemptEnable}}}},
		{{code: []bruteInstr{{kind: kern.OpBHDisable}, {kind: kern.OpStore, x: 3, y: 2}, {kind: kern.OpBHEnable}}}},
	}},
	"preemption on is not": {on: []int{1, 1}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpPreemptDisable}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpPreemptEnable}}}},
		{{code: []bruteInstr{{kind: kern.OpLoad, x: 3}}}},
	}},
	"a local lock of one CPU": {on: []int{1, 1}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpLocalLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpLocalUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpLocalLock}, {kind: kern.OpAdd, x: 1, y: 2}, {kind: kern.OpLocalUnlock}}}},
	}},
	"two sleep with what each other wants": {on: []int{1, 1}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpBHDisable}, {kind: kern.OpDownWrite}, {kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}, {kind: kern.OpUpWrite}, {kind: kern.OpBHEnable}}}},
		{{code: []bruteInstr{{kind: kern.OpDownWrite}, {kind: kern.OpCallRCU}, {kind: kern.OpUpWrite}, {kind: kern.OpBHEnable}}}},
	}},
	"who unlocks for another": {on: []int{1, 1, 0}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpLocalLock}, {kind: kern.OpWaitForCompletion}, {kind: kern.OpLocalUnlock}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinTrylock, x: 0}, {kind: kern.OpComplete}, {kind: kern.OpSpinUnlock, when: ifZero}, {kind: kern.OpLocalLock}, {kind: kern.OpLocalUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpComplete}}}},
	}},
	"a writer that has come keeps its CPU": {on: []int{1, 1, 0}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpWriteLock}, {kind: kern.OpWriteUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpReadLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpReadUnlock}}}},
	}},
	"a task of its own CPU does as those that share one": {on: []int{0, 1, 1}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpPreemptDisable}, {kind: kern.OpRead, x: 1}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpPreemptEnable}}}},
		{{code: []bruteInstr{{kind: kern.OpPreemptDisable}, {kind: kern.OpRead, x: 1}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpPreemptEnable}}}},
		{{code: []bruteInstr{{kind: kern.OpPreemptDisable}, {kind: kern.OpRead, x: 1}, {kind: kern.OpAdd, x: 1, y: 1}, {kind: kern.OpPreemptEnable}}}},
	}},
	"a callback waits for who holds a spin lock": {on: []int{1, 1, 0}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpRead, x: 2, when: ifZero}, {kind: bruteAssert, y: 2}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpAdd, x: 0, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpCallRCU}}}},
	}, fns: [bruteFns][]bruteInstr{{{kind: kern.OpWrite, x: 2, y: 2}}}},
	"plain accesses around what orders": {on: []int{1, 1, 0}, tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpWrite, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1}, {kind: kern.OpStore, x: 3, y: 2, when: ifNot}}}},
		{{code: []bruteInstr{{kind: kern.OpXchg, x: 1, y: 2}}}},
	}},
}

func init() {
	for name, p := range bruteShared {
		bruteDirected["on one CPU: "+name] = p
	}
}

// Every mode says of programs whose tasks share CPUs what all their schedules say.
func TestBruteForceAgreesOnSharedCPUs(t *testing.T) {
	from, n := brutePrograms(t)
	if os.Getenv("PTSIM_BRUTE") == "" {
		n = 80
	}
	b := &bruteCheck{t: t, verdicts: map[explore.Verdict]int{}, kinds: map[kern.Kind]int{}}
	failed, tried := 0, 0
	for i := from; i < from+n && failed < 10; i++ {
		p := drawBrute(2, uint64(i)).shareCPUs(uint64(i))
		for _, s := range []bruteSetting{bruteSettings[i%3], bruteSettings[3+i/2%3]} {
			s.lax = i%2 == 0
			tried++
			if msg := b.program(p, s); msg != "" {
				small, why := b.smaller(p, s)
				t.Errorf("program %d, %+v: %s\nsmaller: %s%s", i, s, msg, why, small)
				failed++
				break
			}
		}
	}
	t.Logf("%d programs, %d skipped of %d, %d racy, %d schedules, %v, %d ends, %d states counted in %d searches\n%v",
		n, b.skipped, tried, b.racy, b.schedules, b.verdicts, b.finals, b.states, b.counted, b.kinds)
	require.Less(t, b.skipped*3, tried, "too many programs are too large")
}
