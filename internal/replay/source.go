package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ptsim/internal/ftrace"
)

// source hands on the events of a trace. Where the trace does not show what kind of task a fork makes, it reads ahead to
// what tells it, and puts a NewTask event before the fork.
//
// That is needed where there is no TGID column (the kernel's default, and all that trace-cmd and perf script print),
// neither task_newtask nor the flags of clone: clone3 keeps them in memory. A later event decides:
//
//   - It exits with group_dead=false, or it executes and takes another number: a thread.
//   - It executes and keeps its number, it tears down an address space, its parent's process ends before it, or it exits with
//     group_dead=true while its parent lives: a process.
//
// Events are held for it, mostHeld at most. A child of clone3 about which nothing is known by then is taken for a thread:
// pthread_create uses clone3, fork() does not. One of a call that was not traced is left to [Replay].
type source struct {
	in      *ftrace.Reader
	held    []heldEvent
	head    int // of held
	first   int // number of held[head], counted from the beginning of the trace
	pending []birth
	calls   map[int32]ftrace.Kind // by TID: the clone that a thread is in
	told    map[int32]bool        // children whose task_newtask was seen
	eof     bool
	threads int // children of clone3 that were taken for threads
	met     [ftrace.NumKinds]int64
}

type heldEvent struct {
	event  ftrace.Event
	thread bool // a Fork that makes a thread
}

// birth is a Fork of which it is not known what it makes.
type birth struct {
	child, parent int32
	number        int // of the event
	clone3        bool
	parentLeft    bool // the parent's thread ended, its process did not
}

// mostHeld bounds what is read ahead: about 20 MiB.
const mostHeld = 1 << 16

// threadFlags are what pthread_create asks of clone, as far as they matter here.
const threadFlags = cloneVM | cloneFiles | cloneThread

func newSource(in *ftrace.Reader) *source {
	return &source{in: in, calls: map[int32]ftrace.Kind{}, told: map[int32]bool{}}
}

// next is [ftrace.Reader.Next], with NewTask events before the forks that need one.
func (s *source) next(ev *ftrace.Event) error {
	for {
		if s.head < len(s.held) && (len(s.pending) == 0 || s.first < s.pending[0].number) {
			s.pop(ev)
			return nil
		}
		if s.eof {
			return io.EOF
		}
		if err := s.in.Next(ev); err != nil {
			if !errors.Is(err, io.EOF) {
				return err
			}
			s.eof = true
			for len(s.pending) > 0 {
				s.giveUp()
			}
			continue
		}
		s.met[ev.Kind]++
		if s.head == len(s.held) {
			s.held, s.head = s.held[:0], 0
			if ev.TGID >= 0 && len(s.pending) == 0 || !s.note(ev) {
				s.first++
				return nil
			}
		} else {
			s.note(ev)
		}
		s.held = append(s.held, heldEvent{event: *ev})
		for len(s.held)-s.head > mostHeld && len(s.pending) > 0 {
			s.giveUp()
		}
	}
}

// pop hands on the oldest event that is held. Before the fork of a thread it hands on the NewTask that says so.
func (s *source) pop(ev *ftrace.Event) {
	h := &s.held[s.head]
	*ev = h.event
	if h.thread {
		h.thread = false
		*ev = ftrace.Event{Kind: ftrace.NewTask, Line: ev.Line, Time: ev.Time, CPU: ev.CPU, TID: ev.TID, TGID: ev.TGID,
			Pid: ev.ChildPid, Flags: threadFlags}
		return
	}
	s.head++
	s.first++
}

