package explore_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/kern"
)

// bruteUnlocks are programs on purpose for what an unlock and a lock behind it order: of one CPU, or of one lock, everything but a
// write before and a read behind.
var bruteUnlocks = map[string]*bruteProgram{
	"unlock, then lock: a write, then a write": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpSpinLock}, {kind: kern.OpSpinUnlock}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSpinUnlock, x: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1, order: kern.Acquire}, {kind: kern.OpLoad, x: 3, when: ifNot}}}},
	}},
	"no unlock between a write and a write": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpWrite, x: 1, y: 1}, {kind: kern.OpSpinUnlock, x: 1}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1, order: kern.Acquire}, {kind: kern.OpLoad, x: 3, when: ifNot}}}},
	}},
	"an unlock alone, and a write": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpSpinUnlock}, {kind: kern.OpWrite, x: 1, y: 1}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1, order: kern.Acquire}, {kind: kern.OpLoad, x: 3, when: ifNot}}}},
	}},
	"unlock, then lock: a read, then a read": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpWrite, x: 1, y: 1, order: kern.Release}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 1}, {kind: kern.OpSpinUnlock}, {kind: kern.OpSpinLock, x: 1}, {kind: kern.OpLoad, x: 3, when: ifNot}, {kind: kern.OpSpinUnlock, x: 1}}}},
	}},
	"a lock that another releases: a write, then a write": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpWrite, x: 2, y: 1}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 2}, {kind: kern.OpWrite, x: 1, y: 1, when: ifNot}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1, order: kern.Acquire}, {kind: kern.OpLoad, x: 3, when: ifNot}}}},
	}},
	"what an unlock does not hand on is known of a third": {tasks: [][]bruteOp{
		{{code: []bruteInstr{{kind: kern.OpStore, x: 3, y: 1}, {kind: kern.OpWrite, x: 2, y: 1, order: kern.Release}}}},
		{{code: []bruteInstr{{kind: kern.OpSpinLock}, {kind: kern.OpRead, x: 2, order: kern.Acquire}, {kind: kern.OpSpinUnlock}, {kind: kern.OpSpinLock}, {kind: kern.OpWrite, x: 1, y: 1, when: ifNot}, {kind: kern.OpSpinUnlock}}}},
		{{code: []bruteInstr{{kind: kern.OpRead, x: 1, order: kern.Acquire}, {kind: kern.OpLoad, x: 3, when: ifNot}}}},
	}},
}

func init() { maps.Copy(bruteDirected, bruteUnlocks) }

// What the LKMM says of them.
func TestUnlockThenLockOrders(t *testing.T) {
	want := map[string]explore.Verdict{
		"unlock, then lock: a write, then a write":            explore.Safe,
		"no unlock between a write and a write":               explore.Violated,
		"an unlock alone, and a write":                        explore.Violated,
		"unlock, then lock: a read, then a read":              explore.Safe,
		"a lock that another releases: a write, then a write": explore.Safe,
		"what an unlock does not hand on is known of a third": explore.Violated,
	}
	require.Len(t, want, len(bruteUnlocks))
	for name, p := range bruteUnlocks {
		for f, code := range p.fns {
			if code == nil {
				p.fns[f] = []bruteInstr{{kind: kern.OpAdd}}
			}
		}
		for _, all := range []bool{false, true} {
			mo, _ := bruteModel(p, nil)
			opt := bruteOptions(bruteSettings[0])
			opt.All = all
			r, err := explore.Exhaustive(mo, opt)
			require.NoError(t, err)
			assert.Equal(t, want[name], r.Verdict, name)
			assert.Equal(t, explore.HappensBefore, r.Races, name)
			if r.Violation != nil {
				assert.Equal(t, kern.DataRace, r.Violation.Kind, name)
			}
		}
	}
}
