//go:build !linux

package kern

// adviseHuge is for Linux.
func adviseHuge(*[manyChunks]chunk) {}
