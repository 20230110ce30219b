package explore

import (
	"fmt"
	"os"
	"sync"
	"time"

	"ptsim/internal/checkpoint"
	"ptsim/kern"
)

// Checkpoint keeps in a file how far searches have come, so that the same searches go on from there in a later run: to the
// same verdict, the same counts and the same schedule. It goes into Options.Checkpoint. It serves one search after the other,
// not several at once, and expects the same ones in the same order each time.
//
// The file is written every minute, and when a search is cut short: by its Context, or since Options.Memory is used up. Most
// of it is the fingerprints of the states that were met. A fingerprint has in it the numbers of places in the code (see
// automaton), so the file also says in which order these were learnt, and they are learnt again in that order. Each search that
// has ended is kept as its Result alone.
//
// Options.Memory may be another the next time, and Options.Threads one of several instead of another; with several, Depth and
// Transitions depend on chance, as ever.
type Checkpoint struct {
	// Every is how often the file is written, a minute if it is 0; but not so often that it costs more than a fiftieth of the
	// time.
	Every time.Duration

	name, question string

	mu      sync.Mutex
	kept    saved
	next    int                // the part that is asked for next
	going   *savedSearch       // the search in the middle of which the file was written
	file    *checkpoint.Reader // the tables of which are in here
	due     time.Time          // when to write
	changed bool               // there are parts that the file does not have
	err     error              // of the last writing

	fromStates uint64 // where the search went on that was going
	fromTime   time.Duration
}

// saved is the first thing in the file behind its head.
type saved struct {
	Parts []savedPart
	Note  []byte // what the user of the package keeps
	Going bool   // a savedSearch follows
}

// savedPart is a search that has ended. One call of Exhaustive, Shortest or Bounded takes several at times: one that broke a
// rule by which it folded steps is done again, and data races are judged by a search of their own.
type savedPart struct {
	Key                 string
	Result              savedResult
	Racy                []kern.Addr
	Halves              bool // as in part
	Pairs               pairing
	Broken              bool
	StaysRef, StaysList bool
	StaysLocks          []kern.Addr
	StaysShared         bool
	StaysReaders        bool
	StaysServers        bool
}

// maxShare is the part of the time that writing may take.
const maxShare = 50

// OpenCheckpoint opens a file to go on with searches, or to keep new ones in. The question says in words what is searched and
// how: a file that holds another one is refused, and so is one that is damaged, or from another build of the program. The
// error is one line that says what to do.
func OpenCheckpoint(name, question string) (*Checkpoint, error) {
	c := &Checkpoint{name: name, question: question, due: time.Now()}
	r, err := checkpoint.Open(name, question)
	if err != nil {
		return nil, err
	}
	if r == nil { // fail before the work, not after
		w, err := checkpoint.Create(name, question)
		if err != nil {
			return nil, err
		}
		w.Discard()
		return c, nil
	}
	err = r.Read(&c.kept)
	if err == nil && c.kept.Going {
		c.going = &savedSearch{}
		err = r.Read(c.going)
	}
	if err != nil || c.going == nil {
		r.Close()
		return c, err
	}
	c.file, c.fromStates, c.fromTime = r, c.going.States, c.going.Elapsed
	return c, nil
}

// GoesOn tells how far the search had come, and in how much time, that the file was in the middle of when it was opened. It is
// not ok if it was in the middle of none.
func (c *Checkpoint) GoesOn() (states uint64, elapsed time.Duration, ok bool) {
	return c.fromStates, c.fromTime, c.fromTime > 0
}

// Err returns why the file could not be written the last time, nil if it could.
func (c *Checkpoint) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Note returns what was kept by Keep.
func (c *Checkpoint) Note() []byte { return c.kept.Note }

// Keep writes a note in place of the searches, whose answer it is.
func (c *Checkpoint) Keep(note []byte) error {
	c.mu.Lock()
	c.kept, c.changed = saved{Note: note}, true
	c.mu.Unlock()
	return c.Close()
}

// Close writes what the file does not have yet of searches that have ended.
func (c *Checkpoint) Close() error {
	if c.file != nil {
		c.file.Close()
	}
	if c.changed {
		c.write(nil)
	}
	return c.Err()
}

// Written tells whether there is a file: an earlier run left it, or this one has written it.
func (c *Checkpoint) Written() bool {
	_, err := os.Stat(c.name)
	return err == nil
}

// Remove ends it as Close does, and removes the file: what the searches came to is kept elsewhere.
func (c *Checkpoint) Remove() {
	if c.file != nil {
		c.file.Close()
	}
	os.Remove(c.name)
}

// isDue tells whether it is time to write.
func (c *Checkpoint) isDue() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return !time.Now().Before(c.due)
}

// every is how often isDue should be asked.
func (c *Checkpoint) every() time.Duration {
	if c.Every == 0 {
		return time.Minute
	}
	return c.Every
}

