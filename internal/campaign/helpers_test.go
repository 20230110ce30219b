package campaign_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ptsim/internal/campaign"
)

const childVariable = "PTSIM_CAMPAIGN_CHILD"

// The test binary is also the child that does jobs.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		if err := campaign.Serve(os.Stdin, os.Stdout, do); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func asChild() *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=1")
	return cmd
}

var held [][]byte

// do squares a number, or does what a word says.
func do(ctx context.Context, t campaign.Task) (answer, cost any, err error) {
	var n int
	if json.Unmarshal(t.Job.Ask, &n) == nil {
		return n * n, os.Getpid(), nil
	}
	var word string
	if err := json.Unmarshal(t.Job.Ask, &word); err != nil {
		return nil, nil, err
	}
	switch word {
	case "refuse":
		return nil, nil, errors.New("there is\nno such thing")
	case "panic":
		panic("out of range")
	case "exit":
		fmt.Fprintln(os.Stderr, "child: that's it")
		os.Exit(7)
	case "killed":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "memory":
		if err := campaign.LimitMemory(128 << 20); err != nil {
			return nil, nil, err
		}
		for { // every byte, so that it is really there
			held = append(held, bytes.Repeat([]byte{1}, 16<<20))
		}
	case "deaf":
		time.Sleep(time.Hour)
	case "wait":
		<-ctx.Done()
		return nil, nil, ctx.Err()
	case "shard": // takes its shard with it, as where a container is killed
		syscall.Kill(os.Getppid(), syscall.SIGKILL)
		select {}
	case "chance":
		return time.Now().UnixNano(), nil, nil
	case "large":
		return strings.Repeat("x", 5<<20), nil, nil
	}
	return nil, nil, fmt.Errorf("unknown word %q", word)
}

// planOf makes a plan of jobs: numbers to square, or words.
func planOf(asks ...any) *campaign.Plan {
	p := &campaign.Plan{Kind: "test", Program: "this", Common: json.RawMessage(`{"a":1}`)}
	for i, a := range asks {
		text, err := json.Marshal(a)
		if err != nil {
			panic(err)
		}
		p.Jobs = append(p.Jobs, campaign.Job{Name: fmt.Sprintf("job-%d", i), Seconds: 0.01, Ask: text})
	}
	return p
}

func open(t *testing.T, dir string, p *campaign.Plan) *campaign.Folder {
	t.Helper()
	f, err := campaign.OpenFolder(dir, p)
	require.NoError(t, err)
	return f
}

func runAll(t *testing.T, f *campaign.Folder, change ...func(*campaign.Options)) campaign.Progress {
	t.Helper()
	opt := campaign.Options{Shard: campaign.Whole, Start: asChild}
	for _, c := range change {
		c(&opt)
	}
	did, err := f.Run(opt)
	require.NoError(t, err)
	return did
}

func merge(t *testing.T, dirs ...string) *campaign.Merged {
	t.Helper()
	m, err := campaign.Merge(dirs)
	require.NoError(t, err)
	return m
}

// answers are what a campaign came to, as bytes.
func answers(m *campaign.Merged) string {
	var b strings.Builder
	for i, r := range m.Results {
		text := "-"
		if r != nil {
			text = string(r.Answer) + r.Died
		}
		fmt.Fprintf(&b, "%s %s\n", m.Plan.Jobs[i].Name, text)
	}
	return b.String()
}
