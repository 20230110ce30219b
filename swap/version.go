package swap

import (
	"fmt"
	"slices"

	"ptsim/kern"
)

// version is one version of the protocol: where it differs from the others.
type version interface {
	allocSwapInfo(c *kern.CPU) Info
	enableSwapInfo(c *kern.CPU, si Info, swapMap kern.Addr) bool // false if the device is on already
	waitForUsers(c *kern.CPU, si Info)
	getSwapDevice(c *kern.CPU) Info
	putSwapDevice(c *kern.CPU, si Info)
	doSwapPage(c *kern.CPU) bool
	alive(c *kern.CPU, si Info) bool
	hasUsers() bool // a swap_info_struct that nobody has seen has an initialised percpu_ref
}

// Variant names a version, or what is broken about one.
type Variant string

// The versions, in the order of their publication, and the variants.
const (
	Validated      Variant = "v5.3"
	First          Variant = "v1"
	Replaced       Variant = "replaced"
	Backport       Variant = "v5.12.17"
	Merged         Variant = "v5.14"
	NoGraceOff     Variant = "no-grace-off"
	NoGraceOn      Variant = "no-grace-on"
	ValidRMB       Variant = "valid-rmb"
	ValidUnlocked  Variant = "valid-unlocked"
	NoRMB          Variant = "no-rmb"
	NoWait         Variant = "no-wait"
	NoSync         Variant = "no-sync"
	EarlyResurrect Variant = "early-resurrect"
	LateInit       Variant = "late-init"
	LateExit       Variant = "late-exit"
	InitAgain      Variant = "init-again"
	ReplacedNoRCU  Variant = "replaced-no-rcu"
)

// VariantInfo says what a variant is.
type VariantInfo struct {
	Variant Variant
	Year    int
	Source  string // where it was published
	About   string
	Flawed  string // what is known to be wrong with it, "it" left out: "sleeps in a reader"; "" if nothing is
}

var variants = []VariantInfo{
	{Validated, 2019, "v5.3, eb085574a752", "users are RCU readers; SWP_VALID, and a grace period in swapon and in swapoff", "lets do_swap_page(), which is no reader, read a device that is off"},
	{First, 2021, "Miaohe Lin, [PATCH 1/5] mm/swapfile: add percpu_ref support for swap, 8 April 2021", "a percpu_ref that each swapon initialises, and whose release exits it", "publishes the reference before it is initialised, exits it when its waiter may already use it again, and has no barrier"},
	{Replaced, 2021, "Dennis Zhou, Re: [PATCH 1/5], 15 April 2021", "each swapon publishes a swap_info_struct of its own", ""},
	{Backport, 2021, "v5.12.17 and v5.13.2: 2799e77529c2 without 63d8620ecf93", "v5.3 whose do_swap_page() gets the device", "sleeps in a reader"},
	{Merged, 2021, "v5.14, 63d8620ecf93", "a percpu_ref that is killed and resurrected, and smp_rmb() after it is taken", ""},
	{NoGraceOff, 0, "", "v5.3 whose swapoff does not wait for a grace period", "frees the map while a user reads it"},
	{NoGraceOn, 0, "", "v5.3 whose swapon does not wait for a grace period", "shows a user SWP_VALID and old fields, under a weak memory model"},
	{ValidRMB, 0, "", "the same, with smp_rmb() after the read of SWP_VALID", ""},
	{ValidUnlocked, 2021, "Huang Ying, Re: [PATCH 1/5], 14 April 2021: spin_unlock() has RELEASE semantics already", "the same, with SWP_VALID set after the unlock, and no lock held", "relies on a release, which orders nothing that follows it"},
	{NoRMB, 0, "", "v5.14 without smp_rmb()", "shows a user the new reference and old fields, under a weak memory model"},
	{NoWait, 0, "", "v5.14 whose swapoff does not wait for the last reference", "frees the map under a user that sleeps"},
	{NoSync, 0, "", "v5.14 whose swapoff has no synchronize_rcu()", "waits for no reader under RCU alone, in atomic mode"},
	{EarlyResurrect, 0, "", "v5.14 that resurrects the reference before the fields are set up", "lets a user in before there is a map"},
	{LateInit, 0, "", "v5.14 that publishes a swap_info_struct before its percpu_ref is initialised", "publishes a zeroed percpu_ref, which looks live"},
	{LateExit, 0, "", "v5.14 whose release exits the reference, as in v1", "exits the reference of the next swapon"},
	{InitAgain, 0, "", "v5.14 that initialises the reference of a swap_info_struct which is used again", "leaks the memory of the last initialisation"},
	{ReplacedNoRCU, 2021, "Huang Ying, Re: [PATCH 1/5], 16 April 2021: some accessor doesn't follow this", "replaced, with the pointer followed outside rcu_read_lock", "uses a swap_info_struct that may be freed between the look-up and the reference"},
}

// Variants returns what there is: the versions in the order of publication, then the variants.
func Variants() []VariantInfo { return append([]VariantInfo(nil), variants...) }

// newVersion makes a version and registers its callbacks.
func newVersion(s *System) (version, error) {
	if !slices.ContainsFunc(variants, func(i VariantInfo) bool { return i.Variant == s.cfg.Variant }) {
		return nil, fmt.Errorf("swap: unknown version %q", s.cfg.Variant)
	}
	release := s.swapUsersRefFree
	if s.cfg.Variant == First || s.cfg.Variant == LateExit {
		release = s.swapUsersRefFreeExit
	}
	s.usersFree = s.m.RegisterFunc("swap_users_ref_free", release)
	s.freeRCU = s.m.RegisterFunc("free_swap_info_rcu", s.freeSwapInfoRCU)
	m := merged{s}
	switch s.cfg.Variant {
	case Validated:
		return valid{System: s}, nil
	case Backport:
		return valid{System: s, sleeps: true}, nil
	case NoGraceOff:
		return valid{System: s, noGraceOff: true}, nil
	case NoGraceOn:
		return valid{System: s, noGraceOn: true}, nil
	case ValidRMB:
		return valid{System: s, noGraceOn: true, rmb: true}, nil
	case ValidUnlocked:
		return valid{System: s, noGraceOn: true, rmb: true, unlocked: true}, nil
	case First:
		return first{m}, nil
	case Replaced:
		return replaced{merged: m}, nil
	case ReplacedNoRCU:
		return replaced{merged: m, noRCU: true}, nil
	case NoRMB:
		return noRMB{m}, nil
	case NoWait:
		return noWait{m}, nil
	case NoSync:
		return noSync{m}, nil
	case EarlyResurrect:
		return earlyResurrect{m}, nil
	case LateInit:
		return lateInit{m}, nil
	case LateExit:
		return lateExit{m}, nil
	case InitAgain:
		return initAgain{m}, nil
	}
	return m, nil
}
