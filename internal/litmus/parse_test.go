package litmus_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/litmus"
	"ptsim/memory"
)

// body makes a test of two processes from statements of the first.
func body(statements string) string {
	return "C t\n{}\nP0(int *x, int *y, spinlock_t *l, struct srcu_struct *s) {\n" + statements + "\n}\nP1(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=1)\n"
}

// TestErrors wants one line with the file and the line of what is wrong or not supported.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "f:1: expected a litmus test, which begins with C and its name, not an empty file"},
		{"C\n{}", "f:1: expected the name of the test behind C"},
		{"PPC t\n{}", "f:1: unsupported: a test for PPC: only C litmus tests are read"},
		{"C t\nhello", "f:2: expected { and the initial values, not the end of the file"},
		{"C t\n(* no end\n{}", "f:2: this comment has no end"},
		{"C t\n{ int x = ; }", `f:2: expected a number, not ";"`},
		{"C t\n{ int x = 1 }\n\nexists (x=1)", `f:4: expected a process, P0(...), not "exists"`},
		{"C t\n{}\nP1(int *x) {}", "f:3: expected P0, not P1: processes are numbered in order"},
		{"C t\n{}\nP0(int x) {}", "f:3: unsupported: parameter x is no pointer"},
		{"C t\n{}\nP0(int *x) {}\n", "f:4: expected a condition: exists, ~exists or forall"},
		{"C t\n{}\nP0(int *x) {}\nexists (1:r0=1)", "f:4: there is no P1 for r0"},
		{"C t\n{}\nP0(int *x) {}\nexists (q=1)", "f:4: there is no variable q"},
		{"C t\n{}\nP0(int *x) {}\nexists (x)", `f:4: expected a comparison, as in x=1, not ")"`},
		{"C t\n{ 3:r0=1; }\nP0(int *x) {}\nexists (x=1)", "f:2: there is no P3 for r0"},
		{body("int r[2];"), "f:4: unsupported: an array"},
		{body("\nwhile (1) { }"), "f:5: unsupported: while: a litmus test has no loops here"},
		{body("call_rcu(x, y);"), "f:4: unsupported: call_rcu: it is no macro of linux-kernel.def that is known here"},
		{body("smp_mb(1);"), "f:4: smp_mb takes 0 arguments, not 1"},
		{body("int r0 = smp_mb();"), "f:4: smp_mb has no value"},
		{body("int r0 = READ_ONCE(x);"), "f:4: unsupported: an access to x, which is no shared word; write *pointer"},
		{body("x = 1;"), "f:4: unsupported: an assignment to parameter x; to store to the word, write *x"},
		{body("int r0 = &x;"), "f:4: unsupported: the address of a local variable or of a parameter"},
		{body("r0 = x->next;"), "f:4: unsupported: a member of a struct"},
		{body("atomic_inc(x); WRITE_ONCE(*y, 1);\nsmp_mb__after_atomic();"), "f:5: unsupported: smp_mb__after_atomic that does not follow an atomic operation that stores at once"},
		{body("smp_mb__before_atomic(); WRITE_ONCE(*y, 1);\natomic_inc(x);"), "f:4: unsupported: smp_mb__before_atomic with an access between it and the atomic operation"},
		{body("spin_lock(l); WRITE_ONCE(*y, 1);\nsmp_mb__after_spinlock();"), "f:5: unsupported: smp_mb__after_spinlock that does not follow spin_lock at once"},
	} {
		_, err := litmus.Parse("f", c.text)
		if assert.Error(t, err, c.text) {
			assert.Equal(t, c.want, err.Error(), c.text)
		}
	}
}

// outcomes returns the final states of a test under a model.
func outcomes(t *testing.T, text string, o litmus.Options) []string {
	t.Helper()
	test, err := litmus.Parse("f", text)
	require.NoError(t, err, text)
	var all []string
	for _, v := range runModel(t, test, o).Finals {
		all = append(all, test.FinalState(v))
	}
	return all
}

// TestLanguage runs one process, of which each statement has one outcome.
func TestLanguage(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`int r0 = 1 + 2 * 3; int r1 = r0 == 7 ? 4 : 5; WRITE_ONCE(*x, r0 - r1);`, "[x]=3;"},
		{`int r0 = 6 & 3 | 8; r0 += 1; r0++; WRITE_ONCE(*x, r0);`, "[x]=12;"},
		{`if (READ_ONCE(*x) == 0 && READ_ONCE(*y) == 5) WRITE_ONCE(*x, 9); else { WRITE_ONCE(*x, 8); }`, "[x]=9;"},
		{`if (READ_ONCE(*x) || !READ_ONCE(*y)) { } else if (1) WRITE_ONCE(*x, 4);`, "[x]=4;"},
		{`*x = *y + 1;`, "[x]=6;"},
		{`int *p; p = y; rcu_assign_pointer(*x, p); WRITE_ONCE(*x, READ_ONCE(*p));`, "[x]=5;"},
		{`rcu_assign_pointer(*(char **)x, (char *)y);`, "[x]=y;"},
		{`int r0 = xchg(y, 7); WRITE_ONCE(*x, r0 * 10 + READ_ONCE(*y));`, "[x]=57;"},
		{`int r0 = cmpxchg(y, 5, 6); int r1 = cmpxchg_acquire(y, 5, 7); WRITE_ONCE(*x, r0 * 10 + r1);`, "[x]=56;"},
		{`WRITE_ONCE(*x, atomic_add_return(2, y) * 10 + atomic_fetch_sub_release(3, y));`, "[x]=77;"},
		{`WRITE_ONCE(*x, atomic_dec_and_test(y) + atomic_sub_and_test(4, y) * 2 + atomic_add_negative(-1, y) * 4);`, "[x]=6;"},
		{`WRITE_ONCE(*x, atomic_add_unless(y, 1, 5) + atomic_inc_not_zero(y) * 2); atomic_andnot(2, y);`, "[x]=2;"},
		{`spin_lock(l); int r0 = spin_is_locked(l); int r1 = spin_trylock(l); spin_unlock(l); WRITE_ONCE(*x, 100 + r0 * 10 + r1);`, "[x]=110;"},
		{`int r0 = srcu_read_lock(s); srcu_read_unlock(s, r0); synchronize_srcu(s); rcu_read_lock(); rcu_read_unlock(); synchronize_rcu(); smp_store_mb(*x, 3);`, "[x]=3;"},
		{`rcu_read_lock(); synchronize_rcu(); rcu_read_unlock();`, ""},
	} {
		text := "C t\n{ int y = 5; }\nP0(int *x, int *y, spinlock_t *l, struct srcu_struct *s) {\n" + c.text + "\n}\nexists (x=1)\n"
		for _, m := range []memory.Model{memory.SC, memory.TSO, memory.LKMM} {
			assert.Equal(t, c.want, strings.Join(outcomes(t, text, litmus.Options{Model: m}), " "), "%s under %s", c.text, m)
		}
	}
}

