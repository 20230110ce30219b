package ftrace

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const (
	maxLine    = 64 << 10 // bytes, without the newline; the kernel's own limit is a page or two
	bufferSize = 4 * maxLine
)

// errTooLong is returned for a line of more than maxLine bytes.
var errTooLong = errors.New("line too long")

// lineReader cuts a stream into lines within one fixed buffer. It never waits for more
// than a line needs, so that it can follow a pipe.
type lineReader struct {
	src    io.Reader
	raw    *counter
	packed string // how src is packed, "" if it is not
	buf    []byte
	pos    int   // start of the line that is due
	seen   int   // no newline in buf[pos:seen]
	end    int   // end of what was read
	err    error // of the last read; what came before it is delivered first
}

// counter counts the bytes of the input as stored, and keeps why it could not be read.
type counter struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// newLines looks at the first bytes for the magic of a packing.
func newLines(r io.Reader) (*lineReader, error) {
	l := &lineReader{raw: &counter{r: r}, buf: make([]byte, bufferSize)}
	var err error
	l.src, l.packed, err = unpack(bufio.NewReaderSize(l.raw, maxLine))
	return l, err
}

// next returns the next line without its newline, in the buffer and valid until
// the next call. whole is false for a last line that has no newline. At the end
// it returns the error that ended the input, io.EOF if nothing is wrong.
func (l *lineReader) next() (line []byte, whole bool, err error) {
	for {
		if i := bytes.IndexByte(l.buf[l.seen:l.end], '\n'); i >= 0 {
			line = l.buf[l.pos : l.seen+i]
			l.pos = l.seen + i + 1
			l.seen = l.pos
			if len(line) > maxLine {
				return line, true, errTooLong
			}
			return line, true, nil
		}
		l.seen = l.end
		if l.end-l.pos > maxLine {
			return l.buf[l.pos:l.end], false, errTooLong
		}
		if l.err == io.EOF && l.pos < l.end {
			line = l.buf[l.pos:l.end]
			l.pos = l.end
			return line, false, nil
		}
		if l.err != nil {
			return nil, false, l.err
		}
		l.fill()
	}
}

// fill reads once more, or keeps the reason why it cannot.
func (l *lineReader) fill() {
	if l.pos > 0 && l.end == len(l.buf) {
		copy(l.buf, l.buf[l.pos:l.end])
		l.end -= l.pos
		l.seen -= l.pos
		l.pos = 0
	}
	const patience = 100 // reads of nothing before the source counts as broken
	for range patience {
		n, err := l.src.Read(l.buf[l.end:])
		l.end += n
		l.err = err
		if n > 0 || err != nil {
			return
		}
	}
	l.err = io.ErrNoProgress
}

// peek returns the first bytes of the input: enough to tell what it is, or all there are. A byte-order mark is dropped.
func (l *lineReader) peek() []byte {
	const enough = 16
	for l.end < enough && l.err == nil && bytes.IndexByte(l.buf[:l.end], '\n') < 0 {
		l.fill()
	}
	if l.pos == 0 && bytes.HasPrefix(l.buf[:l.end], []byte(byteOrderMark)) {
		l.pos, l.seen = len(byteOrderMark), len(byteOrderMark)
	}
	return l.buf[l.pos:l.end]
}

// byteOrderMark begins a UTF-8 text that went through some editors.
const byteOrderMark = "\ufeff"
