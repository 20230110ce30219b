package barriers

import (
	"context"

	"ptsim/explore"
)

// limited ends a search when it has met so many states, which is looked at now and then. done is to be called when it is over.
func limited(opt explore.Options, states uint64) (limited explore.Options, done func()) {
	parent := opt.Context
	if parent == nil {
		parent = context.Background()
	}
	ctx, cancel := context.WithCancel(parent)
	progress := opt.Progress
	opt.Context = ctx
	opt.Progress = func(p explore.Progress) {
		if progress != nil {
			progress(p)
		}
		if p.States >= states {
			cancel()
		}
	}
	return opt, cancel
}
