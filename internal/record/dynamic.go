//go:build linux

package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// dynamicEvents is the file in which events are made and removed, one a line. It belongs to all instances, so it is written
// to as by a shell's >>: a > would remove everybody's events.
const dynamicEvents = "dynamic_events"

// standIn is an event that is made where the kernel has none of its own.
type standIn struct {
	missing    string // the kernel's event
	covers     string // another one for which it stands as well
	on         string // what the made one is set upon, in the same group; "" for a function, which no folder tells
	name       string
	kind       string // p: a kprobe, e: an event probe
	definition string
	result     [2]string // the event that tells the result: the usual one, and the one that goes with on
}

// Every fault at a user address goes through handle_mm_fault, whatever the architecture and whatever the mode. And s390's
// mmap has one argument, a pointer to six words in user memory, which an event probe reads. Package ftrace knows both by
// what they are set upon, and by these names of fields.
var standIns = []standIn{
	{missing: "exceptions/page_fault_user", covers: "exceptions/page_fault_kernel", name: "fault", kind: "p",
		definition: "handle_mm_fault address=$arg2:x64 error_code=$arg3:x32"},
	{missing: "syscalls/sys_enter_mmap", on: "sys_enter_old_mmap", name: "mmap", kind: "e",
		definition: "syscalls.sys_enter_old_mmap addr=+u0($arg):x64 len=+u8($arg):x64 prot=+u16($arg):x64 flags=+u24($arg):x64 " +
			"fd=+u32($arg):x64 off=+u40($arg):x64",
		result: [2]string{"syscalls/sys_exit_mmap", "syscalls/sys_exit_old_mmap"}},
}

// plan is the events that are recorded on this kernel. It makes those that stand in for others.
func (r *recording) plan() ([]event, error) {
	list := slices.Clone(events)
	for _, s := range standIns {
		group, name := path.Split(s.missing)
		folder := path.Join("events", group)
		has, err := r.List(folder)
		if err != nil {
			return nil, explain(r, folder, "read", err)
		}
		if slices.Contains(has, name) || s.on != "" && !slices.Contains(has, s.on) || !r.dynamic {
			continue
		}
		made, err := r.makeEvent(s)
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(e event) bool { return e.name == s.covers })
		for i := range list {
			switch list[i].name {
			case s.missing:
				list[i] = event{made, "the event that ptsim has made"}
			case s.result[0]:
				list[i].name = s.result[1]
			}
		}
		r.result.note("no %s: an event of ptsim's own stood in, on %s (tried on s390; on arm64 and others not yet)", s.missing,
			strings.Fields(s.definition)[0])
	}
	return list, nil
}

// makeEvent makes an event and returns its name. It is noted first, as a write may fail and yet have done its work.
func (r *recording) makeEvent(s standIn) (string, error) {
	name := fmt.Sprintf("ptsim_%d/%s", os.Getpid(), s.name)
	r.made = append(r.made, name)
	if err := r.Append(dynamicEvents, s.kind+":"+name+" "+s.definition); err != nil {
		return "", fmt.Errorf("record: %s: cannot make an event on %s: %w; expected a kernel on which it can be traced: %s may say more",
			filepath.Join(r.Root(), dynamicEvents), strings.Fields(s.definition)[0], bare(err), filepath.Join(r.Root(), "error_log"))
	}
	return name, nil
}

// unmake removes the events that were made. Nothing may record them any more.
func (r *recording) unmake() (err error) {
	for i := len(r.made) - 1; i >= 0; i-- {
		if e := r.removeEvent(r.made[i]); e != nil {
			err = both(e, err)
		}
	}
	r.made = nil
	return err
}

func (r *recording) removeEvent(name string) error {
	err := insist(func() error {
		err := r.Append(dynamicEvents, "-:"+name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%w; it is removed by: echo -:%s >> %s", explain(r, dynamicEvents, "remove "+name, err), name,
			filepath.Join(r.Root(), dynamicEvents))
	}
	return nil
}

// sweep removes what recordings left that were killed: instances, and then the events in them. What it cannot remove is in
// nobody's way and is noted.
func (r *recording) sweep() error {
	instances, err := r.List("instances")
	if err != nil {
		return explain(r, "instances", "read", err)
	}
	swept, failed := 0, 0
	count := func(err error) {
		if err == nil {
			swept++
		} else {
			failed++
		}
	}
	for _, name := range instances {
		if number, ok := strings.CutPrefix(name, "ptsim-"); ok && orphaned(number) {
			count(r.Rmdir(path.Join("instances", name)))
		}
	}
	text, err := r.Read(dynamicEvents)
	switch {
	case errors.Is(err, fs.ErrNotExist): // before v5.0
	case err != nil:
		return explain(r, dynamicEvents, "read", err)
	default:
		r.dynamic = true
	}
	for line := range strings.Lines(text) { // "p:GROUP/EVENT PLACE ARGUMENTS"
		place, _, _ := strings.Cut(line, " ")
		_, name, _ := strings.Cut(place, ":")
		group, _, _ := strings.Cut(name, "/")
		if number, ok := strings.CutPrefix(group, "ptsim_"); ok && orphaned(number) {
			count(r.Append(dynamicEvents, "-:"+name))
		}
	}
	if swept > 0 {
		r.result.note("removed what a recording that was killed had left: %d of tracefs's instances and events", swept)
	}
	if failed > 0 {
		r.result.note("a recording that was killed left %d instances and events that are in use, and stay", failed)
	}
	return nil
}

// orphaned reports whether what is named by this PID, and perhaps a number more, belongs to no recording: its process is
// gone, or this process has its number now and has not begun.
func orphaned(number string) bool {
	number, _, _ = strings.Cut(number, "-")
	pid, err := strconv.Atoi(number)
	return err == nil && pid > 0 && (pid == os.Getpid() || !runs(procFS, pid))
}
