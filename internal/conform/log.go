package conform

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Log is what a live kernel's allocator did, in the order of its records.
type Log struct {
	Name    string
	Whole   bool // of v6.7 on: each table has a page to itself, and there are no masks
	Records []Record
}

// Error is something wrong with a log.
type Error struct {
	File     string
	Line     int // 0 if it is about the whole log
	What     string
	Expected string
}

func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	return fmt.Sprintf("%s: %s; expected %s", where, e.What, e.Expected)
}

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
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, &Error{name, 0, "a broken gzip file: " + err.Error(), aLog}
		}
		in = bufio.NewReader(z)
	}
	l := &Log{Name: name}
	s := newSense(l)
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, &Error{name, 1 + bytes.Count(text, []byte("\n")), "cannot read on: " + err.Error(), aLog}
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(make([]byte, 0, 4<<10), MaxLine+2) // room for CR LF
	n := 0
	for lines.Scan() {
		n++
		line := lines.Text()
		if len(line) > MaxLine {
			return nil, &Error{name, n, "line too long", fmt.Sprintf("at most %d bytes", MaxLine)}
		}
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		rec := Record{Line: n}
		what, expected := parse(words, &rec)
		if what == "" {
			what, expected = s.add(rec)
		}
		if what != "" {
			return nil, &Error{name, n, what, expected}
		}
	}
	switch {
	case lines.Err() != nil: // it can be nothing else
		return nil, &Error{name, n + 1, "line too long", fmt.Sprintf("at most %d bytes", MaxLine)}
	case len(l.Records) == 0:
		return nil, &Error{name, 0, "no record in it", aLog}
	}
	s.end()
	return l, nil
}
