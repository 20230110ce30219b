//go:build linux

// Command guest is the first process of a guest that runs a real s390 kernel, and everything that the guest has to do: it
// finds the places for its probes in the code of the running kernel, runs workloads, writes down what the kernel's
// allocator of page tables did as logs for ptsim conform, records the workloads with ptsim record, and hands the results
// over on a raw disk. docs/real/run starts it.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const tracing = "/sys/kernel/tracing"

func main() {
	if len(os.Args) == 3 && os.Args[1] == "wl" {
		if err := runWorkload(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "guest:", err)
			os.Exit(1)
		}
		return
	}
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "guest: runs as the first process of a guest; see docs/real/run")
		os.Exit(2)
	}
	if err := job(); err != nil {
		fmt.Println("guest:", err)
		_ = os.WriteFile(results+"/error", []byte(err.Error()+"\n"), 0o644)
	}
	if err := handOver(); err != nil {
		fmt.Println("guest:", err)
	}
	powerOff()
}

func job() error {
	if err := boot(); err != nil {
		return err
	}
	k, err := runningKernel()
	if err != nil {
		return err
	}
	probes, shared, err := findProbes(k)
	if err != nil {
		return err
	}
	for _, p := range probes {
		if err := appendTo("kprobe_events", p.definition()); err != nil {
			return err
		}
	}
	var info strings.Builder
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return err
	}
	variant := "fullpage"
	if shared {
		variant = "classic"
	}
	fmt.Fprintf(&info, "kernel %s\nvariant %s\n", strings.TrimSpace(string(release)), variant)
	for _, p := range probes {
		fmt.Fprintf(&info, "probe %s %s+%#x\n", p.name, p.function, p.offset)
	}
	for _, w := range workloads {
		for _, recorded := range []bool{false, true} {
			if w.name == "nothing" || recorded && w.name == "races" {
				continue
			}
			line, err := watch(w.name, recorded)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			info.WriteString(line)
			fmt.Print(line)
		}
	}
	if err := killed(); err != nil {
		return err
	}
	info.WriteString("killed recording swept\n")
	return os.WriteFile(results+"/summary", []byte(info.String()), 0o644)
}

// killed kills a recording in the middle, so that it cannot tidy up, and wants the next one to sweep what it left.
func killed() error {
	if left, err := leftEvents(); err != nil || left != "" {
		return cmp.Or(err, fmt.Errorf("ptsim record left an event: %s", left))
	}
	cmd := exec.Command("/bin/ptsim", "record", "-o", "/tmp/killed.gz", "--", "/bin/busybox", "sleep", "60")
	if err := cmd.Start(); err != nil {
		return err
	}
	left := ""
	for until := time.Now().Add(20 * time.Second); left == "" && time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		var err error
		if left, err = leftEvents(); err != nil {
			return err
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		return err
	}
	_ = cmd.Wait() // it was killed
	if left, err := leftEvents(); err != nil || left == "" {
		return cmp.Or(err, errors.New("a recording that was killed left no event: nothing to sweep"))
	}
	if out, err := exec.Command("/bin/ptsim", "record", "-o", "/tmp/next.gz", "--", "/init", "wl", "segs").CombinedOutput(); err != nil {
		return fmt.Errorf("the recording after a killed one: %w: %s", err, out)
	}
	if left, err := leftEvents(); err != nil || left != "" {
		return cmp.Or(err, fmt.Errorf("the next recording did not sweep: %s", left))
	}
	return nil
}

// leftEvents returns the dynamic events of ptsim record that there are.
func leftEvents() (string, error) {
	all, err := os.ReadFile(tracing + "/dynamic_events")
	if i := bytes.Index(all, []byte("ptsim_")); i >= 0 {
		return string(all[i:]), err
	}
	return "", err
}

