//go:build !linux

package record

import "errors"

// Run is for Linux alone, as tracefs is.
func Run(Options) (*Result, error) {
	return nil, errors.New("record: there is no tracefs on this system; expected Linux")
}