// note learns from an event, which is the next to be held, and reports whether it has to be: a birth is pending.
func (s *source) note(e *ftrace.Event) bool {
	switch e.Kind {
	case ftrace.CloneEnter, ftrace.ForkEnter, ftrace.VforkEnter, ftrace.Clone3Enter:
		s.calls[e.TID] = e.Kind
	case ftrace.NewTask:
		s.told[e.Pid] = true
	case ftrace.Fork:
		s.born(e)
	case ftrace.Exec:
		s.decide(e.ChildPid, e.Pid != e.ChildPid)
	case ftrace.ExitMmap:
		if i := s.find(e.TID); i >= 0 && !s.pending[i].parentLeft {
			s.settle(i, false)
		}
	case ftrace.Exit:
		s.exited(e)
	}
	return len(s.pending) > 0
}

func (s *source) born(e *ftrace.Event) {
	call, seen := s.calls[e.TID]
	delete(s.calls, e.TID)
	if i := s.find(e.ChildPid); i >= 0 {
		s.settle(i, false) // the number is in use again, and its end was not seen
	}
	if s.told[e.ChildPid] {
		delete(s.told, e.ChildPid)
		return
	}
	if e.TGID >= 0 || seen && call != ftrace.Clone3Enter {
		return
	}
	s.pending = append(s.pending, birth{child: e.ChildPid, parent: e.TID, number: s.first + len(s.held) - s.head, clone3: seen})
}

// exited learns from the end of a thread.
func (s *source) exited(e *ftrace.Event) {
	delete(s.calls, e.TID)
	if !e.HasGroupDead {
		return
	}
	if i := s.find(e.TID); i >= 0 {
		s.settle(i, !e.GroupDead || s.pending[i].parentLeft)
	}
	for i := 0; i < len(s.pending); i++ {
		if s.pending[i].parent != e.TID {
			continue
		}
		if e.GroupDead {
			s.settle(i, false)
			i--
		} else {
			s.pending[i].parentLeft = true
		}
	}
}

func (s *source) find(child int32) int {
	return slices.IndexFunc(s.pending, func(b birth) bool { return b.child == child })
}

func (s *source) decide(child int32, thread bool) {
	if i := s.find(child); i >= 0 {
		s.settle(i, thread)
	}
}

// settle says what the pending birth i made.
func (s *source) settle(i int, thread bool) {
	s.held[s.head+s.pending[i].number-s.first].thread = thread
	s.pending = slices.Delete(s.pending, i, i+1)
}

// giveUp settles the oldest pending birth by what is likely.
func (s *source) giveUp() {
	thread := s.pending[0].clone3
	if thread {
		s.threads++
	}
	s.settle(0, thread)
}

// needed are the kinds without which a replay lacks something, by the name that tracefs has for them.
var needed = []struct {
	kind ftrace.Kind
	name string
}{
	{ftrace.PageFaultUser, "exceptions/page_fault_user"},
	{ftrace.MmapEnter, "syscalls/sys_enter_mmap"}, {ftrace.MmapExit, "syscalls/sys_exit_mmap"},
	{ftrace.MunmapEnter, "syscalls/sys_enter_munmap"}, {ftrace.BrkExit, "syscalls/sys_exit_brk"},
	{ftrace.Fork, "sched/sched_process_fork"}, {ftrace.Exec, "sched/sched_process_exec"}, {ftrace.Exit, "sched/sched_process_exit"},
}

// neverMet lists the needed kinds that the trace did not hold.
func (s *source) neverMet() (names []string) {
	for _, n := range needed {
		if s.met[n.kind] == 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// empty is the error of a trace that populated nothing: there is no answer to give.
func (s *source) empty() error {
	stats := s.in.Stats()
	known := stats.Events - s.met[ftrace.Other]
	what := fmt.Sprintf("none of its %d events populates memory", stats.Events)
	if known == 0 {
		what = fmt.Sprintf("none of its %d events is one that the replay uses", stats.Events)
	}
	if stats.Fields > 0 {
		what += " (they are printed as option fields of tracefs does; echo 0 > options/fields switches it off)"
	}
	return fmt.Errorf("%s: %s; expected events of page faults; never met: %s; docs/traces.md tells how to record them",
		s.in.Name(), what, strings.Join(s.neverMet(), ", "))
}
