package sidebyside

import (
	"cmp"
	"fmt"
	"slices"

	"ptsim/explore"
	"ptsim/internal/stepper"
)

// follower has the right version do what the left does.
type follower struct {
	line        []*stepper.Try
	right       *stepper.Session
	l, r        *known
	lName       string
	rName       string
	now         *stepper.View // where the left stands
	threads     []thread
	rows        []Row
	differences [][]difference // by row
	settled     []int          // by row: the row at which both have come to the end of what it was part of
	last        int            // the last row of the left
}

// thread is what the two sides of one thread are at.
type thread struct {
	choices []choice
	want    *content // the callback or work item that the left is in
	begun   bool     // and the right has begun its own
	open    []int    // the rows of what both are in
}

// choice is one that the left makes, somewhere along the schedule.
type choice struct {
	pos  int
	what stepper.Choice
}

func newFollower(line []*stepper.Try, q stepper.Question, right *stepper.Session) *follower {
	f := &follower{line: line, right: right, lName: q.Version.String(), rName: right.Question.Version.String()}
	f.l, f.r = newKnown(f.lName), newKnown(f.rName)
	f.threads = make([]thread, len(right.View().Lanes))
	for i, try := range line[1:] {
		t := try.Move.Thread
		lane := &line[i].View.Lanes[t]
		for _, mv := range lane.Moves {
			if len(lane.Moves) > 1 && lane.Doing != "" && try.View.Did != nil && mv.Text == try.View.Did.Move {
				f.threads[t].choices = append(f.threads[t].choices, choice{lane.Pos, mv.Choice})
			}
		}
	}
	return f
}

// follow goes along the whole line, and on to the right's end if the left has ended.
func (f *follower) follow() error {
	f.now = f.line[0].View
	f.row(0, f.now, f.right.View(), "")
	f.threads[0].open = nil
	for i, try := range f.line[1:] {
		if err := f.step(f.line[i].View, try); err != nil {
			return err
		}
	}
	f.last = len(f.rows) - 1
	for i := range f.settled {
		f.settled[i] = min(f.settled[i], f.last)
	}
	if f.now.Ended {
		return f.rest()
	}
	return nil
}

// row notes a moment of a thread: either side may be nil.
func (f *follower) row(t int, left, right *stepper.View, note string) {
	if left != nil {
		f.now = left
		f.l.see(left)
	}
	f.r.see(f.right.View())
	row := Row{Left: left, Right: right, Note: note, What: []string{}}
	var d []difference
	if f.last == 0 {
		d = differ(f.now, f.right.View(), f.l, f.r)
	}
	for _, one := range d {
		row.What = append(row.What, one.text)
	}
	row.Differs = len(d) > 0
	f.threads[t].open = append(f.threads[t].open, len(f.rows))
	f.rows, f.differences, f.settled = append(f.rows, row), append(f.differences, d), append(f.settled, len(f.line)*maxAhead)
}

// single notes a step of one side that the other variant does not have.
func (f *follower) single(t int, left, right *stepper.View, other string) {
	f.row(t, left, right, "there is no such step in "+other)
	f.rows[len(f.rows)-1].NoStep = true
}

// settle says that both sides of a thread have come to the end of an operation or callback, by the last row.
func (f *follower) settle(t int) {
	for _, i := range f.threads[t].open {
		f.settled[i] = len(f.rows) - 1
	}
	f.threads[t].open = nil
}

// first returns the first row with a difference that was not there from the start and is still there when both have come to
// the end of the operation or callback; the first row of all if there is none but what was there from the start; -1 if
// there is none.
func (f *follower) first() int {
	for i := range f.rows {
		if len(f.news(i)) > 0 {
			return i
		}
	}
	if f.rows[0].Differs {
		return 0
	}
	return -1
}

// news returns what differs at a row, for good, and did not from the start. Once the left has ended there is nothing left
// to compare with.
func (f *follower) news(i int) []string {
	if i == 0 || i > f.last {
		return nil
	}
	var list []string
	for _, d := range f.differences[i] {
		old := slices.ContainsFunc(f.differences[0], func(o difference) bool { return o.key == d.key })
		stays := slices.ContainsFunc(f.differences[f.settled[i]], func(o difference) bool { return o.thing == d.thing })
		if !old && stays {
			list = append(list, d.text)
		}
	}
	return list
}

// step follows one step of the left.
func (f *follower) step(before *stepper.View, try *stepper.Try) error {
	t := try.Move.Thread
	after := try.View
	lane, was := &after.Lanes[t], &before.Lanes[t]
	task := was.Kind == explore.TaskThread
	var err error
	switch {
	case f.right.View().Ended:
		f.row(t, after, nil, f.rName+" has come to its end")
		return nil
	case task:
		err = f.tasks(t, try)
	default:
		err = f.served(t, try)
	}
	if err != nil {
		return err
	}
	pos, over := -1, lane.Doing == ""
	switch {
	case task && !after.Did.Own():
		pos = f.pos(after)
		over = over || lane.Pos > pos
	case task:
		pos = lastPos
	}
	if !over {
		return nil
	}
	if err := f.finish(t, pos); err != nil {
		return err
	}
	if !f.within(&f.right.View().Lanes[t], pos) || f.right.View().Ended {
		f.settle(t)
	}
	if !task {
		f.threads[t].want, f.threads[t].begun = nil, false
	}
	return nil
}

