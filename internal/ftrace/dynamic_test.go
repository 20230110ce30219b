package ftrace

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDynamicEvents(t *testing.T) {
	const fault, words = "(handle_mm_fault+0x0/0x268) ", "(syscalls.sys_enter_old_mmap) "
	for line, want := range map[string]Event{
		// As 6.1 prints it on s390: the flags of handle_mm_fault become x86's error code.
		"page_fault_user: " + fault + "address=0x1b67000 ip=0x705000180000000 error_code=0x255 regs=0x38000203f38": {Kind: PageFaultUser, Addr: 0x1b67000, Err: 6},
		"page_fault_user: " + fault + "address=0x1b67000 ip=0x705000180000000 error_code=0x254 regs=0x38000203f38": {Kind: PageFaultUser, Addr: 0x1b67000, Err: 4},
		"page_fault_user: " + fault + "address=0x109e000 ip=0x704e00180000000 error_code=0x215 regs=0x38000203840": {Kind: PageFaultKernel, Addr: 0x109e000, Err: 2},
		"page_fault_user: " + fault + "address=0x3ffffffaff0 ip=0x0 error_code=0x81 regs=0x0":                      {},
		// Any name, and no width.
		"ptsim_7_fault: " + fault + "address=0x1000 error_code=0x354": {Kind: PageFaultUser, Addr: 0x1000, Err: 0x14},
		"aFault: (handle_mm_fault+0x0) address=0x1000 error_code=0x1": {Kind: PageFaultKernel, Addr: 0x1000, Err: 2},
		"a: (handle_mm_fault) address=0x1000 error_code=0x0":          {Kind: PageFaultKernel, Addr: 0x1000},

		"emmap: " + words + "addr=0x0 len=0x801000 prot=0x0 flags=0x20022 fd=0xffffffffffffffff off=0x0":             {Kind: MmapEnter, Len: 0x801000, Flags: 0x20022, FD: -1},
		"ptsim_7_mmap: " + words + "off=0x2000 fd=0x3 flags=0x1 prot=0x3 len=0x1000 addr=0x3ff00000000 more=0x1 ":    {Kind: MmapEnter, Addr: 0x3ff00000000, Len: 0x1000, Prot: 3, Flags: 1, FD: 3, Off: 0x2000},
		"emmap: " + words + "addr=(fault) len=(fault) prot=(fault) flags=(fault) fd=(fault) off=(fault)":             {},
		"emmap: " + words + "addr=0x1000 len=0x1000 prot=0x1 flags=0x2 fd=0x0 off=(fault)":                           {},
		"mmap: (ksys_mmap_pgoff+0x0/0x240) addr=0x0 len=0x801000 prot=0x0 flags=0x20022 fd=0xffffffffffffffff off=0": {},
		"sys_old_mmap(arg: 3ffe907a168)":  {},
		"sys_old_mmap -> 0x3ff8807a000":   {Kind: MmapExit, Ret: 0x3ff8807a000},
		"wakeups: (try_to_wake_up+0x0/0)": {},
	} {
		assert.Equal(t, want, arguments(readOne(t, columns+line)), line)
	}
	// Somebody's own event with the kernel's name and fields.
	assert.Equal(t, Event{Kind: PageFaultUser, Addr: 0x1000, Err: 6},
		arguments(readOne(t, columns+"page_fault_user: (do_user_addr_fault+0x0/0x5d0) address=0x1000 error_code=0x6")))

	const number = "a number of at most 64 bits, hexadecimal"
	for line, want := range map[string]string{
		"f: " + fault + "error_code=0x1":    "page_fault_kernel: field address is missing; expected a line with all its fields",
		"f: " + fault + "address=0x1":       "page_fault_kernel: field error_code is missing; expected a line with all its fields",
		"m: " + words + "addr=0x0 len=0x10": "sys_enter_old_mmap: field prot is missing; expected a line with all its fields",
		"m: " + words + "addr=x len=0x10":   `sys_enter_old_mmap: field addr is "x"; expected ` + number,
		"page_fault_user: (a+0x0":           "page_fault_user: field address is missing; expected a line with all its fields",
	} {
		_, _, err := readAll(strings.NewReader(columns + line + "\n"))
		assert.EqualError(t, err, "t:1: "+want, line)
	}
}

// The recordings of a live s390 kernel, counted a second time by patterns: each mmap has its arguments once, although two
// events showed them, and its result; the argument pages of execve are nobody's fault.
func TestRecordedOnS390(t *testing.T) {
	traces, err := filepath.Glob("../../testdata/traces/s390/*.ftrace.gz")
	require.NoError(t, err)
	require.Len(t, traces, 4)
	flags := regexp.MustCompile(`\(handle_mm_fault\+\S+ address=\S+ .*error_code=0x([0-9a-f]+)`)
	for _, name := range traces {
		zipped, err := os.ReadFile(name)
		require.NoError(t, err)
		all, _, err := readAll(bytes.NewReader(zipped))
		require.NoError(t, err)
		kinds := map[Kind]int{}
		for _, ev := range all {
			kinds[ev.Kind]++
		}
		z, err := gzip.NewReader(bytes.NewReader(zipped))
		require.NoError(t, err)
		text, err := io.ReadAll(z)
		require.NoError(t, err)
		want := map[Kind]int{MmapEnter: bytes.Count(text, []byte(" emmap: ")), MmapExit: bytes.Count(text, []byte(" sys_old_mmap -> "))}
		for _, m := range flags.FindAllSubmatch(text, -1) {
			switch code, err := strconv.ParseUint(string(m[1]), 16, 64); {
			case err != nil:
				t.Fatal(err)
			case code&0xc0 == 0x40:
				want[PageFaultUser]++
			case code&0xc0 == 0:
				want[PageFaultKernel]++
			}
		}
		for kind, n := range want {
			assert.NotZero(t, n)
			assert.Equal(t, n, kinds[kind], "%s: %v", name, kind)
		}
		assert.Equal(t, kinds[MmapEnter], kinds[MmapExit], name)
	}
}
