package replay_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	lineRE  = regexp.MustCompile(`-(\d+) +\( *([-\d]+)\) \[(\d+)\] \S+ +[\d.]+: (.*)$`)
	faultRE = regexp.MustCompile(`^page_fault_(user|kernel): address=0x([0-9a-f]+) ip=\S+ error_code=0x([0-9a-f]+)`)
	s390RE  = regexp.MustCompile(`\(handle_mm_fault\+\S+ address=0x([0-9a-f]+) .*error_code=0x([0-9a-f]+)`)
	wordsRE = regexp.MustCompile(`\(syscalls\.sys_enter_old_mmap\) addr=(.*)$`)
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
	cpu, text string
}

// plain brings what a kernel without page_fault_user has probed into the words of one that has it.
func plain(text string) string {
	if m := s390RE.FindStringSubmatch(text); m != nil {
		flags, err := strconv.ParseUint(m[2], 16, 64)
		mode := "kernel"
		switch {
		case err != nil || flags&0x80 != 0:
			return "remote fault"
		case flags&0x40 != 0:
			mode = "user"
		}
		return fmt.Sprintf("page_fault_%s: address=0x%s ip=0x0 error_code=%#x", mode, m[1], flags&1<<1)
	}
	if m := wordsRE.FindStringSubmatch(text); m != nil {
		return "sys_mmap(addr: " + strings.ReplaceAll(m[1], "=", ": ") + ")"
	}
	if s, ok := strings.CutPrefix(text, "sys_old_mmap -> "); ok {
		return "sys_mmap -> " + s
	}
	if strings.HasPrefix(text, "sys_old_mmap(") {
		return "its arguments are elsewhere"
	}
	return text
}

func readTrace(t testing.TB, path string) []record {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	return scan(t, z)
}

func scan(t testing.TB, r io.Reader) []record {
	var out []record
	in := bufio.NewScanner(r)
	for in.Scan() {
		if line := in.Text(); line != "" && line[0] != '#' {
			m := lineRE.FindStringSubmatch(line)
			require.NotNil(t, m, line)
			tid, _ := strconv.Atoi(m[1])
			tgid, err := strconv.Atoi(m[2])
			if strings.HasPrefix(m[2], "-") { // khugepaged and its like
				tgid, err = tid, nil
			}
			require.NoError(t, err, line)
			out = append(out, record{tid, tgid, m[3], plain(m[4])})
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
