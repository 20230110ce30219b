package conform

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"ptsim/internal/gunzip"
	"ptsim/internal/lines"
)

// Log is what a live kernel's allocator did, in the order of its records.
type Log struct {
	Name    string
	Whole   bool // of v6.7 on: each table has a page to itself, and there are no masks
	Records []Record
}

// Error is something wrong with a log.
type Error = lines.Error

const aLog = "a log of what a kernel's allocator did"

// Open reads the log in the file of that name, plain or as gzip.
func Open(name string) (*Log, error) {
	f, err := os.Open(name)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: %w; expected %s", name, err, aLog)
	}
	defer f.Close() // read only: nothing to lose
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory; expected %s", name, aLog)
	}
	return Read(name, f)
}

// Read reads a log, plain or as gzip. What is wrong with it is told by an *Error.
func Read(name string, r io.Reader) (*Log, error) {
	in := bufio.NewReader(r)
	magic, _ := in.Peek(len(gunzip.Magic))
	zipped := string(magic) == gunzip.Magic
	if zipped {
		z, err := gunzip.NewReader(in)
		if err != nil {
			return nil, &Error{File: name, What: damaged(err), Expected: aLog, Err: err}
		}
		in = bufio.NewReader(z)
	}
	l := &Log{Name: name}
	s := newSense(l)
	text := lines.NewScanner(name, in, lines.Limits{Bytes: MaxLine})
	for text.Scan() {
		line, err := text.Text()
		if err != nil {
			return nil, err
		}
		rec := Record{Line: text.Line()}
		what, expected := parse(strings.Fields(line), &rec)
		if what == "" {
			what, expected = s.add(rec)
		}
		if what != "" {
			return nil, text.Fail(expected, "%s", what)
		}
	}
	switch err := text.Err(); {
	case err != nil && zipped:
		return nil, &Error{File: name, Line: text.Line() + 1, What: damaged(err), Expected: aLog, Err: err}
	case err != nil:
		return nil, &Error{File: name, Line: text.Line() + 1, What: "cannot read on: " + errors.Unwrap(err).Error(), Expected: aLog, Err: err}
	case len(l.Records) == 0:
		return nil, &Error{File: name, What: "no record in it", Expected: aLog}
	}
	s.end()
	return l, nil
}

// damaged says what is wrong with a gzip file, in words of ours.
func damaged(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the gzip stream ends early"
	}
	return "the gzip stream is damaged"
}
