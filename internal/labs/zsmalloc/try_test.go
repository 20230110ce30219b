package zsmalloc

import (
	"testing"
	"os"

	"ptsim/explore"
	"ptsim/kern"
	"ptsim/zsmalloc"
)

func tasks(ts ...string) []Task { return nil }

func try(t *testing.T, name string, q Question, opt explore.Options, kinds ...kern.Kind) {
	m := q.Model(name)
	if os.Getenv("BUD")!="" { opt.Budget=2_000_000 }
	r, err := explore.Exhaustive(m, opt)
	if err != nil { t.Errorf("%s %s: %v", name, q.Variant, err); return }
	v := ""
	if r.Violation != nil { v = r.Violation.Sentence() }
	t.Logf("%-6s %-18s %-10s states %7d races %s %s %s", name, q.Variant, r.Verdict, r.States, r.Races, r.Why, v)
	for _, k := range kinds {
		r, err := explore.Shortest(m, opt, k)
		if err != nil { t.Errorf("%s: %v", name, err); return }
		v = ""
		sw, n := 0, 0
		if r.Violation != nil {
			v = r.Violation.Sentence()
			tr, err := explore.Replay(m, opt, r.Schedule, nil)
			if err != nil { t.Errorf("%v", err) ; return}
			sw, n = tr.Switches, tr.Count
		}
		t.Logf("        %-20s %-10s states %7d  %d (%d) %s", k, r.Verdict, r.States, n, sw, v)
	}
}

func TestTry(t *testing.T) {
	opt := explore.Defaults()
	free := Task{"zs_free", []Op{{Free, 0}}}
	mig := Task{"migrate", []Op{{Migrate, 0}}}
	mig1 := Task{"migrate", []Op{{Migrate, 1}}}
	fm := []Task{free, mig}
	try(t, "Z0", Question{Variant: zsmalloc.V68, Tasks: fm, Pinned: true}, opt)
	try(t, "Z0d", Question{Variant: zsmalloc.V68, Tasks: fm, Pinned: true, DebugVM: true}, opt)
	try(t, "Z0-2", Question{Variant: zsmalloc.V68, Pages: 2, Tasks: []Task{free, mig1}, Pinned: true}, opt)
	try(t, "Z0c", Question{Variant: zsmalloc.V617, Tasks: fm}, opt)
	try(t, "Z1", Question{Variant: zsmalloc.NoPageLock, Tasks: fm}, opt, kern.NullDeref, kern.UseAfterFree)
	try(t, "Z2", Question{Variant: zsmalloc.Seed, DebugVM: true, Tasks: []Task{free}}, opt, kern.PageLockNotHeld)
	try(t, "Z3", Question{Variant: zsmalloc.Seed, Tasks: fm}, opt, kern.NullDeref)
	try(t, "Z3b", Question{Variant: zsmalloc.KeepOps, Tasks: fm}, opt, kern.NoViolation)
	try(t, "Z4", Question{Variant: zsmalloc.NoReadLock, Tasks: fm}, opt, kern.UseAfterFree)
	try(t, "Z4b", Question{Variant: zsmalloc.EarlyUnread, Tasks: fm}, opt, kern.UseAfterFree)
	try(t, "Z5", Question{Variant: zsmalloc.NoListCheck, Tasks: fm}, opt, kern.NullDeref)
	try(t, "Z6", Question{Variant: zsmalloc.LockPage, Tasks: []Task{free}}, opt, kern.SleepInAtomic)
	lax := opt; lax.Lax = true
	try(t, "Z6l", Question{Variant: zsmalloc.LockPage, Tasks: fm}, lax, kern.Deadlock)
	try(t, "Z7", Question{Variant: zsmalloc.OldWorker, Pages: 2, Tasks: []Task{free, mig1}}, opt, kern.NullDeref, kern.DataRace)
	try(t, "Z7d", Question{Variant: zsmalloc.OldWorker, Pages: 2, DebugVM: true, Tasks: []Task{free, mig1}}, opt, kern.NullDeref, kern.PageLockNotHeld, kern.LockMisuse)
	try(t, "Z7-1", Question{Variant: zsmalloc.OldWorker, Tasks: fm}, opt)
	try(t, "Z8", Question{Variant: zsmalloc.NoIsolateCheck, Tasks: fm}, opt, kern.NullDeref)
	try(t, "Z8c", Question{Variant: zsmalloc.NoZspageCheck, Tasks: fm}, opt, kern.NullDeref)
	fd := []Task{{"owner", []Op{{Free, 0}, {Destroy, 0}}}, mig}
	try(t, "Z9", Question{Variant: zsmalloc.GraceDestroy, Tasks: fd}, opt, kern.NoViolation)
	try(t, "Z9h", Question{Variant: zsmalloc.HastyDestroy, Tasks: fd}, opt, kern.NoViolation)
	try(t, "Z9r", Question{Variant: zsmalloc.Repaired, Tasks: fd}, opt)
	try(t, "Z9-68", Question{Variant: zsmalloc.V68, Tasks: fd}, opt)
	try(t, "Z9-617", Question{Variant: zsmalloc.V617, Tasks: fd}, opt)
	try(t, "Z10", Question{Variant: zsmalloc.Seed, DebugVM: true, Setup: 2, Tasks: []Task{{"zs_malloc", []Op{{Alloc, 0}}}}}, opt, kern.NullDeref)
	try(t, "Z10n", Question{Variant: zsmalloc.Seed, Setup: 2, Tasks: []Task{{"zs_malloc", []Op{{Alloc, 0}, {Alloc, 0}}}}}, opt, kern.NoViolation)
	try(t, "Z10r", Question{Variant: zsmalloc.Repaired, DebugVM: true, Setup: 2, Tasks: []Task{{"zs_malloc", []Op{{Alloc, 0}}}}}, opt)
	dr := []Task{{"destroy", []Op{{Drain, 0}}}, {"putback", []Op{{Putback, 0}}}}
	for k := range zsmalloc.DrainKind(3) {
		try(t, "Z11", Question{Variant: zsmalloc.V68, Drain: k, Tasks: dr}, opt)
	}
	try(t, "Z12", Question{Variant: zsmalloc.Repaired, Tasks: fm}, opt)
	any := opt; any.Grace = explore.GraceAny
	try(t, "Z12a", Question{Variant: zsmalloc.Repaired, Tasks: fm}, any, kern.NoViolation)
	try(t, "Z12o", Question{Variant: zsmalloc.Ordered, Tasks: fm}, any)
	try(t, "Z12-2", Question{Variant: zsmalloc.Repaired, Pages: 2, Tasks: []Task{free, mig1}}, opt)
	try(t, "Z12late", Question{Variant: zsmalloc.LateGet, Tasks: fm}, opt, kern.NoViolation)
	try(t, "Z0b", Question{Variant: zsmalloc.OpenTarget, Tasks: fm}, opt, kern.NoViolation)
	try(t, "nest", Question{Variant: zsmalloc.NestedRead, Tasks: fm}, opt)
}
