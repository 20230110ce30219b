//go:build !linux

package bench

import "time"

var start = time.Now()

// threadTime is the time of the day: the quickest of many chunks is one that nobody interrupted.
func threadTime() time.Duration { return time.Since(start) }
