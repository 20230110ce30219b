package workload

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	s, err := Parse("all", strings.NewReader(`
about  All that a text can say, # and no more
about  than that.
duration 3s
cpus 2
grace-period 20ms jitter 25%
khugepaged scan-sleep 1s pages-to-scan 100 max-ptes-none 0
split 3/s
pressure page 1% batch 50%
flood 10 every 1s
exit-in-retract 5%
refs 7/s hold 1ms
file a 2M filled
file b 1G
process p
	count 3
	arrive 1.5/s
	lifetime uniform 1s 2s
	threads 2
	pgste
	anon 8M touch 50% skew 64K
	map a private
	map b shared touch 10% write 0% size 1M offset 4K skew 4K
	fault 1/s
	churn 2/s of 30%
	grow 3/s by 4M to 64M
	collapse 4/s
process q
	arrive 1/s
	fork p
	exec
	anon 4K
`))
	require.NoError(t, err)
	p := s.Classes[0]
	want := &Spec{Name: "all", About: "All that a text can say, # and no more than that.", Duration: 3 * time.Second, CPUs: 2, GracePeriod: 20 * time.Millisecond, GraceJitter: 0.25,
		Khugepaged: &Khugepaged{100, 0, time.Second}, Split: 3,
		Faults:  Faults{0.01, 0.5, 10, time.Second, 0.05, 7, time.Millisecond},
		Files:   []File{{"a", 2 << 20, true}, {"b", 1 << 30, false}},
		Classes: s.Classes}
	assert.Equal(t, want, s)
	assert.Equal(t, []Mapping{{-1, false, 8 << 20, 0, 0.5, 1, 64 << 10}, {0, false, 2 << 20, 0, 1, 0, 0}, {1, true, 1 << 20, 4096, 0.1, 0, 4096}}, p.Maps)
	assert.Equal(t, Dist{Uniform, time.Second, 2 * time.Second}, p.Lifetime)
	assert.Equal(t, [3]any{3, 1.5, 2}, [3]any{p.Count, p.Arrive, p.Threads})
	assert.Equal(t, [4]float64{1, 2, 3, 4}, [4]float64{p.Fault, p.Churn, p.Grow, p.Collapse})
	assert.Same(t, p, s.Classes[1].Fork)
	assert.Len(t, s.Classes[1].layout, 1, "exec drops what was inherited")

	// What grows comes last, and no mapping overlaps another.
	last := p.layout[len(p.layout)-1]
	assert.True(t, last.grows)
	for i := 1; i < len(p.layout); i++ {
		assert.Greater(t, p.layout[i].start, p.layout[i-1].start+p.layout[i-1].Size)
	}
}

