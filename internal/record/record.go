//go:build linux

package record

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Run records a command. An error means that the output is of no use; a command that fails is no error.
func Run(o Options) (res *Result, err error) {
	if len(o.Command) == 0 {
		return nil, errors.New("record: no command; expected one")
	}
	r, err := newRecording(&o)
	if err != nil {
		return nil, err
	}
	if r.command, err = hold(o.Command, streams{o.Stdin, o.Stdout, o.Stderr}); err != nil {
		return nil, err
	}
	defer r.command.drop()
	defer func() { // a panic passes through here as well
		if e := r.restore(); e != nil {
			res, err = nil, both(err, e)
		}
	}()
	if err := r.start(); err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := r.command.open(); err != nil {
		return nil, err
	}
	if err := r.attend(); err != nil {
		return nil, err
	}
	r.result.Duration = time.Since(begin)
	if err := r.finish(); err != nil {
		return nil, err
	}
	return &r.result, nil
}

// both is two errors in one line.
func both(first, second error) error {
	if first == nil {
		return second
	}
	return fmt.Errorf("%w; and %w", first, second)
}

// recording is one that is under way.
type recording struct {
	settings
	o        *Options
	instance string // our own, "" if the top level is used
	command  *held
	result   Result

	pipe     closer
	copier   *copier
	dynamic  bool     // the kernel can make events
	made     []string // those that were made, GROUP/EVENT
	out      *bufio.Writer
	lines    lineWriter
	promise  promise
	before   map[string]int64 // silent losses of each CPU
	others   []int            // PIDs that are traced and not the command's
	restored bool
}

type closer interface{ Close() error }

// newRecording looks whether tracefs can be used, and changes nothing.
func newRecording(o *Options) (*recording, error) {
	r := &recording{o: o}
	r.files = o.files
	if r.files == nil {
		root := o.Tracefs
		if root == "" {
			var err error
			if root, err = Find(); err != nil {
				return nil, err
			}
		}
		r.files = dir{root}
	}
	const file = "current_tracer"
	tracer, err := r.Read(file)
	if err != nil {
		return nil, explain(r, file, "read", err)
	}
	if tracer = strings.TrimSpace(tracer); tracer != "nop" {
		return nil, fmt.Errorf("record: %s: the tracer %s is active; expected none: echo nop > %[1]s stops it",
			filepath.Join(r.Root(), file), tracer)
	}
	return r, r.suits()
}

// suits tells whether this machine is one whose traces can be replayed, if this is a real tracefs.
func (r *recording) suits() error {
	var st syscall.Statfs_t
	if err := syscall.Statfs(r.Root(), &st); err != nil || int64(st.Type) != tracefsMagic {
		return nil
	}
	if size := os.Getpagesize(); size != pageSize {
		return fmt.Errorf("record: pages of this kernel have %d bytes; expected %d", size, pageSize)
	}
	const first = "pid:[4026531836]" // PROC_PID_INIT_INO
	if ns, err := os.Readlink("/proc/self/ns/pid"); err == nil && ns != first {
		return fmt.Errorf("record: this is a PID namespace of its own (%s); expected the first one, whose PIDs tracefs uses", ns)
	}
	return nil
}

// start makes an instance and turns tracing on.
func (r *recording) start() error {
	if err := r.sweep(); err != nil {
		return err
	}
	events, err := r.plan()
	if err != nil {
		return err
	}
	if err := r.place(); err != nil {
		return err
	}
	if err := r.set(r.at("tracing_on"), "0"); err != nil {
		return err
	}
	pids := []int{r.command.pid()}
	if !r.o.OmitKhugepaged {
		r.others = khugepaged(procFS)
		pids = append(pids, r.others...)
	}
	missing, err := apply(&r.settings, r.instance, events, pids)
	if err != nil {
		return err
	}
	if r.result.BufferKiB, err = setBuffer(&r.settings, r.instance, r.o.BufferKiB); err != nil {
		return err
	}
	if len(missing) > 0 {
		r.result.note("this kernel has no %s", strings.Join(missing, ", "))
	}
	if err := r.writeHeader(); err != nil {
		return err
	}
	if r.before, err = silentLosses(r, r.instance); err != nil {
		return err
	}
	p, err := r.Pipe(r.at("trace_pipe"))
	if err != nil {
		return explain(r, r.at("trace_pipe"), "open", err)
	}
	r.pipe = p
	if err := r.set(r.at("tracing_on"), "1"); err != nil {
		return err
	}
	r.copier = startCopy(&r.lines, p)
	return nil
}

