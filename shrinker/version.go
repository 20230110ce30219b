package shrinker

import (
	"fmt"
	"slices"

	"ptsim/kern"
)

// version is one version of the protocol. The methods that have a kernel function's name are below it.
type version interface {
	lock(c *kern.CPU)   // what protects shrinker_list and shrinker_idr
	unlock(c *kern.CPU) //
	register(c *kern.CPU, sh Shrinker)
	free(c *kern.CPU, sh Shrinker)
	shrink(c *kern.CPU) uint32
	shrinkMemcg(c *kern.CPU) uint32
}

// Variant names a version, or what is broken about v6.7.
type Variant string

// The versions, in the order of their publication, and the variants of v6.7.
const (
	RWSem       Variant = "v6.6"
	Patch03     Variant = "03/47"
	V1          Variant = "v1"
	V2          Variant = "v2"
	Merged      Variant = "v6.7"
	KmemPut     Variant = "kmem-put"
	LookAfter   Variant = "look-after-clear"
	NoWait      Variant = "no-wait"
	LookAgain   Variant = "look-again"
	OwnerLeaves Variant = "owner-leaves"
	PlainKfree  Variant = "plain-kfree"
	Barrier     Variant = "rcu-barrier"
	Sync        Variant = "synchronize-rcu"
	PutFirst    Variant = "put-first"
	UnlinkFirst Variant = "unlink-first"
	DecOnly     Variant = "refcount-dec"
	DecWarns    Variant = "refcount-dec-warns"
	InsideRCU   Variant = "inside-rcu"
	WMB         Variant = "wmb"
	RMB         Variant = "rmb"
	BothMB      Variant = "wmb-rmb"
	Acquire     Variant = "release-acquire"
)

// Info says what a variant is.
type Info struct {
	Variant Variant
	Year    int
	Source  string // where it was published
	About   string
	Flawed  string // what is known to be wrong with it, "it" left out: "sleeps in a reader"; "" if nothing is
}

var infos = []Info{
	{RWSem, 2023, "v6.6, mm/shrinker.c", "walkers hold shrinker_rwsem as readers; registering and unregistering hold it as a writer", ""},
	{V1, 2023, "[PATCH 24/29] and 25/29, 22 June 2023", "a reference count and RCU; unregister_shrinker() waits for the last put", "leaves its reader twice in the walk of a memcg with kmem off, and keeps a reference; and clears the bit of an id that a shrinker is just getting"},
	{Patch03, 2023, "[PATCH v2 03/47], 24 July 2023", "v6.6 with shrinkers that are allocated separately and freed by kfree()", ""},
	{V2, 2023, "[PATCH v2 44/47] and 45/47, 24 July 2023", "whoever puts the last reference unlinks and frees; nobody waits", "lets the super_block be freed while its callback runs"},
	{Merged, 2023, "v6.7, ca1d36b823944f24b5755311e95883fb5fdb807b and the commit after it", "a reference count and RCU; shrinker_free() waits, unlinks, and frees after a grace period", "keeps a reference in the walk of a memcg with kmem off, so that shrinker_free() waits for ever; and clears the bit of a shrinker that is just being registered"},
	{KmemPut, 2026, "mm/shrinker: fix refcount leak in shrink_slab_memcg()", "v6.7 with a put where kmem is off", "clears the bit of a shrinker that is just being registered"},
	{LookAfter, 0, "", "kmem-put that looks for the shrinker once more after it has cleared its bit", ""},
	{NoWait, 0, "", "v6.7 whose shrinker_free() does not wait", "lets the super_block be freed while its callback runs"},
	{LookAgain, 0, "", "no-wait whose walker checks under shrinker_mutex whether the shrinker is still registered", "releases the mutex before the callback runs, and what it saw is true only until then"},
	{OwnerLeaves, 0, "", "v2 in which whoever puts the last reference frees the super_block, too", "keeps a reference in the walk of a memcg with kmem off, and clears the bit of a shrinker that is just being registered"},
	{PlainKfree, 0, "", "v6.7 with the kfree() of 03/47 in place of call_rcu()", "frees a shrinker while a walker that gets no reference stands on it"},
	{Barrier, 2023, "Peter Zijlstra, 24 July 2023, of 03/47", "the same, with rcu_barrier() before the kfree()", "waits for callbacks, and a walker is not a callback"},
	{Sync, 0, "", "the same, with synchronize_rcu() before the kfree()", "walks the map of a memcg as v6.7 does"},
	{PutFirst, 0, "", "v6.7 whose walker drops its reference before it enters the reader again", "reads next of a shrinker that was freed"},
	{UnlinkFirst, 0, "", "v6.7 whose shrinker_free() unlinks before it waits", "follows a next that leads to freed memory, with two owners at once"},
	{DecOnly, 2023, "Dave Chinner's sketch, 26 July 2023", "v6.7 that drops the first reference with atomic_dec(), where shrinker_put() was meant", "never calls complete() if no walker holds a reference"},
	{DecWarns, 2023, "Dave Chinner's sketch, 26 July 2023", "the same, literally: with refcount_dec()", "warns that the shrinker leaks, since refcount_dec() may not drop the last reference"},
	{InsideRCU, 0, "", "v6.7 that calls do_shrink_slab() inside the reader", "sleeps in a reader"},
	{WMB, 2023, "Dave Chinner, 26 July 2023", "v6.7 with smp_wmb() before refcount_set()", "lets the walker's reads come before its try_get, under a weak memory model"},
	{RMB, 0, "", "v6.7 with smp_rmb() after shrinker_try_get()", "lets the fields be written after the count, under a weak memory model"},
	{BothMB, 0, "", "v6.7 with both barriers", "walks the map of a memcg as v6.7 does"},
	{Acquire, 0, "", "v6.7 with refcount_set_release() and an acquire try_get", "walks the map of a memcg as v6.7 does"},
}

