package explore_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// bruteListOps are the operations on lists. They touch the words of neighbours, so what one comes to depends on those before
// it, also which words two of them race for.
var bruteListOps = []kern.OpKind{
	kern.OpListAdd, kern.OpListAddTail, kern.OpListDel, kern.OpListDelInit, kern.OpListInit, kern.OpListFirst, kern.OpListEmpty,
	kern.OpListAddRCU, kern.OpListAddTailRCU, kern.OpListDelRCU,
}

// drawLists draws two tasks, and functions of callbacks and work items, that do nothing but change one list without a lock.
func drawLists(seed, n uint64) *bruteProgram {
	rng := rand.New(rand.NewPCG(seed, n))
	code := func(most int) (code []bruteInstr) {
		for range 1 + rng.IntN(most) {
			code = append(code, bruteInstr{kind: bruteListOps[rng.IntN(len(bruteListOps))], x: uint8(rng.IntN(4)), when: bruteWhen(rng.IntN(3))})
		}
		return code
	}
	p := &bruteProgram{}
	for range 2 {
		ops := code(3)
		switch rng.IntN(4) {
		case 0:
			ops = append([]bruteInstr{{kind: kern.OpCallRCU, x: uint8(rng.IntN(2)), y: uint8(rng.IntN(2))}}, ops...)
		case 1:
			ops = append([]bruteInstr{{kind: kern.OpQueueWork, x: uint8(rng.IntN(2))}}, ops...)
		}
		p.tasks = append(p.tasks, []bruteOp{{code: ops, forgets: rng.IntN(2) == 0}})
	}
	for f := range p.fns {
		p.fns[f] = code(2)
	}
	return p
}

// A list that is changed without its lock is a race, and every mode shows it by a schedule in which the two accesses are
// there, at whatever word they meet.
func TestBruteForceAgreesOnLists(t *testing.T) {
	from, n := brutePrograms(t)
	if os.Getenv("PTSIM_BRUTE") == "" {
		n = 80
	}
	b := &bruteCheck{t: t, verdicts: map[explore.Verdict]int{}, kinds: map[kern.Kind]int{}}
	failed := 0
	for i := from; i < from+n; i++ {
		p, s := drawLists(2, uint64(i)), bruteSettings[i%len(bruteSettings)]
		msg := b.program(p, s)
		if msg == "" {
			msg = minimizes(t, p, s)
		}
		if msg != "" {
			small, why := b.smaller(p, s)
			t.Errorf("program %d, %+v: %s\n%s\nsmaller: %s%s", i, s, msg, p, why, small)
			if failed++; failed == 5 {
				break
			}
		}
	}
	t.Logf("%v %v", b.verdicts, b.kinds)
	require.Less(t, b.skipped*3, n)
}

// minimizes wants what a search finds to be made shorter, and still to show what it showed.
func minimizes(t *testing.T, p *bruteProgram, s bruteSetting) string {
	for _, races := range []explore.Races{explore.Adjacent, explore.HappensBefore} {
		mo, _ := bruteModel(p, nil)
		opt := bruteOptions(s)
		opt.Races = races
		r, err := explore.Exhaustive(mo, opt)
		require.NoError(t, err)
		if r.Verdict != explore.Violated {
			continue
		}
		short, err := explore.Minimize(mo, opt, r.Schedule, 50)
		require.NoError(t, err)
		r.Schedule = short
		if _, msg := replays(mo, opt, &r); msg != "" {
			return "minimized: " + msg
		}
	}
	return ""
}
