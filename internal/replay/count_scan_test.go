package replay_test

import (
	"bufio"
	"compress/gzip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	lineRE  = regexp.MustCompile(`-(\d+) +\( *([-\d]+)\) \[\d+\] \S+ +[\d.]+: (.*)$`)
	faultRE = regexp.MustCompile(`^page_fault_user: address=0x([0-9a-f]+) ip=\S+ error_code=0x([0-9a-f]+)`)
	argRE   = regexp.MustCompile(`(\w+): (?:0x)?([0-9a-f]+)`)
)

func hex(t testing.TB, s string) uint64 {
	v, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 64)
	require.NoError(t, err)
	return v
}

// args returns the arguments of a system call by name.
func args(t testing.TB, s string) map[string]uint64 {
	out := map[string]uint64{}
	for _, m := range argRE.FindAllStringSubmatch(s, -1) {
		if _, twice := out[m[1]]; !twice {
			out[m[1]] = hex(t, m[2])
		}
	}
	return out
}

type record struct {
	tid, tgid int
	text      string
}

func readTrace(t testing.TB, path string) []record {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var out []record
	in := bufio.NewScanner(z)
	for in.Scan() {
		if line := in.Text(); line != "" && line[0] != '#' {
			m := lineRE.FindStringSubmatch(line)
			require.NotNil(t, m, line)
			tid, _ := strconv.Atoi(m[1])
			tgid, err := strconv.Atoi(m[2])
			require.NoError(t, err, line)
			out = append(out, record{tid, tgid, m[3]})
		}
	}
	require.NoError(t, in.Err())
	return out
}

func childOf(text string) (int, bool) {
	_, s, ok := strings.Cut(text, " child_pid=")
	if !ok || !strings.HasPrefix(text, "sched_process_fork: ") {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