func TestParseErrors(t *testing.T) {
	const head = "file f 4M\nprocess p\ncount 1\n"
	tests := []struct{ text, want string }{
		{"", `w: no process; expected at least one, such as "process web"`},
		{"nonsense", `w:1: unknown word "nonsense"; expected one of about, cpus, duration`},
		{"\n\n  fault 1/s", `w:3: fault belongs to a process; expected "process NAME" before it`},
		{"duration", "w:1: duration: wrong arguments; expected duration 10s"},
		{"duration 5", `w:1: duration: "5" is no duration from 1us to 10000h; expected duration 10s`},
		{"duration -5s", `no duration`},
		{"cpus 0", `"0" is no number from 1 to 1024`},
		{"grace-period 1s jitter", `nothing follows "jitter"`},
		{"grace-period 1s wobble 3", `unknown word "wobble"`},
		{"pressure page 101%", `"101%" is no share from 0% to 100%`},
		{"pressure page NaN%", `"NaN%" is no share`},
		{"split 5", `"5" is no rate from 0/s`},
		{"split Inf/s", `is no rate`},
		{"split -1/s", `is no rate`},
		{"file f 1M\nfile f 1M", "w:2: file: f is there already"},
		{"file f 1M full", "wrong arguments; expected file NAME 512M [filled]"},
		{"file f 0M", `"0M" is no size from 4K to 64T; expected file`},
		{"file f 1X", `"1X" is no multiple of 4096 bytes`},
		{"file f 1000", `"1000" is no multiple`},
		{"file f 99999999999T", `is no multiple`},
		{"file f 18446744073709551615K", `is no multiple`},
		{head + "process p", "w:4: process: p is there already"},
		{head + "process", "wrong arguments"},
		{head, "w:2: process p: nothing mapped; expected anon, map or fork"},
		{"process p\nanon 4K", "w:1: process p: there are none; expected count or arrive"},
		{head + "exec\nanon 4K", "w:2: process p: exec without fork"},
		{head + "exec now", `exec: "now" is too much`},
		{head + "anon 4K\nprocess q\ncount 1\nfork p\nexec", "w:5: process q: exec, and nothing mapped after it"},
		{head + "fork p", `fork: no process "p" above`},
		{head + "fork q", `fork: no process "q" above`},
		{head + "map g shared", `no file "g" above`},
		{head + "map f", "wrong arguments; expected map FILE shared|private"},
		{head + "map f both", `"both" is neither shared nor private`},
		{head + "map f shared offset 4M", "it goes beyond the end of f"},
		{head + "map f shared offset 1M size 4M", "it goes beyond the end of f"},
		{head + "map f shared\ngrow 1/s by 1M to 2M", "w:2: process p: nothing of its own can grow; expected anon"},
		{head + strings.Repeat("anon 64T\n", 80), "w:2: process p: its mappings do not fit into the address space"},
		{head + "anon 4K\nlifetime soon", `lifetime: unknown lifetime "soon"; expected lifetime forever`},
		{head + "anon 4K\nlifetime 5", `"5" is no duration`},
		{"durration 1s", `unknown word "durration" (did you mean duration?); expected one of about`},
		{head + "anon 4K\nlifetime paerto 1s", `unknown lifetime "paerto" (did you mean pareto?)`},
		{head + "anon 4K tuch 3%", `unknown word "tuch" (did you mean touch?); expected anon`},
		{"file data 4M\nprocess p\nmap dta shared", `no file "dta" above (did you mean data?)`},
		{head + "map f sharde", `neither shared nor private (did you mean shared?)`},
		{"process first\ncount 1\nanon 4K\nprocess q\nfork frist", `no process "frist" above (did you mean first?)`},
		{head + "anon 4K\nlifetime uniform 2s 1s", "1s is less than 2s"},
		{head + "anon 4K\nlifetime uniform 2s", "wrong arguments"},
		{head + "anon 4K\nthreads 65", `"65" is no number from 1 to 64`},
		{strings.Repeat("\n", maxLines+1), "more than 10000 lines"},
		{"cpus 1\n" + strings.Repeat("x", 1<<20), "w:2: line too long; expected at most 1000 bytes"},
	}
	for _, tt := range tests {
		_, err := Parse("w", strings.NewReader(tt.text))
		require.Error(t, err, tt.text)
		assert.Contains(t, err.Error(), tt.want)
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestLoad(t *testing.T) {
	_, err := Load("nosuch")
	assert.ErrorContains(t, err, `unknown workload "nosuch"; expected one of big, build-farm, containers`)
	_, err = Load("./nosuch.txt")
	assert.EqualError(t, err, "./nosuch.txt: cannot read: no such file or directory")
	_, err = Load(t.TempDir())
	assert.ErrorContains(t, err, "is a directory")
	name := filepath.Join(t.TempDir(), "mine.txt")
	require.NoError(t, os.WriteFile(name, []byte("process p\nanon 4K\n"), 0o600))
	_, err = Load(name)
	assert.EqualError(t, err, name+":1: process p: there are none; expected count or arrive")
}

// Whatever the text, Parse gives a Spec that can be run or one line of error.
func FuzzParse(f *testing.F) {
	for _, name := range Presets() {
		text, _ := Text(name)
		f.Add(text)
	}
	f.Add("file f 4K\nprocess p\ncount 1\nmap f shared skew 4K\nlifetime pareto 1us")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("fuzz", strings.NewReader(text))
		if err != nil {
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		for _, c := range s.Classes {
			require.NotEmpty(t, c.layout)
			for i := 1; i < len(c.layout); i++ {
				require.GreaterOrEqual(t, c.layout[i].start, c.layout[i-1].start+c.layout[i-1].Size)
			}
			require.Less(t, c.layout[len(c.layout)-1].start, uint64(taskSize))
		}
	})
}