// Variants returns what there is: the versions in the order of publication, then the variants of v6.7.
func Variants() []Info { return append([]Info(nil), infos...) }

// Info returns what the variant is.
func (v Variant) Info() Info {
	for _, i := range infos {
		if i.Variant == v {
			return i
		}
	}
	return Info{Variant: v}
}

// newVersion makes a version and registers its callback.
func newVersion(s *System) (version, error) {
	if !slices.ContainsFunc(infos, func(i Info) bool { return i.Variant == s.cfg.Variant }) {
		return nil, fmt.Errorf("shrinker: unknown version %q", s.cfg.Variant)
	}
	s.freeRCU = s.m.RegisterFunc("shrinker_free_rcu_cb", s.ShrinkerFreeRCUCb)
	m := merged{s}
	switch s.cfg.Variant {
	case RWSem:
		return rwsem{s}, nil
	case Patch03:
		return patch03{rwsem{s}}, nil
	case V1:
		return v1{s}, nil
	case V2:
		return v2{System: s}, nil
	case KmemPut:
		return kmemPut{m}, nil
	case LookAfter:
		return lookAfterClear{kmemPut{m}}, nil
	case NoWait:
		return noWait{m}, nil
	case LookAgain:
		return lookAgain{noWait{m}}, nil
	case OwnerLeaves:
		return v2{System: s, owner: true}, nil
	case PlainKfree:
		return plainKfree{merged: m}, nil
	case Barrier:
		return plainKfree{merged: m, barrier: true}, nil
	case Sync:
		return plainKfree{merged: m, sync: true}, nil
	case PutFirst:
		return putFirst{m}, nil
	case UnlinkFirst:
		return unlinkFirst{m}, nil
	case DecOnly:
		return refcountDec{merged: m}, nil
	case DecWarns:
		return refcountDec{merged: m, warns: true}, nil
	case InsideRCU:
		return insideRCU{m}, nil
	case WMB:
		return barriers{merged: m, wmb: true}, nil
	case RMB:
		return barriers{merged: m, rmb: true}, nil
	case BothMB:
		return barriers{merged: m, wmb: true, rmb: true}, nil
	case Acquire:
		return barriers{merged: m, acquire: true}, nil
	}
	return m, nil
}

// ownsDeferred tells whether nr_deferred goes with the callback. In v1 and v2 it has gone before.
func (s *System) ownsDeferred() bool {
	return s.cfg.Variant != V1 && s.cfg.Variant != V2 && s.cfg.Variant != OwnerLeaves
}
