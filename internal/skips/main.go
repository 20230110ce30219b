// Skips runs the tests as go test does and ends with one line that says which were left out, and why: go test itself is
// silent about them.
//
//	go run ./internal/skips ./...
//
// It runs "go test -json" with its arguments, prints what go test would, and then, for instance,
//
//	skipped: 3 tests: only root may use tracefs (2); there is no chromium to measure texts with (1)
//
// or "skipped: no test". Its exit code is that of go test. The reasons are what the tests give to t.Skip, so that a test which
// needs a program, a right or a device that is not everywhere has to say so.
//
// It does not see what a test leaves out without t.Skip, such as the draws that a property test discards.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

func main() {
	cmd := exec.Command("go", append([]string{"test", "-json"}, os.Args[1:]...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "skips:", err)
		os.Exit(2)
	}
	var s skips
	err = s.read(out, os.Stdout)
	fmt.Println(&s)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		fmt.Fprintln(os.Stderr, "skips: go test:", err)
		os.Exit(1)
	}
}

// event is what go test -json writes; see go doc test2json.
type event struct {
	Action, Package, Test, Output string
}

// skips counts the tests that were skipped, by reason.
type skips struct {
	n      int
	reason map[string]int
}

// read passes on what go test prints without -v: the lines of packages, and those of tests that failed.
func (s *skips) read(r io.Reader, w io.Writer) error {
	s.reason = map[string]int{}
	said := map[[2]string][]string{} // by package and test
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil { // the go command itself
				if _, err := w.Write(line); err != nil {
					return err
				}
			} else if err := s.event(e, said, w); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *skips) event(e event, said map[[2]string][]string, w io.Writer) error {
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "output", "build-output":
		if e.Test == "" && e.Output != "PASS\n" || e.Action == "build-output" {
			_, err := io.WriteString(w, e.Output)
			return err
		}
		said[key] = append(said[key], e.Output)
	case "skip":
		if e.Test != "" {
			s.n++
			s.reason[why(said[key])]++
		}
		delete(said, key)
	case "pass":
		delete(said, key)
	case "fail":
		for _, text := range said[key] {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
		}
		delete(said, key)
	}
	return nil
}

var place = regexp.MustCompile(`^\s+\w+\.go:\d+: `)

// why is the reason that a test gave, without the place where it stands.
func why(said []string) string {
	for _, text := range said {
		if at := place.FindString(text); at != "" {
			if text = strings.TrimSpace(text[len(at):]); text != "" {
				return text
			}
		}
	}
	return "no reason given"
}

// String is the line at the end, the most frequent reasons first.
func (s *skips) String() string {
	if s.n == 0 {
		return "skipped: no test"
	}
	type count struct {
		why string
		n   int
	}
	var list []count
	for why, n := range s.reason {
		list = append(list, count{why, n})
	}
	slices.SortFunc(list, func(a, b count) int { return cmp.Or(b.n-a.n, strings.Compare(a.why, b.why)) })
	var parts []string
	for _, c := range list {
		parts = append(parts, fmt.Sprintf("%s (%d)", c.why, c.n))
	}
	plural := "s"
	if s.n == 1 {
		plural = ""
	}
	return fmt.Sprintf("skipped: %d test%s: %s", s.n, plural, strings.Join(parts, "; "))
}
