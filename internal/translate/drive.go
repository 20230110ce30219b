package translate

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/script"
	"ptsim/kern"
	"ptsim/pgalloc"
)

// About returns the comment that a script begins with.
func About(text string) []string {
	var about []string
	for _, s := range strings.Split(text, "\n") {
		s, ok := strings.CutPrefix(strings.TrimSpace(s), "#")
		if !ok {
			break
		}
		about = append(about, strings.TrimSpace(strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return ' '
			}
			return r
		}, s)))
	}
	return about
}

// Script translates a script for a version. about is prose for the scenario.
func Script(s *script.Script, about []string, v question.Version, set question.Setting) (*Result, error) {
	r, err := script.New(s, script.Options{Variant: pgalloc.Variant(v.Variant()), Pin: pgalloc.Pin(v.Pin())})
	if err != nil {
		return nil, err
	}
	var states []*script.State
	if err := r.Run(func(st *script.State) error { states = append(states, st); return nil }); err != nil {
		return nil, err
	}
	result, err := translate(s, states, false, about, v, set)
	var large *explore.ModelError
	if errors.As(err, &large) {
		// A task may not allocate as much as that.
		return translate(s, states, true, about, v, set)
	}
	return result, err
}

func translate(s *script.Script, states []*script.State, early bool, about []string, v question.Version, set question.Setting) (*Result, error) {
	t := &translation{s: s, early: early, states: states, mms: map[int]*space{}, tables: map[string]*table{}}
	if err := t.write(); err != nil {
		return nil, err
	}
	if len(t.order) == 0 || len(t.lines[scriptTask]) == 0 {
		return nil, &script.Error{File: s.Name, What: "nothing to step through", Expected: "operations on an mm"}
	}
	scn, err := scenario.Parse(fileName(s.Name), t.text(about))
	if err != nil {
		return nil, fmt.Errorf("%s: as a scenario: %w", s.Name, err)
	}
	d := &driver{scenario: scn, version: v, set: set, t: t}
	return d.drive()
}

// fileName is what the scenario is called: schedules have its name in them.
func fileName(name string) string {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	base = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, base)
	if strings.Trim(base, "_") == "" {
		base = "script"
	}
	return base + ".scn"
}

// driver finds the schedule.
type driver struct {
	scenario *scenario.Scenario
	version  question.Version
	set      question.Setting
	t        *translation

	w     *explore.Stepper
	queue []kern.Addr // callbacks, the first one queued first
	hook  int         // up to where the task hook has gone
	pos   int         // the operation that the last step was part of
	chose int         // the operation in which it had a choice, -1 if in none
	rest  [numTasks]bool
}

// errEnded says that something is broken, so that nothing can go on.
var errEnded = errors.New("the schedule has ended")

func (d *driver) drive() (*Result, error) {
	m, err := question.Model(d.scenario, d.version)
	if err != nil {
		return nil, err
	}
	opt := explore.Defaults()
	opt.Softirqs, opt.Grace = d.set.Softirqs, d.set.Grace
	if d.w, err = explore.NewStepper(m, opt); err != nil {
		return nil, err
	}
	defer d.w.Close()
	r := &Result{Scenario: d.scenario, Ends: make([]int, len(d.t.s.Ops)), Rest: make([]bool, len(d.t.s.Ops))}
	for i := range r.Ends {
		r.Ends[i] = -1
	}
	for _, a := range d.t.did {
		err := d.action(&a)
		if err != nil && !errors.Is(err, errEnded) {
			op := &d.t.s.Ops[a.op]
			return nil, fmt.Errorf("%s:%d: %s: %w", d.t.s.Name, op.Line, op.Text, err)
		}
		r.Ends[a.op], r.Rest[a.op] = d.w.Len(), d.rest[scriptTask] || d.rest[hookTask]
		if err != nil {
			break
		}
	}
	if bad := d.w.Violation(); bad != nil {
		r.Note = bad.Sentence()
	}
	r.Schedule = d.w.Text()
	return r, nil
}

// action does what a line of the script does.
func (d *driver) action(a *action) error {
	switch a.kind {
	case script.GP:
		queued := slices.Clone(d.queue)
		for _, item := range queued {
			if err := d.item(item, explore.SoftirqThread, a.hooks); err != nil {
				return err
			}
		}
		return nil
	case script.Work:
		for {
			items := d.w.Works()
			if len(items) == 0 {
				return nil
			}
			if err := d.item(items[0].Item, explore.KworkerThread, 0); err != nil {
				return err
			}
		}
	}
	return d.task(scriptTask, a.to)
}

