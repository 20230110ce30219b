//go:build !linux

package campaign

import "errors"

// LimitMemory has the process die when it takes more than so many bytes. Only Linux does; 0 is no limit.
func LimitMemory(bytes uint64) error {
	if bytes == 0 {
		return nil
	}
	return errors.New("a limit of memory for jobs works on Linux alone")
}

// DieFirst has the kernel choose this process before others when memory is short, where it can.
func DieFirst() {}
