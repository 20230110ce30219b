//go:build !linux

package explore

func newLines(n int) []line { return make([]line, n) }
