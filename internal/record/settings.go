//go:build linux

package record

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
)

// settings changes files of a tracefs and can change them back.
type settings struct {
	files
	// changed has the files that may not be what they were, in the order of the changes, each with its old value.
	changed []change
}

type change struct{ path, old string }

// set gives a file a value. What it was is noted before, as a write may fail and yet have done its work.
func (s *settings) set(file, value string) error {
	text, err := s.Read(file)
	if err != nil {
		return explain(s, file, "read", err)
	}
	old := meaning(file, text)
	if old == value {
		return nil
	}
	if path.Base(file) == "buffer_size_kb" && old == "X" { // not the same on every CPU
		return s.setEachCPU(path.Dir(file), value)
	}
	s.changed = append(s.changed, change{file, old})
	if err := s.Write(file, value); err != nil {
		return explain(s, file, fmt.Sprintf("write %q", value), err)
	}
	return nil
}

func (s *settings) setEachCPU(top, value string) error {
	cpus, err := s.List(path.Join(top, "per_cpu"))
	if err != nil {
		return explain(s, path.Join(top, "per_cpu"), "read", err)
	}
	for _, cpu := range cpus {
		if err := s.set(path.Join(top, "per_cpu", cpu, "buffer_size_kb"), value); err != nil {
			return err
		}
	}
	return nil
}

// restore gives every file its old value, the last that was changed first. Those that cannot be written stay noted, so
// that it can be tried again.
func (s *settings) restore() error {
	var failed []change
	var errs error
	for i := len(s.changed) - 1; i >= 0; i-- {
		c := s.changed[i]
		if err := insist(func() error { return s.Write(c.path, c.old) }); err != nil {
			failed = append([]change{c}, failed...)
			errs = errors.Join(errs, fmt.Errorf("%w; it was %q before, which it should be again", explain(s, c.path, "restore", err), c.old))
		}
	}
	s.changed = failed
	return errs
}

// insist tries again what must not fail.
func insist(f func() error) error {
	const tries = 5
	for i := 1; ; i++ {
		err := f()
		if err == nil || i == tries {
			return err
		}
		time.Sleep(time.Duration(i) * 10 * time.Millisecond)
	}
}

// meaning turns what a file shows into what must be written to get it.
func meaning(file, text string) string {
	text = strings.TrimSpace(text)
	switch path.Base(file) {
	case "trace_clock": // "[local] global counter"
		if _, rest, ok := strings.Cut(text, "["); ok {
			chosen, _, _ := strings.Cut(rest, "]")
			return chosen
		}
	case "buffer_size_kb": // "7 (expanded: 1408)": as small as after boot; 1408 when first used
		if _, rest, ok := strings.Cut(text, "(expanded: "); ok {
			return strings.TrimSuffix(rest, ")")
		}
	case "enable": // "1*": by a trigger, too
		return strings.TrimSuffix(text, "*")
	case "filter":
		if text == "none" || strings.Contains(text, "\n") { // a filter that was refused is shown with the reason
			return "0"
		}
	case "set_event_pid", "set_event_notrace_pid":
		return strings.Join(strings.Fields(text), " ")
	}
	return text
}
