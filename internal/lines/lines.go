// Package lines reads the small languages: scenarios, scripts, workloads. In each of them a line says one thing, and all of them
// share what this package has: the scanner, the rule for comments, numbers, names, and the shape of an error.
//
// # A line
//
// A line is words with blanks between them. A # at the start of a line, or behind a blank, begins a comment. Lines that hold
// nothing else are skipped. Some words of a language begin prose, such as "about TEXT"; there a # is a character like any other.
// A line is printable ASCII, so that two names that look alike are alike. A comment may be any UTF-8 without control characters.
//
// # An error
//
// [Error] is one line for a person: where, what is wrong, which word was perhaps meant, what was expected. Its parts are fields,
// so that the editor of the page need not take the sentence apart.
//
// The package keeps no state but a scanner's place, and it has no locks. It knows no word of any language. The lessons of the
// course are markdown, litmus tests are C, and plans of campaigns are JSON: they share the errors, not the scanner.
//
// Start with the example of Scanner.
package lines

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits says which lines a scanner takes.
type Limits struct {
	Bytes int      // of a line, without its end
	Lines int      // of a text; 0 is any number
	Prose []string // first words behind which a # begins no comment
}

// Scanner reads the lines of a text that say something.
type Scanner struct {
	file   string
	in     *bufio.Reader
	limits Limits

	number int
	text   string
	fault  *Error
	cut    bool // the rest of the line is still to be read
	err    error
}

// NewScanner returns a scanner of a text; file is what errors call it.
func NewScanner(file string, r io.Reader, limits Limits) *Scanner {
	return &Scanner{file: file, in: bufio.NewReaderSize(r, limits.Bytes+len("\r\n")), limits: limits}
}

// Scan goes to the next line that says something, or that cannot be read. It returns false at the end of the text.
func (s *Scanner) Scan() bool {
	for s.err == nil {
		line, ok := s.next()
		if !ok {
			return false
		}
		s.text, s.fault = "", nil
		switch {
		case s.limits.Lines > 0 && s.number > s.limits.Lines:
			s.err = s.Fail(fmt.Sprintf("at most %d", s.limits.Lines), "more than %d lines", s.limits.Lines)
			return false
		case s.cut || len(line) > s.limits.Bytes:
			s.fault = s.Fail(fmt.Sprintf("at most %d bytes", s.limits.Bytes), "line too long")
			return true
		}
		var comment string
		s.text, comment = Split(line, s.limits.Prose)
		if s.fault = s.characters(comment); s.fault != nil || s.text != "" {
			return true
		}
	}
	return false
}

// next reads a line without its end. Of one that is longer than the buffer it reads what the buffer holds.
func (s *Scanner) next() (string, bool) {
	for {
		line, err := s.in.ReadSlice('\n')
		behind := s.cut // this is the rest of a line that was too long
		s.cut = errors.Is(err, bufio.ErrBufferFull)
		switch {
		case err != nil && !s.cut && !errors.Is(err, io.EOF):
			s.err = fmt.Errorf("%s: %w", s.file, err)
			return "", false
		case behind && err != nil && !s.cut, len(line) == 0:
			return "", false
		case behind:
			continue
		}
		s.number++
		return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), true
	}
}

// characters says which character of the line or of its comment may not be there.
func (s *Scanner) characters(comment string) *Error {
	for i := range len(s.text) {
		if c := s.text[i]; (c < ' ' || c > '~') && c != '\t' {
			return s.Fail("a text file", "byte %#02x is no printable ASCII", c)
		}
	}
	bad := strings.IndexFunc(comment, func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) && r != '\t' })
	if bad >= 0 {
		return s.Fail("a text file", "byte %#02x in a comment is no text", comment[bad])
	}
	return nil
}

// Line returns the number of the line, counted from 1.
func (s *Scanner) Line() int { return s.number }

// Text returns the line without its comment and without blanks around it, or an *[Error] if it cannot be read. After such an
// error the scanner can go on with the next line.
func (s *Scanner) Text() (string, error) {
	if s.fault != nil {
		return "", s.fault
	}
	return s.text, nil
}

// Err returns why there was no further line, nil at the end of the text.
func (s *Scanner) Err() error { return s.err }

// Fail returns an error about the line.
func (s *Scanner) Fail(expected, what string, args ...any) *Error {
	return &Error{File: s.file, Line: s.number, What: fmt.Sprintf(what, args...), Expected: expected}
}

// Split parts a line from its comment, and takes the blanks around it away. Behind the words of prose there is no comment.
func Split(line string, prose []string) (text, comment string) {
	line = strings.TrimSpace(line)
	if word, _ := Word(line); slices.Contains(prose, word) {
		return line, ""
	}
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return strings.TrimSpace(line[:i]), line[i:]
		}
	}
	return line, ""
}

// Word parts the first word of a line from what follows.
func Word(line string) (word, rest string) {
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.TrimSpace(line[i:])
}