func (r *recording) at(file string) string { return path.Join(r.instance, file) }

// place makes an instance, or sees whether the top level can be used.
func (r *recording) place() error {
	instances, err := r.List("instances")
	if err != nil {
		return explain(r, "instances", "read", err)
	}
	name := fmt.Sprintf("ptsim-%d", os.Getpid())
	for n := 2; slices.Contains(instances, name); n++ { // what a killed recording of the same PID left, and somebody uses
		name = fmt.Sprintf("ptsim-%d-%d", os.Getpid(), n)
	}
	instance := path.Join("instances", name)
	r.instance = instance // first: the folder may be there although an error says no
	if err = r.Mkdir(instance); err == nil {
		return nil
	}
	if errors.Is(err, syscall.EACCES) {
		r.instance = ""
		return explain(r, instance, "make an instance", err)
	}
	if !errors.Is(err, fs.ErrExist) {
		if e := r.remove(); e != nil {
			return both(explain(r, instance, "make an instance", err), e)
		}
	}
	r.instance = ""
	if e := r.idle(); e != nil {
		return both(e, fmt.Errorf("there is no instance either: %w", bare(err)))
	}
	r.result.note("no instance of tracefs (%v): its top level was used, and put back", bare(err))
	return nil
}

// idle tells whether nobody uses the top level.
func (r *recording) idle() error {
	const file = "set_event"
	enabled, err := r.Read(file)
	if err != nil {
		return explain(r, file, "read", err)
	}
	if e := strings.Fields(enabled); len(e) > 0 {
		return fmt.Errorf("record: %s: somebody traces %s; expected no events, as the buffer would be shared",
			filepath.Join(r.Root(), file), strings.Join(e[:min(len(e), 3)], ", "))
	}
	cpus, err := r.List("per_cpu")
	if err != nil {
		return explain(r, "per_cpu", "read", err)
	}
	for _, cpu := range cpus {
		stats, err := readStats(r, path.Join("per_cpu", cpu, "stats"))
		if err != nil {
			return err
		}
		if n := stats["entries"]; n > 0 {
			return fmt.Errorf("record: %s: the buffer holds %d events of another trace; expected none: echo > %s drops them",
				filepath.Join(r.Root(), "per_cpu", cpu), n, filepath.Join(r.Root(), "trace"))
		}
	}
	return nil
}

// finish turns tracing off, takes what is left in the buffers and completes the output.
func (r *recording) finish() error {
	if err := r.halt(); err != nil {
		return err
	}
	if err := r.lines.flush(); err != nil {
		return r.outputError(err)
	}
	after, err := silentLosses(r, r.instance)
	if err != nil {
		return err
	}
	for _, cpu := range slices.Sorted(maps.Keys(after)) {
		if n := after[cpu] - r.before[cpu]; n > 0 {
			if err := r.lines.lose(cpu, n); err != nil {
				return r.outputError(err)
			}
		}
	}
	if r.result.Background, err = r.background(); err != nil {
		return err
	}
	if err := r.out.Flush(); err != nil {
		return r.outputError(err)
	}
	r.result.Counts = r.lines.counts
	if r.result.Events == 0 {
		return fmt.Errorf("record: nothing was recorded of %s; expected events of %s at least", r.o.Command[0], eventExec)
	}
	return r.promise.keep(r.o.Output, r.result.Events)
}

// halt turns tracing off and waits for the copier.
func (r *recording) halt() error {
	off := insist(func() error { return r.Write(r.at("tracing_on"), "0") })
	err := r.copier.finish()
	r.copier = nil
	if off != nil {
		return explain(r, r.at("tracing_on"), `write "0"`, off)
	}
	return r.copyError(err)
}

// background counts the tasks of the command that still run. Those that ended leave the list some time later only.
func (r *recording) background() (int, error) {
	file := r.at("set_event_pid")
	text, err := r.Read(file)
	if err != nil {
		return 0, explain(r, file, "read", err)
	}
	n := 0
	for word := range strings.FieldsSeq(text) {
		pid, err := strconv.Atoi(word)
		if err == nil && pid != r.command.pid() && !slices.Contains(r.others, pid) && runs(procFS, pid) {
			n++
		}
	}
	return n, nil
}

func (r *recording) copyError(err error) error {
	var out *writeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &out):
		return r.outputError(out.err)
	}
	return explain(r, r.at("trace_pipe"), "read", err)
}

func (r *recording) outputError(err error) error {
	return &OutputError{err}
}