// TestClauses tries conditions, locations and filters, and what is printed of them.
func TestClauses(t *testing.T) {
	text := func(clauses string) string {
		return "C t\n\"a string\"\nCom=Rf Fr\n{ x=1; int *p=&x; 1:r1=4; }\nP0(int *x) { WRITE_ONCE(*x, 2); }\nP1(int *x, int *p) { r0 = READ_ONCE(*x); }\n" + clauses
	}
	for _, c := range []struct{ clauses, verdict, condition string }{
		{"exists (1:r0=1 /\\ x=2)", "Sometimes", "(1:r0=1 /\\ [x]=2)"},
		{"exists (not (1:r0=1) /\\ ~(1:r0=2))", "Never", "(not (1:r0=1) /\\ ~ (1:r0=2))"},
		{"~exists (1:r0=3 \\/ false)", "Never", "(1:r0=3 \\/ false)"},
		{"forall (1:r0=1 \\/ 1:r0=2)", "Always", "(1:r0=1 \\/ 1:r0=2)"},
		{"forall (1:r0=1 => x=2);", "Always", "(1:r0=1 => [x]=2)"},
		{"filter (1:r0=2) exists (1:r0=1)", "Never", "(1:r0=1)"},
		{"locations [1:r1; p;] exists (p=x /\\ 1:r1=4)", "Always", "([p]=x /\\ 1:r1=4)"},
		{"exists (P1:r0=1 /\\ [x]=2 /\\ 1:r1 != 5 /\\ true)", "Sometimes", "(P1:r0=1 /\\ [x]=2 /\\ 1:r1!=5 /\\ true)"},
	} {
		test, err := litmus.Parse("f", text(c.clauses))
		if assert.NoError(t, err, c.clauses) {
			r := runModel(t, test, lkmm)
			assert.Equal(t, c.verdict, r.Verdict(), c.clauses)
			assert.Equal(t, c.condition, test.CondText)
		}
	}
}

// TestReport wants what herd7 writes.
func TestReport(t *testing.T) {
	test, err := litmus.Parse("f", "C SB\n{}\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); r0 = READ_ONCE(*y); }\n"+
		"P1(int *x, int *y) { WRITE_ONCE(*y, 1); r0 = READ_ONCE(*x); }\nlocations [x]\nexists (0:r0=0 /\\ 1:r0=0)\n")
	require.NoError(t, err)
	var b strings.Builder
	test.Write(&b, runModel(t, test, litmus.Options{Model: memory.TSO}))
	assert.Equal(t, `Test SB Allowed
States 4
0:r0=0; 1:r0=0; [x]=1;
0:r0=0; 1:r0=1; [x]=1;
0:r0=1; 1:r0=0; [x]=1;
0:r0=1; 1:r0=1; [x]=1;
Ok
Witnesses
Positive: 1 Negative: 3
Condition exists (0:r0=0 /\ 1:r0=0)
Observation SB Sometimes 1 3
`, b.String())
}

// TestRaces wants plain accesses that race to be flagged, and no others.
func TestRaces(t *testing.T) {
	for _, c := range []struct {
		p0, p1 string
		raced  bool
	}{
		{"*x = 1;", "r0 = *x;", true},
		{"*x = 1;", "r0 = READ_ONCE(*x);", true},
		{"WRITE_ONCE(*x, 1);", "r0 = READ_ONCE(*x);", false},
		{"*x = 1; smp_store_release(y, 1);", "r0 = smp_load_acquire(y); if (r0) r1 = *x;", false},
		{"*x = 1; smp_wmb(); WRITE_ONCE(*y, 1);", "r0 = READ_ONCE(*y); smp_rmb(); if (r0) r1 = *x;", false},
		{"*x = 1; WRITE_ONCE(*y, 1);", "r0 = smp_load_acquire(y); if (r0) r1 = *x;", true},
		{"spin_lock(l); *x = 1; spin_unlock(l);", "spin_lock(l); *x = 2; spin_unlock(l);", false},
	} {
		test, err := litmus.Parse("f", "C t\n{}\nP0(int *x, int *y, spinlock_t *l) {"+c.p0+"}\nP1(int *x, int *y, spinlock_t *l) {"+c.p1+"}\nexists (x=1)\n")
		require.NoError(t, err)
		assert.Equal(t, c.raced, runModel(t, test, lkmm).Raced, "%s | %s", c.p0, c.p1)
	}
}
