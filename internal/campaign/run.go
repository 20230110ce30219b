package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Options say how a shard is run.
type Options struct {
	Shard    Shard
	Threads  int              // jobs at once; 0 is 1
	Start    func() *exec.Cmd // a child: a process that calls Serve on its standard input and output
	Attempts int              // how often a job may be begun without an end before that is its result; 0 is DefaultAttempts
	Limit    time.Duration    // that a job may take; 0 is no limit
	Memory   string           // the limit that Start gives to children, to say so when one dies; "" is none
	Again    bool             // do jobs that died once more
	Progress func(Progress)
	Context  context.Context
}

// DefaultAttempts is how often a job is begun whose shard dies with it each time.
const DefaultAttempts = 3

// Progress is how far a shard is.
type Progress struct {
	Done, Jobs  int     // of the shard
	Part        float64 // of the estimated time
	Died        int
	Job         string // that was finished last
	Elapsed     time.Duration
	DoneAlready int // before it began
}

// ErrInterrupted says that the context ended before the shard was done.
var ErrInterrupted = context.Canceled

// Jobs that are estimated at less than this share a child, up to so many: it is a hundred times what a start costs.
const (
	smallJob = 1.0
	perChild = 200
)

// Run does a shard's jobs and writes their results into the folder. It returns the last progress; the error is ErrInterrupted, or
// says why results cannot be written, or children not be started.
func (f *Folder) Run(opt Options) (Progress, error) {
	if opt.Context == nil {
		opt.Context = context.Background()
	}
	if opt.Attempts == 0 {
		opt.Attempts = DefaultAttempts
	}
	done, err := f.done(opt.Again)
	if err != nil {
		return Progress{}, err
	}
	ctx, cancel := context.WithCancel(opt.Context)
	defer cancel()
	r := &running{Folder: f, opt: opt, ctx: ctx, begun: time.Now()}
	for _, i := range f.plan.Share(opt.Shard) {
		r.p.Jobs++
		r.seconds += f.plan.Jobs[i].Seconds
		if done[f.plan.Jobs[i].Name] {
			r.p.Done++
			r.p.DoneAlready++
			r.spent += f.plan.Jobs[i].Seconds
			continue
		}
		r.todo = append(r.todo, i)
	}
	var wg sync.WaitGroup
	for range min(max(opt.Threads, 1), len(r.todo)) {
		wg.Go(func() {
			if err := r.work(); err != nil {
				r.mu.Lock()
				if r.err == nil {
					r.err = err
				}
				r.mu.Unlock()
				cancel()
			}
		})
	}
	wg.Wait()
	if r.err == nil && opt.Context.Err() != nil && r.p.Done < r.p.Jobs {
		r.err = ErrInterrupted
	}
	return r.p, r.err
}

// running is a shard under way.
type running struct {
	*Folder
	opt   Options
	ctx   context.Context
	begun time.Time

	mu             sync.Mutex
	todo           []int
	p              Progress
	spent, seconds float64 // estimates
	err            error
}

func (r *running) next() (*Job, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.todo) == 0 || r.ctx.Err() != nil {
		return nil, false
	}
	j := &r.plan.Jobs[r.todo[0]]
	r.todo = r.todo[1:]
	return j, true
}

// work does jobs until there are none.
func (r *running) work() error {
	var c *child // that the next job may have
	served := 0
	defer func() {
		if c != nil {
			c.end()
		}
	}()
	for {
		j, ok := r.next()
		if !ok {
			return nil
		}
		before, err := r.begin(j.Name)
		if err != nil {
			return err
		}
		res := &Result{Plan: r.id, Program: r.plan.Program, Job: j.Name}
		if before >= r.opt.Attempts {
			res.Died = fmt.Sprintf("it was begun %d times, and each time its shard ended with it", before)
			if err := r.finish(j, res); err != nil {
				return err
			}
			continue
		}
		if c != nil && (j.Seconds >= smallJob || served >= perChild) {
			c.end()
			c = nil
		}
		if c == nil {
			served = 0
			if c, err = start(r.opt.Start()); err != nil {
				r.unbegin(j.Name)
				return err
			}
		}
		rep, err := c.do(r.ctx, task{r.plan.Kind, r.plan.Common, *j, r.Search(j.Name)}, r.opt.Limit)
		served++
		switch {
		case errors.Is(err, errStopped):
			c = nil
			r.unbegin(j.Name)
			return nil
		case err != nil:
			c, res.Died = nil, err.Error()
			if r.opt.Memory != "" { // who hits it may die in many ways
				res.Died += ", with a memory limit of " + r.opt.Memory
			}
		case rep.Failed != "":
			res.Died = rep.Failed
		default:
			res.Answer, res.Cost = rep.Answer, rep.Cost
		}
		res.Seconds, res.Bytes = rep.Seconds, rep.Bytes
		if c != nil && j.Seconds >= smallJob {
			c.end()
			c = nil
		}
		if err := r.finish(j, res); err != nil {
			return err
		}
	}
}

// finish keeps a result and tells of it.
func (r *running) finish(j *Job, res *Result) error {
	res.Host, _ = os.Hostname()
	res.Ended = time.Now().UTC().Truncate(time.Second)
	if err := r.keep(res); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.p.Done++
	if res.Died != "" {
		r.p.Died++
	}
	r.spent += j.Seconds
	r.p.Job, r.p.Elapsed = j.Name, time.Since(r.begun)
	if r.p.Part = 1; r.seconds > 0 {
		r.p.Part = r.spent / r.seconds
	}
	if r.opt.Progress != nil {
		r.opt.Progress(r.p)
	}
	return nil
}
