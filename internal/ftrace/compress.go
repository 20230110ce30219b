package ftrace

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"ptsim/internal/gunzip"
)

// packing is a compression that is read, by the bytes with which its files begin.
type packing struct {
	name, magic string
	open        func(r io.Reader) (io.Reader, error)
}

// mostWindow bounds what a zstd stream may ask for: the window of zstd --ultra -22 --long, which is the largest that
// its own command line unpacks without being told.
const mostWindow = 128 << 20

// Read-only.
var packings = []packing{
	{"gzip", gunzip.Magic, func(r io.Reader) (io.Reader, error) { return gunzip.NewReader(r) }},
	{"xz", "\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) }},
	{"zstd", "\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, error) {
		// One goroutine, the caller's: nothing is left running when a reader is dropped.
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(mostWindow))
	}},
	{"bzip2", "BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
}

// longestMagic is how many bytes tell a packing.
const longestMagic = 6

// unpack returns what br holds, unpacked, and the name of the packing, "" if there is none.
func unpack(br *bufio.Reader) (io.Reader, string, error) {
	start, err := br.Peek(longestMagic)
	if err != nil && err != io.EOF {
		return nil, "", err
	}
	for _, p := range packings {
		if len(start) < len(p.magic) || string(start[:len(p.magic)]) != p.magic {
			continue
		}
		r, err := p.open(br)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return r, p.name, err
	}
	return br, "", nil
}

// broken says what an error of the source means after line n of a trace, nil if the source could not be read at all.
func (l *lineReader) broken(err error, n int) *fault {
	if l.packed == "" || l.raw.err != nil {
		return nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return bad(fmt.Sprintf("the %s stream ends early, after line %d", l.packed, n),
			"the rest of the file; --partial replays what is there")
	}
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		return bad(fmt.Sprintf("the %s stream needs more than %d MiB to be unpacked", l.packed, mostWindow>>20),
			"text: zstd -dc --long=31 FILE | ptsim retract -")
	}
	return bad(fmt.Sprintf("the %s stream is damaged after line %d", l.packed, n), "the file as it was written")
}
