package zswap

import "ptsim/kern"

// deadWaits is half of v6.13: the request is freed with the mutex held, so nobody uses it then. A task that has the context, and waits
// for the mutex, does not look again. WAIT, for the wrong tasks.
type deadWaits struct{ unlocked }

func (x deadWaits) cpuDead(c *kern.CPU, cpu int) { x.ZswapCPUCompDead(c, cpu) }

// ZswapCPUCompDead is zswap_cpu_comp_dead() that waits for who has the mutex.
func (x deadWaits) ZswapCPUCompDead(c *kern.CPU, cpu int) {
	rechecked{x.System}.ZswapCPUCompDead(c, cpu)
}
