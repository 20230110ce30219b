package zswap

import "ptsim/kern"

// keepContexts is what was proposed in 2025: what is in a context lives as long as its pool, and a CPU that goes leaves it there. DON'T,
// of the four answers: whoever uses the context of another CPU has its mutex, and nobody frees what is in it.
type keepContexts struct{ unlocked }

func (x keepContexts) cpuDead(*kern.CPU, int) {}
