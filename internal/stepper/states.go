package stepper

import "ptsim/lab"

// The states of what a scene shows.
const (
	OffList    = lab.OffList
	OnList     = lab.OnList
	HeadQueued = lab.HeadQueued

	HalfFree        = lab.HalfFree
	HalfAllocated   = lab.HalfAllocated
	HalfPending     = lab.HalfPending
	HalfPendingHead = lab.HalfPendingHead
	HalfBroken      = lab.HalfBroken

	BatchOpen    = lab.BatchOpen
	BatchQueued  = lab.BatchQueued
	BatchRunning = lab.BatchRunning
	BatchFreed   = lab.BatchFreed
)
