package explore

import (
	"fmt"
	"strconv"
	"strings"

	"ptsim/internal/quote"
	"ptsim/kern"
)

// threadName is a thread by its role and its number in that: A is the first task, w0 the first kworker, s0 the first softirq CPU.
type threadName uint8

// The names of kworkers and softirq CPUs begin here; those of tasks at 0.
const (
	kworkerNames threadName = 64
	softirqNames threadName = 128
)

// maxTasks is how many tasks have letters.
const maxTasks = 26

func (n threadName) String() string {
	switch {
	case n < kworkerNames:
		return string(rune('A' + n))
	case n < softirqNames:
		return "w" + itoa(int(n-kworkerNames))
	}
	return "s" + itoa(int(n-softirqNames))
}

// parseThread reads the name of a thread.
func parseThread(text string) (threadName, bool) {
	if len(text) == 1 && text[0] >= 'A' && text[0] < 'A'+maxTasks {
		return threadName(text[0] - 'A'), true
	}
	for i := range maxThreads {
		for _, n := range [...]threadName{kworkerNames, softirqNames} {
			if n += threadName(i); n.String() == text {
				return n, true
			}
		}
	}
	return 0, false
}

// nameOf returns the name of a thread: its number among those of its role.
func (x *system) nameOf(t int) threadName {
	switch tasks, workers := x.model.Tasks, x.opt.Workers; {
	case t < tasks:
		return threadName(t)
	case t < tasks+workers:
		return kworkerNames + threadName(t-tasks)
	default:
		return softirqNames + threadName(t-tasks-workers)
	}
}

// threadOf is the inverse of nameOf, -1 if there is no such thread.
func (x *system) threadOf(n threadName) int {
	for t := range x.threads {
		if x.nameOf(t) == n {
			return t
		}
	}
	return -1
}

// writeMoves writes the steps of a schedule. Steps of one thread in a row are one run, unless they say more than who it is.
func writeMoves(b *strings.Builder, path []move) {
	for i := 0; i < len(path); {
		m := path[i]
		n := 1
		for m.alt == 0 && m.item == 0 && i+n < len(path) && path[i+n] == m {
			n++
		}
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(m.t.String())
		switch m.item {
		case 0:
		case Drain:
			b.WriteString("!q")
		default:
			fmt.Fprintf(b, "!%x", uint32(m.item))
		}
		if m.alt != 0 {
			fmt.Fprintf(b, "?%d", m.alt)
		}
		if n > 1 {
			fmt.Fprintf(b, "x%d", n)
		}
		i += n
	}
}

// maxSchedule is how many transitions the text of a schedule may have.
const maxSchedule = 1 << 16

// parseMoves is the inverse of writeMoves.
func parseMoves(text string) (path []move, err error) {
	if text == "" {
		return nil, nil
	}
	for _, token := range strings.Split(text, "-") {
		m, n, err := parseRun(token)
		if err != nil {
			return nil, err
		}
		if len(path)+n > maxSchedule {
			return nil, fmt.Errorf("more than %d steps", maxSchedule)
		}
		for range n {
			path = append(path, m)
		}
	}
	return path, nil
}

// parseRun reads one run of steps: A, Ax3, A?1, s0!1a4.
func parseRun(token string) (m move, n int, err error) {
	bad := wrongSteps(token)
	rest, count, times := strings.Cut(token, "x")
	rest, alt, choice := strings.Cut(rest, "?")
	name, item, begins := strings.Cut(rest, "!")
	n = 1
	if times {
		v, err := strconv.ParseUint(count, 10, 16)
		if err != nil || v == 0 {
			return m, 0, bad
		}
		n = int(v)
	}
	if choice {
		v, err := strconv.ParseUint(alt, 10, 8)
		if err != nil {
			return m, 0, bad
		}
		m.alt = uint8(v)
	}
	if item == "q" {
		m.item, begins = Drain, false
	}
	if begins {
		v, err := strconv.ParseUint(item, 16, 32)
		if err != nil || v == 0 {
			return m, 0, bad
		}
		m.item = kern.Addr(v)
	}
	t, ok := parseThread(name)
	if !ok {
		return m, 0, bad
	}
	m.t = t
	return m, n, nil
}

func wrongSteps(token string) error {
	return fmt.Errorf("steps %s; expected something like A, Ax3, A?1, w0!1a4 or s0!1a4", quote.Short(token))
}

// Fits tells whether a model of so many tasks and kworkers has the threads that the schedule names.
func (s *Schedule) Fits(tasks, workers int) error {
	for _, m := range s.path {
		if m.t < kworkerNames && int(m.t) >= tasks || m.t >= kworkerNames && m.t < softirqNames && int(m.t-kworkerNames) >= workers {
			return wrongSteps(m.t.String())
		}
	}
	return nil
}

// Moves returns the steps of a schedule, each as the text that a Stepper takes: A, B?1, s0!12c0. Single tells whether they are
// single steps; else each is as many as need no other thread to be looked at, and only Follow knows how many those are.
func (s *Schedule) Moves() (moves []string, single bool) {
	for _, m := range s.path {
		var b strings.Builder
		writeMoves(&b, []move{m})
		moves = append(moves, b.String())
	}
	return moves, s.how == stepwise
}
