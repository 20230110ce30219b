package masks_test

import (
	"fmt"
	"strconv"

	"ptsim/internal/masks"
	"ptsim/pgalloc"
)

// observed puts a row of a table in the oracle's terms.
func observed(r masks.Row) answer {
	if !r.Possible {
		return answer{}
	}
	a := answer{possible: true, next: decode(uint8(r.Next), r.Active), lock: r.Locked, mm: r.Pin}
	for _, s := range r.Path[:max(len(r.Path)-1, 0)] {
		a.between = append(a.between, decode(uint8(s.Mask), s.Active))
	}
	a.list = map[masks.ListAction]string{masks.ListAddHead: "add head", masks.ListAddTail: "add tail", masks.ListDel: "del"}[r.List]
	switch r.RCU {
	case masks.RCUBatch:
		a.rcu = "batch"
	case masks.RCUHead:
		a.rcu = r.Callback
	case masks.RCUChain:
		a.rcu = "chain " + r.Callback
	case masks.RCUWait:
		a.rcu = "wait"
	}
	a.release = map[masks.Release]string{masks.ReleaseNow: "now", masks.ReleaseLater: "after a grace period"}[r.Release]
	return a
}

// compare lists every point on which the oracle and the allocator disagree about a table, and counts the questions.
func compare(t *masks.Table) (disagreements []string, questions int) {
	o := oracle{string(t.Info.Variant), string(t.Pin)}
	ask := func(about, what string, oracle, allocator any) {
		questions++
		if fmt.Sprint(oracle) != fmt.Sprint(allocator) {
			disagreements = append(disagreements, fmt.Sprintf("%s: %s: oracle %v, allocator %v", about, what, oracle, allocator))
		}
	}
	row := func(about string, want, have answer) {
		ask(about, "possible", want.possible, have.possible)
		if !want.possible || !have.possible {
			return
		}
		ask(about, "next", want.next, have.next)
		ask(about, "on the way", want.between, have.between)
		ask(about, "list", want.list, have.list)
		ask(about, "RCU", want.rcu, have.rcu)
		ask(about, "release", want.release, have.release)
		ask(about, "takes the lock", want.lock, have.lock)
		ask(about, "mm_count", want.mm, have.mm)
	}
	for _, s := range t.States {
		p := decode(uint8(s.Mask), s.Active)
		about := fmt.Sprintf("%02x %v", uint8(s.Mask), p)
		ask(about, "legal", o.legal(p), s.Legal)
		ask(about, "on the list", o.listed(p), s.Listed)
		ask(about, "a reason if not legal", !o.legal(p), s.Why != "")
	}
	row("a fresh page", o.born(), observed(t.Birth))
	ask("a fresh page", "violations and warnings", []string{}, t.Birth.Trouble)
	for _, r := range t.Rows {
		s := t.States[r.State]
		p := decode(uint8(s.Mask), s.Active)
		about := fmt.Sprintf("%s %d of %02x %v", r.Op, r.Half, uint8(s.Mask), p)
		want := o.ask(p, r.Op.String(), strconv.Itoa(int(r.Half)))
		row(about, want, observed(r))
		ask(about, "a reason if not possible", !want.possible, r.WhyNot != "")
		ask(about, "violations and warnings", []string{}, r.Trouble)
		if want.possible && want.release == "" {
			ask(about, "on the list afterwards", o.listed(want.next), r.Listed)
		}
	}
	return disagreements, questions
}

// tables calls f for every variant, and every pin of the pinned one.
func tables(f func(pgalloc.Variant, pgalloc.Pin)) {
	for _, i := range pgalloc.Variants() {
		if i.Variant != pgalloc.Pinned {
			f(i.Variant, "")
			continue
		}
		for _, pin := range pgalloc.Pins() {
			f(i.Variant, pin)
		}
	}
}
