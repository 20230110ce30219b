package campaign

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"ptsim/internal/prose"
)

// task is what a child is told to do: a line of JSON.
type task struct {
	Kind   string          `json:"kind"`
	Common json.RawMessage `json:"common"`
	Job    Job             `json:"job"`
	Search string          `json:"search"` // a file to keep how far it is
}

// reply is what a child answers: a line of JSON.
type reply struct {
	Answer  json.RawMessage `json:"answer,omitempty"`
	Cost    json.RawMessage `json:"cost,omitempty"`
	Failed  string          `json:"failed,omitempty"` // why there is no answer
	Stopped bool            `json:"stopped,omitempty"`
	Seconds float64         `json:"seconds"`
	Bytes   uint64          `json:"memory_bytes"`
}

// Task is a job that a child does.
type Task struct {
	Kind   string
	Common json.RawMessage
	Job    Job
	Search string // a file in which it may keep how far it is; it is removed when the job has a result
}

// Serve is the child's side: it does the jobs that come in, one line each, and writes what comes of them. It returns when there
// are no more. When the parent stops it or dies, in the middle of a job, the context of do ends; do then returns soon.
func Serve(in io.Reader, out io.Writer, do func(ctx context.Context, t Task) (answer, cost any, err error)) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		r := bufio.NewReader(in)
		for {
			line, err := r.ReadBytes('\n')
			if err != nil {
				stop()
				return
			}
			select {
			case lines <- line:
			case <-ctx.Done():
				return
			}
		}
	}()
	for line := range lines {
		var t task
		if err := json.Unmarshal(line, &t); err != nil {
			return fmt.Errorf("standard input: no job: %w", err)
		}
		before := processorSeconds()
		answer, cost, err := do(ctx, Task(t))
		var r reply
		switch {
		case ctx.Err() != nil:
			r.Stopped = true
		case err != nil:
			r.Failed = prose.OneLine(err.Error())
		default:
			if r.Answer, err = json.Marshal(answer); err != nil {
				return err
			}
			if cost != nil {
				if r.Cost, err = json.Marshal(cost); err != nil {
					return err
				}
			}
		}
		r.Seconds, r.Bytes = round(processorSeconds()-before), peakBytes()
		data, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(data, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// child is a process that does jobs, one after the other.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	errs beginning
	err  error // of Wait
}

func start(cmd *exec.Cmd) (*child, error) {
	c := &child{cmd: cmd}
	var err error
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	cmd.Stderr = &c.errs
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start a process for a job: %w", err)
	}
	return c, nil
}

// patience is how long a child that is asked to stop may take to write down how far it is.
const patience = 10 * time.Second

// errors that end a job without a result.
var errStopped = errors.New("stopped")

// do has the child do a job. If it died the error says how. It is errStopped if the context ended.
func (c *child) do(ctx context.Context, t task, limit time.Duration) (r reply, err error) {
	line, err := json.Marshal(t)
	if err != nil {
		return r, err
	}
	type got struct {
		line []byte
		err  error
	}
	replies := make(chan got, 1)
	go func() {
		if _, err := c.in.Write(append(line, '\n')); err != nil {
			replies <- got{nil, err} // it has died
			return
		}
		line, err := c.out.ReadBytes('\n')
		replies <- got{line, err}
	}()
	var late <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	var g got
	select {
	case g = <-replies:
	case <-late:
		c.cmd.Process.Kill()
		<-replies
		c.wait()
		return r, fmt.Errorf("it took longer than %s", limit)
	case <-ctx.Done():
		c.in.Close() // it stops, and says so
		select {
		case g = <-replies:
		case <-time.After(patience):
			c.cmd.Process.Kill()
			<-replies
		}
		c.wait()
		if g.err == nil && json.Unmarshal(g.line, &r) == nil && !r.Stopped {
			return r, nil // it was done just then
		}
		return r, errStopped
	}
	if g.err != nil {
		c.in.Close()
		c.wait()
		if ctx.Err() != nil { // the engine ended all processes at once
			return r, errStopped
		}
		return r, errors.New(c.death())
	}
	if err := json.Unmarshal(g.line, &r); err != nil {
		c.end()
		return r, fmt.Errorf("it wrote no answer: %w", err)
	}
	return r, nil
}

// end lets the child go.
func (c *child) end() {
	c.in.Close()
	timer := time.AfterFunc(patience, func() { c.cmd.Process.Kill() })
	defer timer.Stop()
	c.wait()
}

func (c *child) wait() { c.err = c.cmd.Wait() }

// death says how a child died.
func (c *child) death() string {
	how := "it ended without an answer"
	if c.err != nil {
		how = c.err.Error() // exit status 2, signal: killed
	}
	if said := c.errs.said(); said != "" {
		return how + ": " + said
	}
	if how == "signal: killed" {
		return how + ", as the kernel does when memory is short"
	}
	return how
}

// beginning keeps the beginning of what a process said.
type beginning struct {
	mu   sync.Mutex
	text []byte
}

const beginningBytes = 64 << 10

func (t *beginning) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := beginningBytes - len(t.text); room > 0 {
		t.text = append(t.text, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// said returns the line that says why, of a report of Go's; else the first.
func (t *beginning) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	for _, line := range lines {
		for _, begin := range []string{"panic: ", "fatal error: ", "runtime: out of memory"} {
			if strings.HasPrefix(line, begin) {
				return line
			}
		}
	}
	return strings.TrimSpace(lines[0])
}
