package replay

import "ptsim/internal/ftrace"

// call is a system call between its entry and its return.
type call struct {
	kind                         ftrace.Kind
	addr, length, newLen, offset uint64
	flags, prot, cmd, arg        uint64
	fd, fd2                      int64
	pid                          int32
	path                         string
}

// calls are the system calls that threads are in. Most return before another thread enters one, so the newest is kept apart from the
// map of the others.
type calls struct {
	in     bool // somebody is in the newest
	tid    int32
	newest call
	more   map[int32]call // by TID
}

// enter notes the call that an event enters, in place of the one that its thread was in.
func (c *calls) enter(e *ftrace.Event) {
	if c.in && c.tid != e.TID {
		c.more[c.tid] = c.newest
	}
	if len(c.more) > 0 {
		delete(c.more, e.TID)
	}
	c.in, c.tid = true, e.TID
	c.newest = call{
		kind: entries[e.Kind], addr: e.Addr, length: e.Len, newLen: e.NewLen, offset: e.Off, flags: e.Flags, prot: e.Prot,
		cmd: e.Cmd, arg: e.Arg, fd: e.FD, fd2: e.FD2, pid: e.Pid, path: e.Name,
	}
}

// leave returns the call that a thread is in if its return is of that kind, and then the thread is in none.
func (c *calls) leave(tid int32, exit ftrace.Kind) (call, bool) {
	if c.in && c.tid == tid {
		if c.newest.kind != exit {
			return call{}, false
		}
		c.in = false
		return c.newest, true
	}
	in, ok := c.more[tid]
	if !ok || in.kind != exit {
		return call{}, false
	}
	delete(c.more, tid)
	return in, true
}

// forget drops the call that a thread is in, if it is in one.
func (c *calls) forget(tid int32) {
	if c.tid == tid {
		c.in = false
	}
	delete(c.more, tid)
}
