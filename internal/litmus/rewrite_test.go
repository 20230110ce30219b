package litmus_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/litmus"
	"ptsim/memory"
)

// same wants a test and what Rewrite made of it to have the same final states and verdicts under each model.
func same(t *testing.T, path, text string) {
	first, err := litmus.Parse(path, text)
	require.NoError(t, err, path)
	written, err := litmus.Rewrite(path, text)
	require.NoError(t, err, path)
	second, err := litmus.Parse(path, written)
	require.NoError(t, err, written)
	assert.Equal(t, first.Name, second.Name)
	assert.Equal(t, first.Result, second.Result)
	assert.Equal(t, first.Quantifier+first.CondText, second.Quantifier+second.CondText)
	for _, m := range []memory.Model{memory.SC, memory.TSO, memory.LKMM} {
		o := litmus.Options{Model: m, States: 300_000}
		a, err := litmus.Run(context.Background(), first, o)
		require.NoError(t, err)
		b, err := litmus.Run(context.Background(), second, o)
		require.NoError(t, err)
		if a.Bound {
			continue
		}
		assert.Equal(t, a.Verdict(), b.Verdict(), "%s under %s\n%s", path, m, written)
		assert.Equal(t, states(first, a), states(second, b), "%s under %s\n%s", path, m, written)
		assert.Equal(t, a.States, b.States, path)
	}
	again, err := litmus.Rewrite(path, written)
	require.NoError(t, err)
	assert.Equal(t, written, again, "it is written like this already")
}

func states(t *litmus.Test, r *litmus.Result) (list []string) {
	for _, v := range r.Finals {
		list = append(list, t.FinalState(v))
	}
	return list
}

// Every own litmus test is the same test after it was written.
func TestRewrite(t *testing.T) {
	n := 0
	require.NoError(t, litmus.Collect(ownTests, func(path, text string) error {
		n++
		same(t, path, text)
		return nil
	}))
	assert.GreaterOrEqual(t, n, 300)
}

// The corners of the language.
func TestRewriteText(t *testing.T) {
	const in = `C corners (* Result: Sometimes *)
{ int x = 1; int *p = &x; atomic_t a = ATOMIC_INIT(2); 0:r7 = 3; y = 4; }
P0(int *x, int **p, atomic_t *a) { int *r0; int r1 = 1, r2; r0 = rcu_dereference(*p); r2 = (1 + r1) * 2 - (3 - 1);
 if (!(r1 && r2) || r2 == 4) { WRITE_ONCE(*r0, r1 ? 2 : (r2 & 3) + 1); } else if (r2) *x = -1; else smp_mb();
 r1 += READ_ONCE(*(x + (r2 & 0))); r2++; }
P1(int *x, atomic_t *a, int *y) { int r0 = atomic_add_return(1, a); WRITE_ONCE(*y, r0 - (1 - 2)); }
locations [x; 0:r2; a;] filter (y=4 \/ 1:r0=3)
~exists (0:r1=2 /\ not (x=2 /\ y=4) => 1:r0=9)`
	same(t, "corners.litmus", in)
	out, err := litmus.Rewrite("corners.litmus", in)
	require.NoError(t, err)
	assert.Contains(t, out, "\tr2 = (1 + r1) * 2 - (3 - 1);\n")
	assert.Contains(t, out, "\tif (!(r1 && r2) || r2 == 4) {\n\t\tWRITE_ONCE(*r0, r1 ? 2 : (r2 & 3) + 1);\n\t} else {\n")
	assert.Contains(t, out, "\nfilter (y=4 \\/ 1:r0=3)\n~exists (0:r1=2 /\\ not (x=2 /\\ y=4) => 1:r0=9)\n")
	assert.Contains(t, out, "\tatomic_t a=ATOMIC_INIT(2);\n\t0:r7=3;\n")
}

// The public suites come out the same, too.
func TestRewriteSuites(t *testing.T) {
	for _, name := range []string{"kernel-6.1.tar.xz", "herd-catalogue.tar.xz", "mckenney.tar.xz"} {
		require.NoError(t, litmus.Collect(suite(t, name), func(path, text string) error {
			if _, err := litmus.Parse(path, text); err == nil {
				same(t, path, text)
			}
			return nil
		}))
	}
}
