package campaign

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"ptsim/internal/quote"
)

// Job is a part of a campaign that needs nothing of the others.
type Job struct {
	Name    string          `json:"job"`                    // becomes part of a file's name
	Seconds float64         `json:"seconds"`                // estimate of its processor time
	Bytes   uint64          `json:"memory_bytes,omitempty"` // estimate of its memory
	Ask     json.RawMessage `json:"ask"`                    // what it is, to whoever does it
}

// Plan is a campaign: all its jobs.
type Plan struct {
	Kind    string          // of campaign
	Program string          // the build that made it, see checkpoint.Program
	Common  json.RawMessage // what all jobs have in common, to whoever does them
	Jobs    []Job
}

// head is the first line of a plan.
type head struct {
	Kind    string          `json:"campaign"`
	Format  int             `json:"format"`
	ID      string          `json:"plan"`
	Program string          `json:"program"`
	Jobs    int             `json:"jobs"`
	Seconds float64         `json:"seconds"`
	Common  json.RawMessage `json:"common"`
}

// planFormat is the number of the format that is written here.
const planFormat = 1

// maxLine is how long a line of a plan or of a result may be.
const maxLine = 64 << 20

// ID tells plans apart: it is a hash of all but the build.
func (p *Plan) ID() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d\n%s\n%s\n", planFormat, p.Kind, p.Common)
	for i := range p.Jobs {
		fmt.Fprintf(h, "%s\n%s\n", p.Jobs[i].Name, p.Jobs[i].Ask)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Seconds is the estimate for all jobs.
func (p *Plan) Seconds() float64 {
	sum := 0.0
	for i := range p.Jobs {
		sum += p.Jobs[i].Seconds
	}
	return sum
}

// Write writes the plan. Its jobs must be such that Read takes it.
func (p *Plan) Write(w io.Writer) error {
	if err := p.check(); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(head{p.Kind, planFormat, p.ID(), p.Program, len(p.Jobs), round(p.Seconds()), p.Common}); err != nil {
		return err
	}
	for i := range p.Jobs {
		if err := e.Encode(&p.Jobs[i]); err != nil {
			return err
		}
	}
	return b.Flush()
}

func round(seconds float64) float64 { return float64(int64(seconds*1000+0.5)) / 1000 }

// isJobName tells whether a name is good for a part of the name of a file.
func isJobName(name string) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '.' && c != '_' && c != '-') {
			return false
		}
	}
	return len(name) > 0 && len(name) <= 120
}

// check wants names that are good for files on any system, and jobs that can be told apart there.
func (p *Plan) check() error {
	if len(p.Jobs) == 0 {
		return errors.New("a plan without jobs; expected at least one")
	}
	seen := map[string]int{}
	for i := range p.Jobs {
		j := &p.Jobs[i]
		switch {
		case !isJobName(j.Name):
			return fmt.Errorf("job %d: name %s; expected letters, digits, dots, dashes and underscores, at most 120", i+1, quote.Short(j.Name))
		case !(j.Seconds >= 0 && j.Seconds < 1e9):
			return fmt.Errorf("job %s: an estimate of %g seconds; expected 0 or more", j.Name, j.Seconds)
		case len(j.Ask) == 0:
			return fmt.Errorf("job %s: asks nothing; expected a field \"ask\"", j.Name)
		}
		if first, twice := seen[strings.ToLower(j.Name)]; twice { // there are file systems to which they are one
			return fmt.Errorf("job %s: jobs %d and %d have the same name; expected names that differ", j.Name, first+1, i+1)
		}
		seen[strings.ToLower(j.Name)] = i
	}
	return nil
}

// Read reads a plan. name is what errors call it.
func Read(name string, r io.Reader) (*Plan, error) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	if !s.Scan() {
		if err := s.Err(); err != nil {
			return nil, fmt.Errorf("%s: cannot read: %w", name, err)
		}
		return nil, fmt.Errorf("%s: is empty; expected a plan, as ptsim campaign plan prints it", name)
	}
	var h head
	if err := strictly(s.Bytes(), &h); err != nil || h.Kind == "" {
		return nil, fmt.Errorf("%s:1: no plan; expected what ptsim campaign plan prints", name)
	}
	if h.Format != planFormat {
		return nil, fmt.Errorf("%s:1: a plan of format %d; expected format %d: make it again with this ptsim", name, h.Format, planFormat)
	}
	p := &Plan{Kind: h.Kind, Program: h.Program, Common: h.Common}
	for line := 2; s.Scan(); line++ {
		var j Job
		if err := strictly(s.Bytes(), &j); err != nil {
			return nil, fmt.Errorf("%s:%d: no job (%w); expected a line as ptsim campaign plan prints it", name, line, err)
		}
		p.Jobs = append(p.Jobs, j)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: cannot read: %w", name, len(p.Jobs)+2, err)
	}
	if len(p.Jobs) != h.Jobs {
		return nil, fmt.Errorf("%s: %d jobs, and its first line says %d: it was cut short or edited; make it again", name, len(p.Jobs), h.Jobs)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if id := p.ID(); id != h.ID {
		return nil, fmt.Errorf("%s: its jobs are not those of plan %s, which its first line names: it was edited; make it again", name, quote.Short(h.ID))
	}
	return p, nil
}

// strictly reads one JSON value without unknown fields.
func strictly(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one value in a line")
	}
	return nil
}
