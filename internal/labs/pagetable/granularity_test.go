package pagetable_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
	"ptsim/pgalloc"
)

// steps runs an operation of a task and returns its primitives, plain accesses in parentheses.
func (r *run) steps(task int) string {
	r.sched.ops = r.sched.ops[:0]
	r.sched.log = true
	r.step(task)
	r.sched.log = false
	var words []string
	for _, op := range r.sched.ops {
		word := op.Kind.String()
		if op.Kind == kern.OpLoad || op.Kind == kern.OpStore {
			word = "(" + word + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// TestS1StepByStep compares the primitives of S1's operations, for the pins that the Promela model has, with the steps of
// that model, which the comments name.
func TestS1StepByStep(t *testing.T) {
	for _, c := range []struct {
		v    version
		pend string // PEND of the model, without the list
	}{
		{version{pgalloc.RFC, ""}, "(load) (load) spin_lock_bh xor spin_unlock_bh"},
		{version{pgalloc.Pinned, pgalloc.PinHalf}, "(load) (load) spin_lock_bh refcount_inc xor spin_unlock_bh"},
	} {
		khugepaged, exit := 0, 1
		r := start(t, load(t, "S1"), c.v, nil)
		assert.Equal(t, "down_read", r.steps(khugepaged))        // immap = 1
		assert.Equal(t, "(load) xchg", r.steps(khugepaged))      // has = vma[k]; has = pmd[k], pmd[k] = 0
		assert.Equal(t, "choose", r.steps(exit))                 // the guards of an if, no step
		assert.Equal(t, c.pend+" call_rcu", r.steps(khugepaged)) // PT_DEFER
		assert.Equal(t, "up_read", r.steps(khugepaged))          // immap = 0
		assert.Equal(t, "", r.steps(khugepaged), c.v)

		// PT_FREE: LOCK, XOR, UNLOCK, since the other half is pending.
		assert.Equal(t, "(load) (load) spin_lock_bh xor spin_unlock_bh", r.steps(exit))
		assert.Equal(t, "", r.steps(exit)) // the other branch
		assert.Equal(t, "", r.steps(exit))
		assert.Equal(t, "down_write", r.steps(exit))
		assert.Equal(t, "(store)", r.steps(exit)) // vma[me] = 0
		assert.Equal(t, "up_write", r.steps(exit))
		assert.Equal(t, "xchg", r.steps(exit)) // has = pmd[me], pmd[me] = 0
		assert.Equal(t, "", r.steps(exit))     // which was not set
		assert.Equal(t, "", r.steps(exit))
		want := "refcount_dec_and_test slab_free" // DROP, MMFREE
		if c.v.pin != "" {
			want = "refcount_dec_and_test"
		}
		assert.Equal(t, want, r.steps(exit))

		// The exit alone, with the batch.
		r = start(t, load(t, "S1"), c.v, nil)
		for range 3 {
			r.step(exit) // free t1, at once
		}
		for range 4 {
			r.step(exit)
		}
		assert.Equal(t, "xchg", r.steps(exit))
		pend := strings.Replace(c.pend, " spin_unlock_bh", " list_del spin_unlock_bh", 1) + " slab_alloc (store) (store)"
		assert.Equal(t, pend, r.steps(exit))               // PT_FREE_RCU, and its table noted in the batch
		assert.Equal(t, "(store) call_rcu", r.steps(exit)) // TLB_FLUSH
	}
}

// What no later operation speaks of is not in the frame: two ways to the same place are the same.
func TestFramesForget(t *testing.T) {
	for _, name := range []string{"S1", "S3r", "fork", "walk", "relink"} {
		s := load(t, name)
		for _, v := range versions() {
			if mayBreak(name, v) != kern.NoViolation {
				continue
			}
			r := start(t, s, v, nil)
			for i := range r.in.Tasks {
				for r.step(i) {
					_ = map[any]bool{r.frames[i]: true} // it is comparable
				}
				assert.Equal(t, r.in.Tasks[i].Start, r.frames[i], "%s: task %d ends with something in its frame", r.what, i)
			}
		}
	}
}

// A task that may fail gets a page for its batch or not; where it does not, it interrupts the others and removes the
// table itself. The lazy flush is there, or left out.
func TestNoPageForABatch(t *testing.T) {
	s := parse(t, "title T\nwithout lazy-flush\nmm 1 users 0\npage 1 a\ntask t may fail\ntlbfree a\nflush\nmmdrop 1")
	r := start(t, s, version{pgalloc.Classic, ""}, nil)
	assert.True(t, r.in.Tasks[0].MayFail)
	r.in.M.FailPages(kern.GFPNowait, true)
	assert.Equal(t, "(load) spin_lock_bh xor list_del spin_unlock_bh slab_alloc mark xor (store) put_page", withoutLoads(r.steps(0)))
	assert.Equal(t, "", r.steps(0))

	s = parse(t, "title T\nmm 1 users 0\npage 1 a\ntask t may fail\ntlbfree a\nflush\nmmdrop 1")
	r = start(t, s, version{pgalloc.Classic, ""}, nil)
	r.in.M.FailPages(kern.GFPNowait, true)
	assert.Equal(t, "(load) spin_lock_bh xor list_del spin_unlock_bh slab_alloc spin_lock read spin_unlock mark xor (store) put_page", withoutLoads(r.steps(0)))
	assert.Equal(t, "spin_lock read spin_unlock", r.steps(0))
}

// withoutLoads leaves out all plain loads but the first.
func withoutLoads(s string) string {
	return "(load) " + strings.ReplaceAll(s, "(load) ", "")
}
