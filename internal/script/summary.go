package script

import (
	"fmt"
	"strings"

	"ptsim/kern"
)

// Summary is what a run came to. The zero Summary is that of no operation.
type Summary struct {
	Version    string // what it ran on, as Runner.Name has it
	Operations int
	Hooks      int               // operations from hooks
	Found      int               // violations
	Violations []*kern.Violation // the first of them, at most summedViolations
	Err        string            // the fatal error that ended the script
	Counters                     // after the last operation

	Interrupted bool // there are operations that did not run
}

// summedViolations is how many violations a Summary names.
const summedViolations = 20

// Add adds an operation.
func (s *Summary) Add(ch *Change) {
	s.Operations++
	s.Hooks += len(ch.Hooks)
	s.Found += len(ch.Violations)
	s.Violations = append(s.Violations, ch.Violations[:min(len(ch.Violations), summedViolations-len(s.Violations))]...)
	s.Err, s.Counters = ch.Err, ch.Counters
}

// String is the summary in a sentence, without the violations.
func (s *Summary) String() string {
	parts := []string{counted(s.Operations, "operation")}
	if s.Hooks > 0 {
		parts[0] += fmt.Sprintf(" and %d from hooks", s.Hooks)
	}
	parts = append(parts, counted(s.NumFreed, "page")+" freed", fmt.Sprintf("%d in use", s.NumPages),
		counted(s.NumCallbacks, "callback")+" queued", counted(s.NumMMs, "mm"))
	if s.Waiting > 0 {
		parts = append(parts, counted(s.Waiting, "hook")+" left over")
	}
	if s.Err != "" {
		parts = append(parts, "ended early")
	}
	if s.Found == 0 && s.Interrupted {
		parts = append(parts, "no violation so far")
	} else if s.Found == 0 {
		parts = append(parts, "no violation")
	}
	return strings.Join(parts, ", ")
}

// AppendJSON appends the summary as one object on one line.
func (s *Summary) AppendJSON(b []byte) []byte {
	b = appendString(append(b, `{"variant":`...), s.Version)
	b = appendKeyInt(b, `,"operations":`, s.Operations)
	b = appendKeyInt(b, `,"hooks":`, s.Hooks)
	b = appendKeyInt(b, `,"pages_freed":`, s.NumFreed)
	b = appendKeyInt(b, `,"pages":`, s.NumPages)
	b = appendKeyInt(b, `,"callbacks":`, s.NumCallbacks)
	b = appendKeyInt(b, `,"mms":`, s.NumMMs)
	if s.Interrupted && s.Found == 0 { // that there is none is known at the end
		b = append(b, `,"found":null`...)
	} else {
		b = appendKeyInt(b, `,"found":`, s.Found)
	}
	b = append(b, `,"violations":[`...)
	for i, v := range s.Violations {
		b = appendKeyInt(appendComma(b, i), `{"operation":`, v.Step)
		b = appendString(append(b, `,"kind":`...), v.Kind.String())
		b = append(appendString(append(b, `,"what":`...), v.Sentence()), '}')
	}
	b = append(b, ']')
	if s.Err != "" {
		b = appendString(append(b, `,"err":`...), s.Err)
	}
	if s.Interrupted {
		b = append(b, `,"interrupted":true`...)
	}
	return append(b, '}')
}