// task has a task go on up to an operation. What an operation does last may be its own business, which is done with the next
// step that others can see: a step that would be one of a later operation is taken back.
func (d *driver) task(task, to int) error {
	if task >= len(d.scenario.Tasks) {
		return nil
	}
	for {
		th := d.w.Thread(task)
		if d.rest[task] = th.Wait != explore.Over && th.Pos < to; !d.rest[task] {
			return nil
		}
		path, queue := d.w.Path(), slices.Clone(d.queue)
		if err := d.step(&th); err != nil && (!errors.Is(err, errEnded) || d.w.Len() == len(path)) {
			return err
		}
		if d.pos < to {
			if d.w.Ended() {
				return errEnded
			}
			continue
		}
		return d.rewind(path, queue)
	}
}

// rewind goes back to where a path led.
func (d *driver) rewind(path []explore.Move, queue []kern.Addr) error {
	if err := d.w.Reset(); err != nil {
		return err
	}
	for _, mv := range path {
		if _, err := d.w.Take(mv); err != nil {
			return err
		}
	}
	d.queue = queue
	return nil
}

// item runs a callback or a work item from its beginning to its end, and the hooks just before it takes a lock.
func (d *driver) item(item kern.Addr, kind explore.ThreadKind, hooks int) error {
	on := -1
	for _, th := range d.w.Threads() {
		if th.Kind != kind || on >= 0 {
			continue
		}
		for _, o := range th.Moves {
			if o.Begins && o.Item == item && th.Wait == explore.Ready {
				on = th.Number
				if err := d.take(o.Move); err != nil {
					return err
				}
				break
			}
		}
	}
	if on < 0 {
		if d.w.Ended() {
			return errEnded
		}
		return errors.New("a callback cannot run; expected its grace period to be over")
	}
	for {
		th := d.w.Thread(on)
		if len(th.Moves) == 0 || th.Moves[0].Begins {
			return d.over()
		}
		if k := th.Moves[0].Op.Kind; hooks > d.hook && (k == kern.OpSpinLock || k == kern.OpSpinLockBH) {
			d.hook = hooks
			if err := d.task(hookTask, hooks); err != nil {
				return err
			}
			continue
		}
		if err := d.step(&th); err != nil {
			return err
		}
	}
}

func (d *driver) over() error {
	if d.w.Ended() {
		return errEnded
	}
	return nil
}

// step has a thread take its next step. Where there is a choice, it goes the way that the script's machine does.
func (d *driver) step(th *explore.Thread) error {
	if d.w.Ended() {
		return errEnded
	}
	if th.Wait != explore.Ready {
		return fmt.Errorf("%s cannot go on (%s)", th.Name, th.Wait)
	}
	o := th.Moves[0]
	if o.Ways <= 1 || th.Kind != explore.TaskThread {
		return d.take(o.Move)
	}
	other := th.Moves[len(th.Moves)-1].Move
	if cfg, _ := d.w.Instance().M.CacheConfig(int(o.Choice.A)); cfg.TypesafeByRCU && kern.GFP(o.Choice.B) != kern.GFPNowait {
		return d.take(other) // a new object
	}
	path, queue := d.w.Path(), slices.Clone(d.queue)
	err := d.take(o.Move)
	if failed := d.t.failed[th.Number]; d.chose < 0 || d.chose >= len(failed) || !failed[d.chose] {
		return err
	}
	if err := d.rewind(path, queue); err != nil {
		return err
	}
	return d.take(other)
}

func (d *driver) take(mv explore.Move) error {
	did, err := d.w.Take(mv)
	if err != nil {
		return err
	}
	d.chose = -1
	for i := range did {
		d.pos = did[i].Pos
		if did[i].Ways > 1 && d.chose < 0 {
			d.chose = did[i].Pos
		}
	}
	// A step queues one callback at most, and begins one at most.
	now := d.w.Callbacks()
	d.queue = slices.DeleteFunc(d.queue, func(a kern.Addr) bool {
		return mv.Item == a || !slices.ContainsFunc(now, func(c explore.Callback) bool { return c.Item == a })
	})
	for _, c := range now {
		if !slices.Contains(d.queue, c.Item) {
			d.queue = append(d.queue, c.Item)
		}
	}
	return d.bad()
}

// bad ends the drive where something is broken.
func (d *driver) bad() error {
	if d.w.Violation() != nil {
		return errEnded
	}
	return nil
}
