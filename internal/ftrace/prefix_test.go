package ftrace

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrefix(t *testing.T) {
	const ev = "sched_wakeup: comm=x-1 pid=5 [002] 7.000000: no"
	for name, c := range map[string]struct {
		line           string
		tid, tgid, cpu int32
		time           int64
	}{
		"v6.18":           {"              sh-10759   (  10759) [001] d....  5303.352727: ", 10759, 10759, 1, 5303352727000},
		"TGID unknown":    {"              sh-10759   (-------) [001] .N...  5303.352727: ", 10759, -1, 1, 5303352727000},
		"short TGID":      {"              sh-759   (-----) [001] ....  5303.352727: ", 759, -1, 1, 5303352727000},
		"no TGID":         {"              sh-10759   [012] .....  5303.352727: ", 10759, -1, 12, 5303352727000},
		"TGID after CPU":  {"              sh-10759   [012] (  10700) d..1   5303.352727: ", 10759, 10700, 12, 5303352727000},
		"4 flags":         {"              sh-9       [000] ....    12.000001: ", 9, -1, 0, 12000001000},
		"5 flags":         {"              sh-9       [000] dNh2.    12.000001: ", 9, -1, 0, 12000001000},
		"6 flags":         {"              sh-9       [000] dNh2.1    12.000001: ", 9, -1, 0, 12000001000},
		"flags of digits": {"              sh-9       [000] 1234    12.000001: ", 9, -1, 0, 12000001000},
		"no flags":        {"              sh-9       [000]    12.000001: ", 9, -1, 0, 12000001000},
		"no flags, TGID":  {"              sh-9       (      8) [000]    12.000001: ", 9, 8, 0, 12000001000},
		"nanoseconds":     {"              sh-9       [000] .....    12.123456789: ", 9, -1, 0, 12123456789},
		"one digit":       {"              sh-9       [000] .....    12.5: ", 9, -1, 0, 12500000000},
		"wide CPU":        {"              sh-9       [1023] .....    12.5: ", 9, -1, 1023, 12500000000},
		"idle":            {"          <idle>-0       [000] d..1.    12.000001: ", 0, -1, 0, 12000001000},
		"no name":         {"           <...>-123     [000] d..1.    12.000001: ", 123, -1, 0, 12000001000},
		"empty name":      {"                -123     [000] d..1.    12.000001: ", 123, -1, 0, 12000001000},
		"kworker":         {"     kworker/0:1-123     [000] d..1.    12.000001: ", 123, -1, 0, 12000001000},
		"long kworker":    {" kworker/0:1-events-123   [000] d..1.    12.000001: ", 123, -1, 0, 12000001000},
		"space":           {"     Web Content-77      [000] .....    12.000001: ", 77, -1, 0, 12000001000},
		"parentheses":     {"        (sd-pam)-9       [000] .....    12.000001: ", 9, -1, 0, 12000001000},
		"brackets":        {"     a-1 [002] b-9       [000] .....    12.000001: ", 9, -1, 0, 12000001000},
		"brackets, TGID":  {"     a-1 [002] b-9       (     33) [000] .....    12.000001: ", 9, 33, 0, 12000001000},
		"TGID in name":    {"      a-1 (12) b-9       (-------) [000] .....    12.000001: ", 9, -1, 0, 12000001000},
		"whole prefix":    {"  a-1 [2] 3.4: b-9       (     33) [000] .....    12.000001: ", 9, 33, 0, 12000001000},
		"dash at the end": {"            a---9       [000] .....    12.000001: ", 9, -1, 0, 12000001000},
		"CPU:1 in name":   {"     CPU:1 [LOST-9       [000] .....    12.000001: ", 9, -1, 0, 12000001000},
		"hash in name":    {"               #-9       [000] .....    12.000001: ", 9, -1, 0, 12000001000},
		"no UTF-8":        {"            \xff\xfe\x01\x02-9       [000] .....    12.000001: ", 9, -1, 0, 12000001000},
		"no indentation":  {"Web Content-77 [000] ..... 12.000001: ", 77, -1, 0, 12000001000},
		"name with tab":   {"    a\tb-77 [000] ..... 12.000001: ", 77, -1, 0, 12000001000},
		"other dash in 16": {
			"kworker/u16:9-ev-1-events-123 (    5) [000] d..1.    12.000001: ", 123, 5, 0, 12000001000},
		"trace-cmd": {"text-hugepage-7291  [004]   128.627251: ", 7291, -1, 4, 128627251000},
	} {
		t.Run(name, func(t *testing.T) {
			// Not on the first line, which may not hold control characters.
			all, _, err := readAll(strings.NewReader("#\n" + c.line + ev + "\n"))
			require.NoError(t, err)
			assert.Equal(t, []Event{{Line: 2, Kind: Other, TID: c.tid, TGID: c.tgid, CPU: c.cpu, Time: c.time}}, all)
		})
	}
}

