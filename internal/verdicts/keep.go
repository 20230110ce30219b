package verdicts

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ptsim/explore"
	"ptsim/internal/scenario"
	"ptsim/kern"
)

// Folder keeps what a matrix has come to, so that a later run goes on from there: to the same verdicts, counts and schedules. It
// goes into Options.Folder. The file "outcomes" holds the cells that are answered. A cell that takes longer than the interval, or
// that is interrupted or out of memory, has a file of its own until it is answered: the checkpoint of its search.
//
// An outcome is known by its question: the scenario's text, the version, the setting, and how it was asked. So a folder serves
// any choice of cells, in any order. It serves one run at a time, of one build of the program.
type Folder struct {
	dir   string
	every time.Duration

	mu      sync.Mutex
	file    *explore.Checkpoint
	known   map[string]Outcome
	due     time.Time // when to write the outcomes
	changed bool
	err     error // of the last writing
}

// outcomesFile is the name of the file with what is answered, outcomesQuestion what it is about.
const (
	outcomesFile     = "outcomes"
	outcomesQuestion = "the cells of a matrix"
	searchExt        = ".search" // of the file of a cell that is not answered
)

// OpenFolder opens a folder to go on from, or makes one. Its files are written so often, every minute if it is 0, and never so
// often that it costs more than a fiftieth of the time. The error is one line that says what to do: a file in it that is
// damaged, from another build of the program, or about something else, is refused.
func OpenFolder(dir string, every time.Duration) (*Folder, error) {
	if every == 0 {
		every = time.Minute
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.Mkdir(dir, 0o755)
	case err == nil && !info.IsDir():
		return nil, fmt.Errorf("%s: is a file; expected a folder, or a new name", dir)
	}
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: cannot be made or read as a folder: %w", dir, err)
	}
	f := &Folder{dir: dir, every: every, known: map[string]Outcome{}, due: time.Now().Add(every)}
	if f.file, err = explore.OpenCheckpoint(filepath.Join(dir, outcomesFile), outcomesQuestion); err != nil {
		return nil, err
	}
	if note := f.file.Note(); note != nil {
		if err := json.Unmarshal(note, &f.known); err != nil {
			return nil, fmt.Errorf("%s: cannot be understood (%w); delete it to begin anew", filepath.Join(dir, outcomesFile), err)
		}
	}
	return f, nil
}

// Known is how many outcomes the folder holds, and how many searches that are not done.
func (f *Folder) Known() (outcomes, searches int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list, _ := os.ReadDir(f.dir) // what cannot be read is told when it is wanted
	for _, e := range list {
		if filepath.Ext(e.Name()) == searchExt {
			searches++
		}
	}
	return len(f.known), searches
}

// Close writes what the folder does not have yet. It returns why that, or the writing before it, could not be done.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.changed {
		f.write()
	}
	return f.err
}

// write writes the outcomes.
func (f *Folder) write() {
	const share = 50 // of the time, that writing may take
	start := time.Now()
	note, err := json.Marshal(f.known)
	if err == nil {
		err = f.file.Keep(note)
	}
	f.err, f.changed = err, err != nil
	f.due = time.Now().Add(max(f.every, share*time.Since(start)))
}

// asks says what the question of a cell is, in words that no other one has.
func (r *runner) asks(c Cell, s *scenario.Scenario) string {
	more := ""
	if c.Lax {
		more += ", lax"
	}
	if c.Kind != kern.NoViolation {
		more += ", only " + c.Kind.String()
	}
	return fmt.Sprintf("%s (%x) on %s, %s, races %s, budget %d"+more, scenario.FullName(s), sha256.Sum256([]byte(s.Source)), c.Version, c.Setting.Words(), r.opt.Races, r.opt.Budget)
}

// path names the file of a cell that is not answered yet.
func (f *Folder) path(c Cell, question string) string {
	plain := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}
	name := strings.Map(plain, fmt.Sprintf("%.40s-%s-%s", c.Scenario, c.Version, c.Setting))
	sum := sha256.Sum256([]byte(question))
	return filepath.Join(f.dir, fmt.Sprintf("%s-%x%s", name, sum[:4], searchExt))
}

// outcome returns that of a cell, if it is known.
func (f *Folder) outcome(question string) (Outcome, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	o, known := f.known[question]
	return o, known
}

// begin returns the checkpoint of a cell's search.
func (f *Folder) begin(c Cell, question string) (*explore.Checkpoint, error) {
	k, err := explore.OpenCheckpoint(f.path(c, question), question)
	if err == nil {
		k.Every = f.every
	}
	return k, err
}

// finish keeps an outcome, and then removes the file of its search, if it has one.
func (f *Folder) finish(o Outcome, question string, search *explore.Checkpoint) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[question], f.changed = o, true
	if search != nil && search.Written() || !time.Now().Before(f.due) {
		f.write()
	}
	if f.err == nil && search != nil {
		search.Remove()
	}
}

// leave keeps the search of a cell that was not answered.
func (f *Folder) leave(search *explore.Checkpoint) {
	if search == nil {
		return
	}
	err := search.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.err = err
	}
}
