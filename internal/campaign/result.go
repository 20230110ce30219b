package campaign

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Result is what came of a job.
type Result struct {
	Plan    string          `json:"plan"`
	Program string          `json:"program"`
	Job     string          `json:"job"`
	Died    string          `json:"died,omitempty"`   // how, instead of an answer
	Answer  json.RawMessage `json:"answer,omitempty"` // nothing in it depends on the machine or on chance
	Cost    json.RawMessage `json:"cost,omitempty"`   // what may
	Seconds float64         `json:"seconds"`          // of processor time
	Bytes   uint64          `json:"memory_bytes"`     // the most that its process had; of a small job, that process did others before
	Host    string          `json:"host"`
	Ended   time.Time       `json:"ended"`
}

// A folder holds the plan, results and notes of what was begun:
//
//	plan.jsonl
//	JOB~KEY~SUM.json   KEY is a hash of the plan and the build, SUM one of the answer
//	JOB~KEY.begun      a line for each time
//	JOB~KEY.search     what a job keeps to go on from, if it does
//
// No name of a job has a ~.
const (
	planFile   = "plan.jsonl"
	resultExt  = ".json"
	begunExt   = ".begun"
	searchExt  = ".search"
	asidePre   = "."
	keyLetters = 12
	sumLetters = 12
)

func shortHash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d %s\n", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))[:keyLetters]
}

// keyOf is what tells the results of a plan, by its ID, and of a build from others.
func keyOf(id, program string) string { return shortHash(id, program) }

func (r *Result) fileName() string {
	sum := shortHash(r.Died, string(r.Answer))
	return r.Job + "~" + keyOf(r.Plan, r.Program) + "~" + sum + resultExt
}

// Folder is where a plan's results are.
type Folder struct {
	dir  string
	plan *Plan
	id   string // of the plan; to compute it takes a look at all jobs
	key  string
}

// OpenFolder makes a folder for a plan, or opens the one that it has. One with another plan in it is refused.
func OpenFolder(dir string, p *Plan) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("%s: cannot be made as a folder: %w", dir, plain(err))
	}
	id := p.ID()
	f := &Folder{dir, p, id, keyOf(id, p.Program)}
	was, err := readPlanFile(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			return nil, err
		}
		return f, f.put(planFile, b.Bytes(), true)
	case err != nil:
		return nil, err
	case was.ID() != id:
		return nil, fmt.Errorf("%s: holds plan %s; expected plan %s, or a new folder", dir, was.ID(), id)
	case was.Program != p.Program:
		return nil, fmt.Errorf("%s: holds the same plan by another build of ptsim; expected that build, or a new folder", dir)
	}
	return f, nil
}

func readPlanFile(dir string) (*Plan, error) {
	name := filepath.Join(dir, planFile)
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read: %w", name, plain(err))
	}
	defer file.Close()
	return Read(name, file)
}

// plain is an error without the name of the file, which the message has already.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}

// put writes a file aside and renames it. One that lasts is there, and whole, after the machine has lost its power, too. To wait for
// the disk takes longer than a small job, and a file that a power cut has left empty is not what its name says: the job is done again.
func (f *Folder) put(name string, data []byte, lasts bool) error {
	err := func() error {
		tmp, err := os.CreateTemp(f.dir, asidePre+"*.tmp")
		if err != nil {
			return err
		}
		defer os.Remove(tmp.Name()) // if it is still there
		_, err = tmp.Write(data)
		if err == nil {
			err = tmp.Chmod(0o644)
		}
		if err == nil && lasts {
			err = tmp.Sync()
		}
		if e := tmp.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		return os.Rename(tmp.Name(), filepath.Join(f.dir, name))
	}()
	if err != nil {
		return fmt.Errorf("%s: cannot write: %w", filepath.Join(f.dir, name), plain(err))
	}
	return nil
}

// lastingJob is from how many seconds of processor time on the result of a job is to survive a power cut.
const lastingJob = 0.2

// keep writes a result, and removes the notes of its job.
func (f *Folder) keep(r *Result) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := f.put(r.fileName(), append(data, '\n'), r.Seconds >= lastingJob || r.Died != ""); err != nil {
		return err
	}
	os.Remove(f.begunName(r.Job))
	os.RemoveAll(f.Search(r.Job)) // a file or a folder
	return nil
}

func (f *Folder) begunName(job string) string {
	return filepath.Join(f.dir, job+"~"+f.key+begunExt)
}

// Search names the file in which a job keeps how far it is.
func (f *Folder) Search(job string) string { return filepath.Join(f.dir, job+"~"+f.key+searchExt) }

// begin notes that a job begins, and returns how often it did before without an end.
func (f *Folder) begin(job string) (before int, err error) {
	text, err := os.ReadFile(f.begunName(job))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	host, _ := os.Hostname()
	line := fmt.Sprintf("%s %s %d\n", time.Now().UTC().Format(time.RFC3339), host, os.Getpid())
	file, err := os.OpenFile(f.begunName(job), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err == nil {
		_, err = file.WriteString(line)
		if e := file.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		return 0, fmt.Errorf("%s: cannot write: %w", f.begunName(job), plain(err))
	}
	return bytes.Count(text, []byte{'\n'}), nil
}

// unbegin takes back the last note, of a job that was asked to stop.
func (f *Folder) unbegin(job string) {
	text, err := os.ReadFile(f.begunName(job))
	if err != nil {
		return
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) <= 1 {
		os.Remove(f.begunName(job))
		return
	}
	_ = f.put(filepath.Base(f.begunName(job)), []byte(strings.Join(lines[:len(lines)-1], "")), false) // else the next run counts one more
}

// entry is a file of a folder that is a result by its name.
type entry struct{ dir, file, job, key string }

// entries returns the results that a folder has, and of the notes of what was begun whose.
func entries(dir string) (list []entry, begun []entry, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: cannot read: %w", dir, plain(err))
	}
	for _, e := range files {
		name := e.Name()
		if strings.HasPrefix(name, asidePre) || name == planFile {
			continue
		}
		if base, ok := strings.CutSuffix(name, begunExt); ok {
			if job, key, ok := strings.Cut(base, "~"); ok {
				begun = append(begun, entry{dir, name, job, key})
			}
			continue
		}
		if base, ok := strings.CutSuffix(name, resultExt); ok {
			job, rest, _ := strings.Cut(base, "~")
			key, _, _ := strings.Cut(rest, "~")
			list = append(list, entry{dir, name, job, key})
		}
	}
	return list, begun, nil
}

// read reads a result, which must be what its name says.
func (e entry) read() (*Result, error) {
	data, err := os.ReadFile(filepath.Join(e.dir, e.file))
	if err != nil {
		return nil, plain(err)
	}
	var r Result
	if err := strictly(data, &r); err != nil {
		return nil, fmt.Errorf("is no result (%w)", err)
	}
	if r.fileName() != e.file {
		return nil, errors.New("is not the result that its name says: it was renamed or changed")
	}
	return &r, nil
}

// done returns the jobs that have a result of this plan and build. With again, those that died are not among them.
func (f *Folder) done(again bool) (map[string]bool, error) {
	list, _, err := entries(f.dir)
	if err != nil {
		return nil, err
	}
	done := map[string]bool{}
	for _, e := range list {
		if e.key != f.key {
			continue
		}
		r, err := e.read()
		if err != nil { // it does not count, and the merge names it
			continue
		}
		done[r.Job] = done[r.Job] || r.Died == "" || !again
	}
	return done, nil
}
