package campaign_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/campaign"
)

func text(t *testing.T, p *campaign.Plan) string {
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	return b.String()
}

func TestPlanIsReadAsWritten(t *testing.T) {
	p := planOf(1, "exit", 3)
	again, err := campaign.Read("plan", strings.NewReader(text(t, p)))
	require.NoError(t, err)
	assert.Equal(t, p, again)
	assert.Equal(t, p.ID(), again.ID())
	assert.Equal(t, text(t, p), text(t, again))
	other := planOf(1, "exit", 4)
	assert.NotEqual(t, p.ID(), other.ID())
	other = planOf(1, "exit", 3)
	other.Program = "another"
	assert.Equal(t, p.ID(), other.ID(), "a plan is the same whoever makes it")
	other.Common = json.RawMessage(`{"a":2}`)
	assert.NotEqual(t, p.ID(), other.ID())
}

// A plan that was damaged is refused, and the error says where.
func TestDamagedPlans(t *testing.T) {
	good := text(t, planOf(1, 2, 3))
	lines := strings.SplitAfter(good, "\n")
	for name, c := range map[string]struct{ text, want string }{
		"empty":       {"", "p: is empty; expected a plan"},
		"other":       {"hello\n", "p:1: no plan; expected what ptsim campaign plan prints"},
		"no head":     {strings.Join(lines[1:], ""), "p:1: no plan"},
		"format":      {strings.Replace(good, `"format":1`, `"format":9`, 1), "p:1: a plan of format 9; expected format 1"},
		"cut":         {strings.Join(lines[:3], ""), "p: 2 jobs, and its first line says 3: it was cut short or edited"},
		"cut in line": {good[:len(good)-5], "p:4: no job ("},
		"edited":      {strings.Replace(good, `"ask":2`, `"ask":5`, 1), "p: its jobs are not those of plan "},
		"twice":       {strings.Replace(good, "job-1", "JOB-0", 1), "p: job JOB-0: jobs 1 and 2 have the same name"},
		"name":        {strings.Replace(good, "job-1", "../x", 1), `p: job 2: name "../x"; expected letters`},
		"tilde":       {strings.Replace(good, "job-1", "job~1", 1), `p: job 2: name "job~1"; expected letters`},
		"estimate":    {strings.Replace(good, `"seconds":0.01`, `"seconds":-1`, 1), "p: job job-0: an estimate of -1 seconds"},
		"field":       {strings.Replace(good, `"ask":2`, `"ask":2,"more":1`, 1), "p:3: no job (json: unknown field"},
		"two":         {strings.Replace(good, `"ask":2}`, `"ask":2} 7`, 1), "p:3: no job (more than one value in a line)"},
	} {
		_, err := campaign.Read("p", strings.NewReader(c.text))
		if assert.Error(t, err, name) {
			assert.True(t, strings.HasPrefix(err.Error(), c.want), "%s: %s", name, err)
		}
	}
	assert.EqualError(t, (&campaign.Plan{Kind: "test"}).Write(&bytes.Buffer{}), "a plan without jobs; expected at least one")
}

// Every job is in one shard of any number of them, and no shard has much more than another.
func TestShare(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := &campaign.Plan{}
		longest, sum := 0.0, 0.0
		for i := range 1 + r.IntN(80) {
			s := r.ExpFloat64()
			if r.IntN(4) == 0 {
				s = 0
			}
			p.Jobs = append(p.Jobs, campaign.Job{Name: fmt.Sprint(i), Seconds: s})
			longest, sum = max(longest, s), sum+s
		}
		n := 1 + r.IntN(12)
		shard := make([]int, len(p.Jobs))
		most := 0.0
		for i := 1; i <= n; i++ {
			load, last := 0.0, 1e9
			for _, j := range p.Share(campaign.Shard{I: i, N: n}) {
				require.Zero(t, shard[j], "job %d is in two shards", j)
				shard[j] = i
				require.LessOrEqual(t, p.Jobs[j].Seconds, last, "the longest comes first")
				last = p.Jobs[j].Seconds
				load += last
			}
			most = max(most, load)
		}
		require.NotContains(t, shard, 0, "a job is in no shard")
		// Graham's bound, against the least that any division can have; jobs without an estimate count a little.
		assert.LessOrEqual(t, most, sum/float64(n)+longest+0.001*float64(len(p.Jobs)))
	}
}

func TestShardOf(t *testing.T) {
	slurm := func(id, low, count string) map[string]string {
		return map[string]string{"SLURM_ARRAY_TASK_ID": id, "SLURM_ARRAY_TASK_MIN": low, "SLURM_ARRAY_TASK_COUNT": count}
	}
	kube := func(i string) map[string]string { return map[string]string{"JOB_COMPLETION_INDEX": i} }
	with := func(m map[string]string, name, value string) map[string]string { m[name] = value; return m }
	for _, c := range []struct {
		text   string
		shards int
		env    map[string]string
		want   string
	}{
		{"", 0, nil, "1/1"},
		{"2/3", 0, nil, "2/3"},
		{"2/3", 0, slurm("1", "1", "9"), "2/3"},
		{"0/3", 0, nil, `--shard: "0/3"; expected I/N, such as 1/4 to 4/4`},
		{"4/3", 0, nil, `--shard: "4/3"; expected I/N, such as 1/4 to 4/4`},
		{"3", 0, nil, `--shard: "3"; expected I/N, such as 1/4 to 4/4`},
		{"1/3", 3, nil, "--shard and --shards; expected one of them"},
		{"", 3, nil, "--shards: JOB_COMPLETION_INDEX is not set, so which one this is is not known; expected --shard I/N"},
		{"", 0, slurm("1", "1", "4"), "1/4"},
		{"", 0, slurm("4", "1", "4"), "4/4"},
		{"", 0, slurm("0", "0", "4"), "1/4"},
		{"", 0, with(slurm("8", "2", "4"), "SLURM_ARRAY_TASK_STEP", "2"), "4/4"},
		{"", 0, slurm("7", "1", "3"), "SLURM_ARRAY_TASK_ID: 7 is not one of 3 from 1 in steps of 1; expected an array such as --array=1-4, or --shard I/N"},
		{"", 0, slurm("1", "1", ""), `SLURM_ARRAY_TASK_COUNT: ""; expected a number: give --shard I/N instead`},
		{"", 4, slurm("1", "1", "4"), "--shards: SLURM_ARRAY_TASK_ID is set, and Slurm says how many there are; expected --shard I/N, or neither"},
		{"", 4, kube("0"), "1/4"},
		{"", 4, kube("3"), "4/4"},
		{"", 4, kube("4"), "JOB_COMPLETION_INDEX: 4 of --shards 4; expected less: --shards is the completions of the Job"},
		{"", 0, kube("3"), "JOB_COMPLETION_INDEX is set, and Kubernetes does not say how many there are; expected --shards N with the completions of the Job"},
		{"", 4, kube("x"), `JOB_COMPLETION_INDEX: "x"; expected a number from 0`},
	} {
		s, err := campaign.ShardOf(c.text, c.shards, func(name string) string { return c.env[name] })
		have := s.String()
		if err != nil {
			have = err.Error()
		}
		assert.Equal(t, c.want, have)
	}
}
