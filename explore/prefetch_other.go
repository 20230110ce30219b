//go:build !amd64 && !arm64

package explore

func prefetch(*line) {}