func TestPrefixErrors(t *testing.T) {
	for name, c := range map[string]struct{ line, want string }{
		"prose":         {"hello, world", `t:1: no event in "hello, world"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`},
		"dash in prose": {"well-known", `t:1: no event in "well-known"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`},
		"no PID":        {"  sh-x [001] 1.0: a: b", `t:1: no event in "sh-x [001] 1.0: a: b"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`},
		"long": {"  " + strings.Repeat("x", 60),
			`t:1: no event in "` + strings.Repeat("x", 40) + `"...; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`},
		"PID range":          {"  sh-4294967296 [001] 1.0: a: b", `t:1: no event in "sh-4294967296 [001] 1.0: a: b"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`},
		"bad TGID":           {"  sh-1 (x) [001] 1.0: a: b", `t:1: no TGID in "sh-1 (x) [001] 1.0: a: b"; expected a TGID as "(  10673)" or "(-------)"`},
		"open TGID":          {"  sh-1 ( 12 [001] 1.0: a", `t:1: no TGID in "sh-1 ( 12 [001] 1.0: a"; expected a TGID as "(  10673)" or "(-------)"`},
		"bad TGID after CPU": {"  sh-1 [001] (x) 1.0: a", `t:1: no TGID in "sh-1 [001] (x) 1.0: a"; expected a TGID as "(  10673)" or "(-------)"`},
		"empty CPU":          {"  sh-1 [] 1.0: a", `t:1: no CPU in "sh-1 [] 1.0: a"; expected a CPU in brackets, as "[001]"`},
		"open CPU":           {"  sh-1 [1 1.0: a", `t:1: no CPU in "sh-1 [1 1.0: a"; expected a CPU in brackets, as "[001]"`},
		"PID only":           {"  sh-1 ", `t:1: no event in "sh-1"; expected "TASK-PID [CPU] TIMESTAMP: EVENT"`},
		"no fraction":        {"  sh-1 [001] 1.: a", `t:1: no timestamp in "sh-1 [001] 1.: a"; expected a time in seconds, as "5303.352727:"`},
		"picoseconds":        {"  sh-1 [001] 1.0123456789: a", `t:1: no timestamp in "sh-1 [001] 1.0123456789: a"; expected a time in seconds, as "5303.352727:"`},
		"no colon":           {"  sh-1 [001] 1.5", `t:1: the input ends within a line: no timestamp in "sh-1 [001] 1.5"; expected a time in seconds, as "5303.352727:"`},
		"time range":         {"  sh-1 [001] 9223372036.0: a", `t:1: no timestamp in "sh-1 [001] 9223372036.0: a"; expected a time in seconds, as "5303.352727:"`},
		"two flag columns":   {"  sh-1 [001] .... .... 1.0: a", `t:1: no timestamp in "sh-1 [001] .... .... 1.0: a"; expected a time in seconds, as "5303.352727:"`},
	} {
		t.Run(name, func(t *testing.T) {
			end := "\n"
			if name == "no colon" {
				end = ""
			}
			_, _, err := readAll(strings.NewReader(c.line + end))
			require.EqualError(t, err, c.want)
			assert.IsType(t, (*SyntaxError)(nil), err)
		})
	}
}

// The kernel's last representable second is read to the nanosecond.
func TestTimeLimit(t *testing.T) {
	ev := readOne(t, "  sh-1 [001] 9223372035.999999999: a")
	assert.Equal(t, int64(9223372035999999999), ev.Time)
}
