package pagetable_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
)

// base is a scenario to put one thing wrong into: lines go to the setup, to the task or to the end.
const base = `title T
mm 1
page 1 t0 t1
page 1 k -
file f
vma v f 1 t0
SETUP
task a
take v -> x
free x
free t1
TASK
finally
alive 1
kept k
END`

func with(setup, task, end string) string {
	return strings.NewReplacer("SETUP", setup, "TASK", task, "END", end).Replace(base)
}

func TestErrors(t *testing.T) {
	_, err := scenario.Parse("ok.scn", with("", "", ""))
	require.NoError(t, err)
	long := strings.Repeat("x", scenario.MaxName+1)
	for _, c := range []struct{ text, want string }{
		// the file
		{"", `f.scn: no title; expected "title" and a few words`},
		{"title T", `f.scn: no task; expected at least one, such as "task exit"`},
		{"title T\ntitle U", "f.scn:2: title a second time, after line 1; expected it once"},
		{"title", `f.scn:1: title of nothing; expected "title TEXT"`},
		{"title caf\u00e9", "f.scn:1: byte 0xc3 is no printable ASCII; expected a text file"},
		{"title T\n\x00", "f.scn:2: byte 0x00 is no printable ASCII; expected a text file"},
		{"about " + strings.Repeat("x", scenario.MaxLine), "f.scn:1: line too long; expected at most 8192 bytes"},
		{strings.Repeat("\n", scenario.MaxText+1), "f.scn: more than 65536 bytes of text; expected at most 65536"},
		{strings.Repeat("about\n", 200), "f.scn:129: too much about; expected at most 128 lines"},
		// directives
		{"titel T", `f.scn:1: unknown word "titel" (did you mean title?); expected one of lab, title, about, variant, `},
		{"free t1", `f.scn:1: the operation free outside a task; expected "task" and a name before it`},
		{"variant best", `f.scn:1: unknown variant "best"; expected one of classic, rfc-as-posted, `},
		{"pin none", `f.scn:1: unknown pin "none"; expected one of half, table, `},
		{"softirqs 0", `f.scn:1: "0" softirq CPUs; expected 1 to 8, or "cpu"`},
		{"softirqs 99999999999999999999", `f.scn:1: "99999999999999999999" softirq CPUs; expected`},
		{"grace soon", `f.scn:1: unknown grace mode "soon"; expected "precise" or "any"`},
		{"expect bad", `f.scn:1: unknown verdict "bad" (did you mean bad-handout?); expected "safe", or "violated" and`},
		{"expect violated none", `f.scn:1: unknown verdict "violated none"; expected`},
		{"expect violated kind(99)", `f.scn:1: unknown verdict "violated kind(99)"; expected`},
		{"batch -1", `f.scn:1: "-1" tables in a batch; expected 1 to 16`},
		{"without lock", `f.scn:1: "without lock"; expected "without lazy-flush"`},
		{"schedule", `f.scn:1: schedule of nothing; expected "schedule STRING"`},
		// the start
		{with("mm", "", ""), `f.scn:7: "mm"; expected "mm N [users COUNT] [pgste]"`},
		{with("mm one", "", ""), `f.scn:7: "one" is no number of an mm; expected 1 to 99`},
		{with("mm 0", "", ""), `f.scn:7: "0" is no number of an mm; expected 1 to 99`},
		{with("mm 2 users", "", ""), `f.scn:7: "mm 2 users"; expected "mm N [users COUNT] [pgste]"`},
		{with("mm 2 users 17", "", ""), `f.scn:7: "17" users; expected 0 to 16`},
		{with("mm 2 pgste pgste", "", ""), `f.scn:7: "mm 2 pgste pgste"; expected "mm N`},
		{with("mm 1", "", ""), "f.scn:7: mm 1 a second time; expected a new name; line 2 gave this one"},
		{with("mm 2", "", ""), `f.scn:7: mm 2 still has 1 user and 0 other references; expected an mmput or mmdrop for each, or "alive 2"`},
		{with("mm 2 users 0", "", ""), `f.scn:7: mm 2 still has 0 users and 1 other reference; expected`},
		{with("page 1", "", ""), `f.scn:7: "page 1"; expected "page N TABLE|- [TABLE|-]"`},
		{with("page 1 - -", "", ""), "f.scn:7: a page without a table, which would be free; expected a table in it"},
		{with("page 2 a b", "", ""), `f.scn:7: no mm 2 at the start; expected "mm 2"`},
		{with("page 1 1 -", "", ""), `f.scn:7: "1" is no name; expected letters, digits and _, not digits alone, such as t1`},
		{with("page 1 "+long+" -", "", ""), `f.scn:7: "` + long + `" is no name; expected`},
		{with("page 1 a a", "", ""), "f.scn:7: table a a second time; expected a new name; line 7 gave this one"},
		{with("page 1 t1", "", ""), "f.scn:7: table t1 a second time; expected a new name; line 3 gave this one"},
		{with("page 1 a", "", ""), `f.scn:7: nobody releases table a; expected an operation that does, or "kept a" in the finally section`},
		{with("mm 2 pgste\npage 2 a b", "", ""), "f.scn:8: two halves of a page of mm 2, whose tables have PGSTEs and a page each; expected one table"},
		{with("mm 2 pgste\npage 2 - b", "", ""), "f.scn:8: two halves of a page of mm 2"},
		{with("file", "", ""), `f.scn:7: "file"; expected "file NAME"`},
		{with("file f", "", ""), "f.scn:7: file f a second time; expected a new name; line 5 gave this one"},
		{with("vma w f", "", ""), `f.scn:7: "vma w f"; expected "vma NAME FILE N TABLE|-"`},
		{with("vma v f 1 -", "", ""), "f.scn:7: vma v a second time; expected a new name; line 6 gave this one"},
		{with("vma w g 1 -", "", ""), `f.scn:7: no file g; expected "file g"`},
		{with("vma w f 2 -", "", ""), `f.scn:7: no mm 2; expected "mm 2", or a fork that makes it`},
		{with("vma w f 1 no", "", ""), "f.scn:7: no table no; expected a table of one of the pages"},
		{with("vma w f 1 t0", "", ""), "f.scn:7: table t0, which is under vma v; expected a table of its own"},
		{with("mm 2\nvma w f 2 t1", "", ""), "f.scn:8: table t1, which is one of mm 1; expected a table of mm 2"},
		{with("page 1 a\nvma w f 1 a", "", ""), "f.scn:8: nobody takes the table under vma w; expected a take or retract of it"},
		{with(strings.Repeat("file g\n", 40), "", ""), "f.scn:38: too many files; expected at most 32"},
		// tasks
		{with("task", "", ""), `f.scn:7: "task"; expected "task NAME [on cpuN] [may fail]"`},
		{with("task b may", "", ""), `f.scn:7: "task b may"; expected "task NAME [on cpuN] [may fail]"`},
		{with("task b on 1", "", ""), `f.scn:7: "task b on 1"; expected "task NAME [on cpuN] [may fail]"`},
		{with("task b on cpu-1\nipi", "", ""), `f.scn:7: "task b on cpu-1"; expected "task NAME [on cpuN] [may fail]"`},
		{with("task b on cpu2 may fail\nipi", "", ""), "f.scn:7: task b is on cpu2; expected cpu0 to cpu1: 2 tasks need no more"},
		{with("task b", "", ""), "f.scn:7: task b does nothing; expected an operation"},
		{with("", "task a\nipi", ""), "f.scn:12: task a a second time; expected a new name; line 8 gave this one"},
		{with("", "mm 2", ""), "f.scn:12: mm inside a task; expected it before the first task"},
		{with("", "pin half", ""), "f.scn:12: pin inside a task; expected it before the first task"},
		{with("", "jump", ""), `f.scn:12: unknown operation "jump"; expected one of alloc, free, `},
		{with("", "free", ""), `f.scn:12: "free"; expected "free TABLE"`},
		{with("", "alloc 1 - x", ""), `f.scn:12: "alloc 1 - x"; expected "alloc N -> TABLE"`},
		{with("", "alloc 1 -> 5", ""), `f.scn:12: "5" is no name; expected`},
		{with("", "alloc 2 -> y", ""), `f.scn:12: no mm 2; expected "mm 2"`},
		{with("", "alloc 1 -> t1", ""), "f.scn:12: table t1 a second time; expected a new name; line 3 gave this one"},
		{with("", "alloc 1 -> x", ""), "f.scn:12: table x a second time; expected a new name; line 9 gave this one"},
		{with("", "alloc 1 -> y", ""), "f.scn:12: task a does not release y; expected an operation that does"},
		{with("", "free t1", ""), "f.scn:12: t1, which the task has no more; expected a table that it has"},
		{with("", "free x", ""), "f.scn:12: x, which the task has no more; expected a table that it has"},
		{with("", "free y", ""), "f.scn:12: no table y; expected a table of one of the pages, or a name given before"},
		{with("", "free t0", ""), `f.scn:12: t0, which is under vma v; expected "take v -> NAME", and that name`},
		{with("", "task b\nfree t1", ""), "f.scn:13: t1, which line 11 releases; expected each table once"},
		{with("", "free k", ""), "f.scn:15: table k kept, which line 12 releases; expected a table that no task releases"},
		{with("", "flush", ""), `f.scn:12: flush, and no gather is open; expected "tlbfree TABLE" before it`},
		{with("page 1 a", "tlbfree a", ""), `f.scn:12: task a ends with the gather open; expected "flush"`},
		{with("mm 2\npage 1 a\npage 2 b", "tlbfree a\ntlbfree b\nflush\nmmput 2", ""), `f.scn:15: a table of mm 2, while the gather is one of mm 1; expected "flush" before it`},
		{with("", "down_read g", ""), `f.scn:12: no file g; expected "file g"`},
		{with("", "down_read f", ""), "f.scn:8: task a ends with the i_mmap_rwsem of f taken; expected an up_read or up_write"},
		{with("", "down_read f\ndown_read f", ""), `f.scn:13: down_read f, while the task holds it by a down_read; expected "up_read f" before it`},
		{with("", "down_write f\ndown_read f", ""), `f.scn:13: down_read f, while the task holds it by a down_write; expected "up_write f" before it`},
		{with("", "down_read f\ndown_write f", ""), `f.scn:13: down_write f, while the task holds it by a down_read; expected "up_read f" before it`},
		{with("file g", "down_read f\ndown_write g\nup_read g", ""), "f.scn:14: up_read g after down_write; expected the other up"},
		{with("file g", "down_read g\ndown_read f\nup_read g", ""), "f.scn:8: task a ends with the i_mmap_rwsem of f taken; expected an up_read or up_write"},
		{with("file g", "down_read g\ndown_read f", ""), "f.scn:8: task a ends with the i_mmap_rwsem of f taken; expected an up_read or up_write"},
		{with("file g", "down_read g\nretract v -> y\nfree y\nup_read g", ""), `f.scn:13: retract without the i_mmap_rwsem; expected "down_read f" before it`},
		{with("file g", "down_write f\neither\ndown_write g\nor\nend", ""), "f.scn:13: the branches differ in the semaphores they take; expected the same in each"},
		{with("", "up_write f", ""), "f.scn:12: up_write f, which the task does not hold; expected a down_read or down_write before it"},
		{with("", "down_read f\nup_write f", ""), "f.scn:13: up_write f after down_read; expected the other up"},
		{with("", "rcu_read_lock\ndown_read f", ""), "f.scn:13: down_read f, which sleeps, inside rcu_read_lock; expected it outside rcu_read_lock"},
		{with("", "rcu_read_lock\nsynchronize_rcu", ""), "f.scn:13: synchronize_rcu, which waits for readers, inside rcu_read_lock; expected it outside rcu_read_lock"},
		{with("", "rcu_read_unlock", ""), `f.scn:12: rcu_read_unlock outside rcu_read_lock; expected "rcu_read_lock" before it`},
		{with("", "rcu_read_lock", ""), `f.scn:12: task a ends inside rcu_read_lock; expected "rcu_read_unlock"`},
		{with("", "look v -> y\nread y", ""), `f.scn:13: read outside rcu_read_lock; expected "rcu_read_lock" before it`},
		{with("", "rcu_read_lock\nread y\nrcu_read_unlock", ""), "f.scn:13: no table y to read; expected the name that a look gave"},
		{with("", "look v -> y\nfree y", ""), "f.scn:13: y, which the task only looks at; expected take or retract in place of look"},
		{with("", "retract v -> y\nfree y", ""), `f.scn:12: retract without the i_mmap_rwsem; expected "down_read f" before it`},
		{with("", "take w -> y", ""), `f.scn:12: no vma w; expected "vma w FILE N TABLE"`},
		{with("", "down_read f\nunlink v\nup_read f", ""), `f.scn:13: unlink v without the i_mmap_rwsem taken to write; expected "down_write f" before it`},
		{with("", "install v t1", ""), "f.scn:12: install of t1, which the task does not have; expected a table that the task allocated"},
		{with("mm 2", "alloc 2 -> y\ninstall v y\nfree y\nmmput 2", ""), "f.scn:13: install of a table of mm 2; expected a table of mm 1"},
		{with("", "lazyflush 2", ""), `f.scn:12: no mm 2; expected "mm 2"`},
		{with("without lazy-flush", "lazyflush 1", ""), `f.scn:12: lazyflush; expected a scenario not "without lazy-flush"`},
		{with("", "fork 1 -> 1", ""), "f.scn:12: mm 1 a second time; expected a new name; line 2 gave this one"},
		{with("", "mmput 2\nfork 1 -> 2", ""), `f.scn:12: mm 2 is not made yet; expected "fork N -> 2" before it`},
		{with("", "fork 1 -> 2", ""), "f.scn:12: mm 2 still has 1 user and 0 other references; expected an mmput"},
		{with("", "fork 1 -> 2\nmmput 2\nmmput 2", ""), "f.scn:14: mm 2, which the task has dropped; expected an mm that it has"},
		{with("", "fork 1 -> 2\nmmput 2\nalloc 2 -> y\nfree y", ""), "f.scn:14: mm 2, which the task has dropped; expected an mm that it has"},
		{with("", "fork 1 -> 2\nmmdrop 2", ""), "f.scn:13: mmdrop 2, and mm 2 has no such reference left; expected one for each reference"},
		{with("", "fork 1 -> 2\nmmput 2\ntask b\nmmget 2", ""), "f.scn:15: mm 2, which only task a knows; expected an mm of the start, or of its own"},
		{with("", "either\nfork 1 -> 2\nor\nend", ""), "f.scn:13: fork in a branch; expected it outside an either"},
		{with("", "mmput 1\nmmput 1", ""), "f.scn:2: too many mmputs or mmdrops of mm 1; expected one for each reference"},
		{with("", "mmput 1", ""), "f.scn:2: mm 1 alive, all of whose references are dropped; expected a reference that is left"},
		{with("", strings.Repeat("ipi\n", 64), ""), "f.scn:73: too many operations in a task; expected at most 64"},
		{with("", strings.Repeat("task b\nipi\n", 9), ""), "f.scn:26: too many tasks; expected at most 8"},
		{with("", "alloc 1 -> a\nfree a\n"+strings.Repeat("alloc 1 -> b\nfree b\n", 1)+"alloc 1 -> c\nfree c\nalloc 1 -> d\nfree d\n"+
			"alloc 1 -> e\nfree e\nalloc 1 -> g\nfree g\nalloc 1 -> h\nfree h\nalloc 1 -> i\nfree i", ""), "f.scn:26: too many names in a task; expected at most 8"},
		// branches
		{with("", "or", ""), `f.scn:12: or outside an either; expected "either" before it`},
		{with("", "end", ""), `f.scn:12: end outside an either; expected "either" before it`},
		{with("", "either\nend", ""), `f.scn:13: an either of one branch; expected "or" before it`},
		{with("", "either\nipi\nor\neither", ""), `f.scn:15: an either inside an either; expected "end" before it`},
		{with("", "either x", ""), `f.scn:12: "either x"; expected "either"`},
		{with("", "either\nor\nor\nor\nor", ""), "f.scn:16: too many branches; expected at most 4"},
		{with("", "either\nipi\nor\nipi", ""), `f.scn:16: the finally section begins inside an either; expected "end"`},
		{"title T\ntask a\neither", `f.scn:3: the file ends inside an either; expected "end"`},
		{with("page 1 a", "either\nfree a\nor\nipi\nend", ""), "f.scn:12: the branches differ in what becomes of a; expected the same in each"},
		{with("", "alloc 1 -> y\neither\nor\nfree y\nend", ""), "f.scn:13: the branches differ in what becomes of y; expected the same in each"},
		{with("page 1 a", "either\ntlbfree a\nor\nfree a\nend", ""), "f.scn:12: the branches differ in whether the gather is open; expected the same in each"},
		{with("", "either\nalloc 1 -> y\nor\nend", ""), "f.scn:13: the branch does not release y; expected an operation that does"},
		{with("", "either\nmmget 1\nor\nend", ""), "f.scn:12: the branches differ in references to an mm; expected the same in each"},
		{with("", "either\ndown_read f\nor\nend", ""), "f.scn:12: the branches differ in the semaphores they take; expected the same in each"},
		{with("", "either\nrcu_read_lock\nor\nend", ""), "f.scn:12: the branches differ in rcu_read_lock; expected the same in each"},
		{with("page 1 a", "either\nfree a\nor\nfree a\nend\nfree a", ""), "f.scn:17: a, which the task has no more; expected a table that it has"},
		// the end
		{with("", "", "mm 2"), `f.scn:16: unknown word "mm"; expected one of freed, alive, kept`},
		{with("", "", "task b"), "f.scn:16: a task begins; expected nothing after the finally section"},
		{with("", "", "finally"), "f.scn:16: the finally section begins; expected nothing after the finally section"},
		{with("", "finally now", ""), `f.scn:12: "finally now"; expected "finally"`},
		{with("", "", "freed"), `f.scn:16: "freed"; expected "freed N"`},
		{with("", "", "freed 1"), "f.scn:16: the end of mm 1 a second time, after line 14; expected it once"},
		{with("", "", "freed 2"), "f.scn:16: no mm 2; expected one that there is"},
		{with("", "fork 1 -> 2\nmmput 2", "alive 2"), "f.scn:17: mm 2 alive, which only a task knows; expected one that is there at the start"},
		{with("", "", "kept"), `f.scn:16: "kept"; expected "kept TABLE"`},
		{with("", "", "kept x"), "f.scn:16: no table x; expected one that is there at the start"},
		{with("", "", "kept t0"), "f.scn:16: table t0 kept, which is under vma v; expected a table that no task takes"},
		{with("mm 2 users 0\npage 2 a", "mmdrop 2", "kept a"), `f.scn:17: table a kept, whose mm is freed; expected "alive 2"`},
	} {
		s, err := scenario.Parse("f.scn", c.text)
		if assert.Errorf(t, err, "%s", c.want) {
			assert.Nil(t, s)
			assert.Truef(t, strings.HasPrefix(err.Error(), c.want), "have %s\nwant %s", err, c.want)
			assert.NotContains(t, err.Error(), "\n")
			assert.IsType(t, &scenario.Error{}, err)
		}
	}
}

// A vma whose table is kept needs nobody to take it.
func TestKeptUnderAVMA(t *testing.T) {
	s := parse(t, "title T\nmm 1\npage 1 a\nfile f\nvma v f 1 a\ntask t\nipi\nfinally\nalive 1\nkept a")
	for _, v := range versions() {
		assert.Nil(t, start(t, s, v, nil).straight())
	}
}