// lastPos is beyond all operations of a task.
const lastPos = 1 << 20

// pos returns which of the task's operations a step was part of.
func (f *follower) pos(v *stepper.View) int {
	steps := v.Did.Steps()
	return steps[len(steps)-1].Pos
}

// tasks follows a step of a task.
func (f *follower) tasks(t int, try *stepper.Try) error {
	if try.View.Did.Own() { // it only ended
		f.row(t, try.View, nil, "")
		return nil
	}
	pos := f.pos(try.View)
	if err := f.finish(t, pos-1); err != nil {
		return err
	}
	return f.match(t, pos, try)
}

// served follows a step of a softirq or kworker.
func (f *follower) served(t int, try *stepper.Try) error {
	if try.View.Did.Own() {
		f.row(t, try.View, nil, "")
		return nil
	}
	th := &f.threads[t]
	steps := try.View.Did.Steps()
	begins := steps[len(steps)-1].Begins
	if begins {
		facts := try.View.Did.Facts()
		c := f.l.content(try.View, facts.Func, facts.Thing)
		th.want = &c
		th.begun = false
		if err := f.finish(t, -1); err != nil { // what it was in before
			return err
		}
	}
	if th.begun {
		return f.match(t, -1, try)
	}
	move, why := f.counterpart(t, *th.want)
	if move == "" {
		f.row(t, try.View, nil, why)
		return nil
	}
	if err := f.right.Take(move); err != nil {
		return err
	}
	th.begun = true
	if begins {
		f.row(t, try.View, f.right.View(), "")
		return nil
	}
	f.row(t, nil, f.right.View(), "only now could "+f.rName+" begin it")
	return f.match(t, -1, try)
}

// counterpart finds the callback or work item of the right that does what the left's does, or says why there is none.
func (f *follower) counterpart(t int, want content) (move, why string) {
	v := f.right.View()
	lane := &v.Lanes[t]
	queue := v.RCU
	if lane.Kind == explore.KworkerThread {
		queue = v.Work
	}
	best, found := 0, -1
	for i := range queue {
		if n := want.likeness(f.r.content(v, queue[i].Func, queue[i].Object)); n > best {
			best, found = n, i
		}
	}
	if found < 0 {
		return "", fmt.Sprintf("%s has nothing queued that does what the %s does", f.rName, want)
	}
	for _, mv := range lane.Moves {
		if mv.Choice.Begins == queue[found].Name {
			return mv.Text, ""
		}
	}
	switch {
	case lane.Doing != "":
		return "", fmt.Sprintf("%s cannot begin %s: it is still in %s", f.rName, queue[found].Name, lane.Doing)
	case len(queue[found].Waits) > 0:
		return "", fmt.Sprintf("%s cannot begin %s: it waits for %s", f.rName, queue[found].Name, queue[found].Waits[0])
	}
	return "", fmt.Sprintf("%s cannot begin %s: %s", f.rName, queue[found].Name, cmp.Or(lane.Why, "another is first"))
}

// match has the right's thread take its steps until it has done what the left's step did, if it does that in this
// operation or callback at all.
func (f *follower) match(t, pos int, try *stepper.Try) error {
	want := doneBy(try.View, f.l)
	start := f.right.At()
	var path []*stepper.Try
	note := ""
	for range maxAhead {
		v := f.right.View()
		lane := &v.Lanes[t]
		if !f.within(lane, pos) || v.Ended {
			break
		}
		if len(lane.Moves) == 0 {
			note = fmt.Sprintf("%s cannot follow: %s", f.rName, lane.Why)
			break
		}
		if err := f.right.Take(f.choose(t, lane)); err != nil {
			return err
		}
		v = f.right.View()
		if v.Did.Own() || f.pos(v) != pos {
			break
		}
		path = append(path, f.right.At())
		if want.same(doneBy(v, f.r)) {
			return f.show(t, path, try.View)
		}
	}
	if err := f.right.Jump(start.ID); err != nil {
		return err
	}
	if note == "" {
		f.single(t, try.View, nil, f.rName)
	} else {
		f.row(t, try.View, nil, note)
	}
	return nil
}

// maxAhead is how many steps of an operation are looked at for the one that matches.
const maxAhead = 500

// within tells whether a lane is in that operation, or for pos -1 in a callback.
func (f *follower) within(lane *stepper.Lane, pos int) bool {
	return lane.Doing != "" && lane.Pos <= pos
}

// show makes rows of steps that were taken: the last one beside the left's, those before it alone.
func (f *follower) show(t int, path []*stepper.Try, left *stepper.View) error {
	for i, try := range path {
		if err := f.right.Jump(try.ID); err != nil {
			return err
		}
		if i == len(path)-1 {
			f.row(t, left, try.View, "")
		} else {
			f.single(t, nil, try.View, f.lName)
		}
	}
	return nil
}
