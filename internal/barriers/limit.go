package barriers

import (
	"context"
	"sync/atomic"

	"ptsim/explore"
)

// limited ends a search when it has met so many states, which is looked at now and then. done is to be called when it is over, and tells
// whether that ended it.
func limited(opt explore.Options, states uint64) (limited explore.Options, done func() bool) {
	parent := opt.Context
	if parent == nil {
		parent = context.Background()
	}
	ctx, cancel := context.WithCancel(parent)
	progress := opt.Progress
	var met atomic.Bool
	opt.Context = ctx
	opt.Progress = func(p explore.Progress) {
		if progress != nil {
			progress(p)
		}
		if p.States >= states {
			met.Store(true)
			cancel()
		}
	}
	return opt, func() bool {
		cancel()
		return met.Load() && parent.Err() == nil
	}
}