// begin starts the clock.
func (c *Checkpoint) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == 0 {
		c.due = time.Now().Add(c.every())
	}
}

// finished returns the part that is next, if it has ended.
func (c *Checkpoint) finished(key string) (*savedPart, error) {
	if c.next == len(c.kept.Parts) {
		if c.going != nil && c.going.Key != key {
			return nil, c.file.Refuse(fmt.Sprintf("is in the middle of another search (%s); expected %s", c.going.Key, key))
		}
		return nil, nil
	}
	p := &c.kept.Parts[c.next]
	if p.Key != key {
		return nil, &checkpoint.Refused{File: c.name, Why: fmt.Sprintf("holds another search (%s); expected %s: delete the file to begin anew", p.Key, key)}
	}
	c.next++
	return p, nil
}

// finish keeps a part that has ended.
func (c *Checkpoint) finish(p savedPart) {
	c.mu.Lock()
	c.kept.Parts, c.changed = append(c.kept.Parts, p), true
	c.next = len(c.kept.Parts)
	c.mu.Unlock()
	if c.isDue() {
		c.write(nil)
	}
}

// write writes the file. going adds the search that is under way; it may be nil. An error is kept for whoever asks: a search
// does not end because a disk is full.
func (c *Checkpoint) write(going func(w *checkpoint.Writer) error) {
	start := time.Now()
	err := c.put(going)
	took := time.Since(start)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	c.changed = c.changed && err != nil
	c.due = time.Now().Add(max(c.every(), maxShare*took))
}

func (c *Checkpoint) put(going func(w *checkpoint.Writer) error) error {
	w, err := checkpoint.Create(c.name, c.question)
	if err != nil {
		return err
	}
	c.kept.Going = going != nil
	err = w.Add(&c.kept)
	if err == nil && going != nil {
		err = going(w)
	}
	if err != nil {
		w.Discard()
		return fmt.Errorf("%s: cannot write: %w", c.name, err)
	}
	return w.Commit()
}

// savedResult is a Result in the file.
type savedResult struct {
	Verdict     Verdict
	Violation   *kern.Violation
	Schedule    *savedSchedule
	States      uint64
	Transitions uint64
	Depth       int
	Elapsed     time.Duration
	Bytes       uint64
	Runs        int
	Why         string
	Finals      int
	Kinds       map[string]int
	Counted     bool // there are Kinds, if no entries
	Reached     *Reached
	Orderings   []Ordering // that it reached
	Edited      []bool
	Length      []int // switches and steps
}

func keepResult(x *system, r *Result) savedResult {
	s := savedResult{r.Verdict, r.Violation, x.keepSchedule(r.Schedule), r.States, r.Transitions, r.Depth, r.Elapsed, r.Bytes, r.Runs, r.Why,
		r.Finals, r.Kinds, r.Kinds != nil, r.Reached, nil, nil, nil}
	if r.Reached != nil {
		s.Orderings, s.Edited = r.Reached.orderings, r.Reached.edited
	}
	if r.length != nil {
		s.Length = []int{r.length.switches, r.length.steps}
	}
	return s
}

func (s *savedResult) result(x *system) (r Result, err error) {
	r = Result{
		Verdict: s.Verdict, Violation: s.Violation, States: s.States, Transitions: s.Transitions, Depth: s.Depth,
		Elapsed: s.Elapsed, Bytes: s.Bytes, Runs: s.Runs, Why: s.Why, Finals: s.Finals, Kinds: s.Kinds, Reached: s.Reached,
	}
	if r.Reached != nil {
		r.Reached.orderings, r.Reached.edited = s.Orderings, s.Edited
	}
	if s.Counted && r.Kinds == nil {
		r.Kinds = map[string]int{}
	}
	if len(s.Length) == 2 {
		r.length = &length{s.Length[0], s.Length[1]}
	}
	if s.Schedule != nil {
		r.Schedule, err = s.Schedule.schedule(x)
	}
	return r, err
}

// savedSchedule is a Schedule in the file: its text without its steps, and the steps, of which a text may not have so many.
type savedSchedule struct {
	Text          string
	Threads, Alts []byte
	Items         []kern.Addr
}

func (x *system) keepSchedule(s *Schedule) *savedSchedule {
	if s == nil {
		return nil
	}
	head := *s
	head.path = nil
	k := &savedSchedule{Text: head.Text()}
	for _, m := range s.path {
		k.Threads, k.Alts, k.Items = append(k.Threads, byte(m.t)), append(k.Alts, m.alt), append(k.Items, m.item)
	}
	return k
}

func (k *savedSchedule) schedule(x *system) (*Schedule, error) {
	s, err := ParseSchedule(k.Text)
	if err != nil {
		return nil, err
	}
	for i := range k.Threads {
		s.path = append(s.path, move{threadName(k.Threads[i]), k.Alts[i], k.Items[i]})
	}
	return s, nil
}
