package campaign

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ptsim/internal/quote"
)

// Shard is one process's part of a plan: I of N, from 1.
type Shard struct{ I, N int }

// Whole is all of a plan.
var Whole = Shard{1, 1}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.I, s.N) }

// maxShards is how many there may be.
const maxShards = 1 << 20

// ParseShard reads I/N.
func ParseShard(text string) (Shard, error) {
	i, n, ok := strings.Cut(text, "/")
	s := Shard{}
	var err1, err2 error
	s.I, err1 = strconv.Atoi(i)
	s.N, err2 = strconv.Atoi(n)
	if !ok || err1 != nil || err2 != nil || s.N < 1 || s.N > maxShards || s.I < 1 || s.I > s.N {
		return Shard{}, fmt.Errorf("%s; expected I/N, such as 1/4 to 4/4", quote.Short(text))
	}
	return s, nil
}

// Variables of the environment that an engine gives to each process.
const (
	slurmID    = "SLURM_ARRAY_TASK_ID" // from MIN, in steps
	slurmMin   = "SLURM_ARRAY_TASK_MIN"
	slurmStep  = "SLURM_ARRAY_TASK_STEP"
	slurmCount = "SLURM_ARRAY_TASK_COUNT"
	kubeIndex  = "JOB_COMPLETION_INDEX" // from 0; Kubernetes says nowhere how many there are
)

// ShardOf finds out which shard the process is: as text says if it is not empty, else as Slurm or Kubernetes say in the
// environment, else the whole. shards is how many there are, 0 where nobody said.
func ShardOf(text string, shards int, env func(string) string) (Shard, error) {
	slurm, kube := env(slurmID), env(kubeIndex)
	switch {
	case text != "" && shards > 0:
		return Shard{}, errors.New("--shard and --shards; expected one of them")
	case text != "":
		s, err := ParseShard(text)
		if err != nil {
			return s, fmt.Errorf("--shard: %w", err)
		}
		return s, nil
	case shards < 0 || shards > maxShards:
		return Shard{}, fmt.Errorf("--shards: %d; expected 1 to %d", shards, maxShards)
	case slurm != "" && shards > 0:
		return Shard{}, fmt.Errorf("--shards: %s is set, and Slurm says how many there are; expected --shard I/N, or neither", slurmID)
	case slurm != "":
		return slurmShard(env)
	case kube != "":
		i, err := strconv.Atoi(kube)
		if err != nil || i < 0 {
			return Shard{}, fmt.Errorf("%s: %s; expected a number from 0", kubeIndex, quote.Short(kube))
		}
		if shards == 0 {
			return Shard{}, fmt.Errorf("%s is set, and Kubernetes does not say how many there are; expected --shards N with the completions of the Job", kubeIndex)
		}
		if i >= shards {
			return Shard{}, fmt.Errorf("%s: %d of --shards %d; expected less: --shards is the completions of the Job", kubeIndex, i, shards)
		}
		return Shard{i + 1, shards}, nil
	case shards > 0:
		return Shard{}, fmt.Errorf("--shards: %s is not set, so which one this is is not known; expected --shard I/N", kubeIndex)
	}
	return Whole, nil
}

// slurmShard counts the tasks of a Slurm array, which may begin anywhere and leave numbers out.
func slurmShard(env func(string) string) (Shard, error) {
	number := func(name string, unless string) (int, error) {
		n, err := strconv.Atoi(cmp.Or(env(name), unless))
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%s: %s; expected a number", name, quote.Short(env(name)))
		}
		return n, nil
	}
	id, err1 := number(slurmID, "")
	low, err2 := number(slurmMin, "0")
	step, err3 := number(slurmStep, "1")
	count, err4 := number(slurmCount, "")
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return Shard{}, fmt.Errorf("%w: give --shard I/N instead", err)
	}
	s := Shard{(id-low)/max(step, 1) + 1, count}
	if id < low || s.I > s.N {
		return Shard{}, fmt.Errorf("%s: %d is not one of %d from %d in steps of %d; expected an array such as --array=1-4, or --shard I/N", slurmID, id, count, low, max(step, 1))
	}
	return s, nil
}

// Share returns which jobs a shard does, the longest first. It deals them out one after the other, the longest first, each to
// the shard that has the least so far: the longest of all shards takes at most 4/3 of the best there is (Graham 1969).
func (p *Plan) Share(s Shard) []int {
	order := make([]int, len(p.Jobs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Jobs[b].Seconds, p.Jobs[a].Seconds) })
	loads := make(loads, s.N)
	for i := range loads {
		loads[i].shard = i
	}
	var mine []int
	for _, j := range order {
		if loads[0].shard == s.I-1 {
			mine = append(mine, j)
		}
		loads[0].seconds += max(p.Jobs[j].Seconds, 1e-3) // so that jobs without an estimate are dealt out as well
		loads.sink()
	}
	return mine
}

// loads is a heap of shards, the least loaded first, and of those the one with the lowest number.
type loads []struct {
	seconds float64
	shard   int
}

// sink puts the first where it belongs.
func (l loads) sink() {
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(l); c++ {
			if l[c].seconds < l[least].seconds || l[c].seconds == l[least].seconds && l[c].shard < l[least].shard {
				least = c
			}
		}
		if least == i {
			return
		}
		l[i], l[least] = l[least], l[i]
		i = least
	}
}
