package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// lineReader reads what a user types, line by line. A line that is too long ends the input.
type lineReader struct {
	s *bufio.Scanner
}

// longestLine is how long a line may be.
const longestLine = 64 << 10

func newLines(in io.Reader) *lineReader {
	s := bufio.NewScanner(in)
	s.Buffer(nil, longestLine)
	return &lineReader{s}
}

// next returns the next line, false at the end.
func (l *lineReader) next() (string, bool) {
	if !l.s.Scan() {
		return "", false
	}
	return l.s.Text(), true
}

func (l *lineReader) err() error {
	switch err := l.s.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("standard input: a line of more than %d bytes; expected shorter ones", longestLine)
	case err != nil:
		return fmt.Errorf("standard input: %w", err)
	}
	return nil
}
