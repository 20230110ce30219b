//go:build !unix

package campaign

func processorSeconds() float64 { return 0 }

func peakBytes() uint64 { return 0 }