func setTo(file, text string) error {
	return os.WriteFile(filepath.Join(tracing, file), []byte(text), 0o644)
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(filepath.Join(tracing, file), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString(text + "\n"); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}

// watch runs a workload with the probes on and writes its log. If recorded is set, ptsim record runs the workload, and watch
// writes the trace and how many tables the kernel allocated for the tasks in it.
func watch(name string, recorded bool) (string, error) {
	for _, s := range [][2]string{
		{"tracing_on", "0"}, {"trace", ""}, {"trace_clock", "mono"}, {"buffer_size_kb", "65536"}, {"events/real/enable", "1"}, {"tracing_on", "1"},
	} {
		if err := setTo(s[0], s[1]); err != nil {
			return "", err
		}
	}
	missed, err := misses()
	if err != nil {
		return "", err
	}
	trace := filepath.Join(results, name+".ftrace")
	cmd := exec.Command("/proc/self/exe", "wl", name)
	if recorded {
		cmd = exec.Command("/bin/ptsim", "record", "--buffer", "16384", "-o", trace, "--", "/init", "wl", name)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	syscall.Sync()
	for _, s := range [][2]string{{"tracing_on", "0"}, {"events/real/enable", "0"}} {
		if err := setTo(s[0], s[1]); err != nil {
			return "", err
		}
	}
	after, err := misses()
	if err != nil {
		return "", err
	}
	var log bytes.Buffer
	l := newLogger(&log)
	lost, err := l.read(filepath.Join(tracing, "trace"))
	if err != nil {
		return "", err
	}
	if !recorded {
		line := fmt.Sprintf("log %s records %d missed %d lost %d\n", name, bytes.Count(log.Bytes(), []byte("\n")), after-missed, lost)
		return line, os.WriteFile(filepath.Join(results, name+".log"), log.Bytes(), 0o644)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(trace+".said", out, 0o644); err != nil {
		return "", err
	}
	allocated, atOnce := 0, 0
	root := commandPID(text)
	in := tasks(text)
	for _, m := range l.made {
		switch {
		case m.creator == root: // the first is ptsim's own, at the gate before the command
			root = 0
		case in[m.creator]:
			allocated += m.allocated
			atOnce += m.atOnce
		}
	}
	return fmt.Sprintf("trace %s allocated %d at-once %d execs %d missed %d lost %d\n", name, allocated, atOnce,
		bytes.Count(text, []byte(": sched_process_exec: ")), after-missed, lost), nil
}

// commandPID is what the header says.
func commandPID(trace []byte) (pid int) {
	const key = "# command, PID "
	if i := bytes.Index(trace, []byte(key)); i >= 0 {
		word, _, _ := bytes.Cut(trace[i+len(key):], []byte(":"))
		pid, _ = strconv.Atoi(string(word))
	}
	return pid
}

// tasks are those that a trace is about.
func tasks(trace []byte) map[int]bool {
	const dash = 16
	found := map[int]bool{}
	for line := range bytes.Lines(trace) {
		if len(line) > dash && line[dash] == '-' && line[0] != '#' {
			word, _, _ := bytes.Cut(line[dash+1:], []byte(" "))
			if tid, err := strconv.Atoi(string(word)); err == nil {
				found[tid] = true
			}
		}
	}
	return found
}

// read takes a whole trace, in the order of time. It returns how many events the kernel dropped.
func (l *logger) read(file string) (lost int64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := lines.Text()
		if rest, ok := strings.CutPrefix(text, "# entries-in-buffer/entries-written: "); ok {
			var held, written int64
			if _, err := fmt.Sscanf(rest, "%d/%d", &held, &written); err != nil {
				return 0, err
			}
			lost = written - held
		}
		if h, ok := parseHit(text); ok {
			l.take(h)
		}
	}
	return lost, lines.Err()
}

// misses sums the last column of kprobe_profile: hits that were not recorded.
func misses() (sum int64, err error) {
	text, err := os.ReadFile(filepath.Join(tracing, "kprobe_profile"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		w := strings.Fields(line)
		if len(w) == 3 && !strings.HasPrefix(w[0], "ptsim_") {
			n, err := strconv.ParseInt(w[2], 10, 64)
			if err != nil {
				return 0, err
			}
			sum += n
		}
	}
	return sum, nil
}
