package percpuref

import "ptsim/kern"

// The functions here are called as the kernel's are, in snake case, except these.
func init() {
	kern.NameFunctions("ptsim/percpuref", map[string]string{
		"Exit":               "percpu_ref_exit",
		"Get":                "percpu_ref_get",
		"Init":               "percpu_ref_init",
		"IsDying":            "percpu_ref_is_dying",
		"IsZero":             "percpu_ref_is_zero",
		"Kill":               "percpu_ref_kill",
		"KillAndConfirm":     "percpu_ref_kill_and_confirm",
		"Put":                "percpu_ref_put",
		"Reinit":             "percpu_ref_reinit",
		"Resurrect":          "percpu_ref_resurrect",
		"SwitchToAtomic":     "percpu_ref_switch_to_atomic",
		"SwitchToAtomicSync": "percpu_ref_switch_to_atomic_sync",
		"SwitchToPerCPU":     "percpu_ref_switch_to_percpu",
		"TryGet":             "percpu_ref_tryget",
		"TryGetLive":         "percpu_ref_tryget_live",
		"TryGetLiveRCU":      "percpu_ref_tryget_live_rcu",
		"callConfirmRCU":     "percpu_ref_call_confirm_rcu",
		"freeCounts":         "__percpu_ref_exit",
		"switchMode":         "__percpu_ref_switch_mode",
		"switchToAtomicRCU":  "percpu_ref_switch_to_atomic_rcu",
		"toAtomic":           "__percpu_ref_switch_to_atomic",
		"toPerCPU":           "__percpu_ref_switch_to_percpu",
	})
}
