package ftrace

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
)

// What is known from the line before is what the columns say: random lines of a few tasks, one after the other, some of
// them damaged.
func TestLearntColumns(t *testing.T) {
	known := 0
	rapid.Check(t, func(t *rapid.T) {
		var l learnt
		tgid := rapid.SampledFrom([]string{"", "(-------) ", "(   101) "}).Draw(t, "tgid")
		irq := rapid.SampledFrom([][]string{{""}, {"..... ", "d..2. "}}).Draw(t, "irq")
		for range rapid.IntRange(20, 100).Draw(t, "lines") {
			flags := rapid.SampledFrom(irq).Draw(t, "flags")
			line := fmt.Appendf(nil, "%16s-%-7d %s[%03d] %s%*d.%06d: event", "task", rapid.SampledFrom([]int{101, 1234567}).Draw(t, "tid"), tgid,
				rapid.IntRange(0, 1).Draw(t, "cpu"), flags, 5, rapid.SampledFrom([]int{0, 9, 10, 99999, 100000}).Draw(t, "s"), rapid.IntRange(0, 999_999).Draw(t, "us"))
			rest := line[dashColumn+1:]
			if rapid.IntRange(0, 9).Draw(t, "damage") == 0 {
				rest[rapid.IntRange(0, len(rest)-1).Draw(t, "at")] = rapid.SampledFrom([]byte(" .:0-(]x")).Draw(t, "byte")
			}
			var want, got Event
			text, s := parseColumns(rest, &want, false)
			have, ok := l.read(rest, &got)
			if ok {
				known++
				assert.Equal(t, complete, s, "%q", rest)
				assert.Equal(t, want, got, "%q", rest)
				assert.Equal(t, string(text), string(have), "%q", rest)
			} else if s == complete {
				l.learn(line, text, &want)
			}
		}
	})
	assert.Greater(t, known, 50) // with -short, too
}

// A fault that is read the short way is what the long way reads.
func TestPlainFault(t *testing.T) {
	short := 0
	rapid.Check(t, func(t *rapid.T) {
		s := fmt.Appendf(nil, "address=0x%x ip=0x%x error_code=0x%x", rapid.Uint64().Draw(t, "addr"), rapid.Uint64().Draw(t, "ip"), rapid.Uint64().Draw(t, "code"))
		for range rapid.IntRange(0, 2).Draw(t, "damage") {
			at := rapid.IntRange(0, len(s)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				s[at] = rapid.SampledFrom([]byte(" =xg0fF,")).Draw(t, "byte")
			case 1:
				s = append(s[:at], s[at+1:]...)
			case 2:
				s = append(s, " error_code=0x7"...)
			}
		}
		addr, code, ok := plainFault(s)
		if !ok {
			return
		}
		short++
		var ev Event
		assert.Nil(t, parsePageFault(PageFaultUser, s, &ev), "%q", s)
		assert.Equal(t, Event{Kind: PageFaultUser, Addr: addr, Err: code}, ev, "%q", s)
	})
	assert.Greater(t, short, 3)
}
