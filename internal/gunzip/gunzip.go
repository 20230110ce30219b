// Package gunzip unpacks what gzip unpacks: traces of Linux ([ptsim/internal/ftrace]) and logs of live kernels
// ([ptsim/internal/conform]).
//
// A gzip file is one member or several, one after the other (RFC 1952, section 2.2); what they hold belongs together. The
// readers of the libraries know that, but they take whatever stands behind a member for the header of the next, so they refuse
// zeros there. The gzip command takes zeros, since tapes and block devices pad a file to whole blocks. So does this package:
// its [Reader] reads member by member and skips zeros between them.
//
// Anything else behind a member is damage, and so is a member that ends early. The gzip command only warns of garbage behind
// the last member. Here it is an error, because a trace or a log with something unknown in it is not whole, and a figure or
// an agreement that was computed from a part would look like one of the whole.
//
// It does not model the rest of the header (names, times, comments), and it does not find out where the damage is. Start with
// NewReader, and see the Example.
package gunzip

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/gzip" // as compress/gzip, in two thirds of its time
)

// Magic is how a file of gzip begins.
const Magic = "\x1f\x8b"

// Reader reads members one after the other, as gzip does, and like gzip takes no offence at zeros behind the last: tapes and
// block devices pad with them.
type Reader struct {
	z  *gzip.Reader
	br *bufio.Reader
}

// NewReader reads the header of the first member. A file that ends within it gives io.EOF or io.ErrUnexpectedEOF.
func NewReader(r io.Reader) (*Reader, error) {
	br, ok := r.(*bufio.Reader)
	if !ok {
		br = bufio.NewReader(r)
	}
	z, err := gzip.NewReader(br)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	return &Reader{z, br}, nil
}

// Read returns io.ErrUnexpectedEOF where the file ends within a member.
func (g *Reader) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if n > 0 || err != io.EOF {
			if err == io.EOF {
				err = nil // there may be another member
			}
			return n, err
		}
		for {
			b, err := g.br.ReadByte()
			if err != nil {
				return 0, err
			}
			if b != 0 {
				break
			}
		}
		if err := g.br.UnreadByte(); err != nil {
			return 0, err
		}
		if err := g.z.Reset(g.br); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
		g.z.Multistream(false)
	}
}
