package script_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	_ "ptsim/internal/nofiles"
	"ptsim/internal/script"
	"ptsim/pgalloc"
)

// machine is what a reader of --format changes knows: it is made of nothing but the lines, and writes the lines of
// --format jsonl.
type machine struct {
	Pages  map[int][4]int
	Lists  map[int][]int
	TLB    map[int][]string
	RCU    []string
	Freed  []int
	CRST   []int
	MM     map[int][2]int
	IPI    int
	Gmap   int
	Warn   []string
	Work   int
	Broken bool
}

type changeLine struct {
	I         int
	Op        string
	Ret       json.RawMessage
	Pages     [][4]int
	Freed     []int
	Lists     map[int]json.RawMessage
	TLB       map[int]json.RawMessage
	Ran       *[2]int
	RCU       []string
	CRST      []int
	CRSTFreed []int
	MM        map[int]*[2]int
	IPI, Gmap *int
	Warn      []string
	Work      *int
	Corrupt   int
	Err       string
}

func newMachine() *machine {
	return &machine{Pages: map[int][4]int{}, Lists: map[int][]int{}, TLB: map[int][]string{}, MM: map[int][2]int{}}
}

func (m *machine) apply(t require.TestingT, line []byte) string {
	var c changeLine
	require.NoError(t, json.Unmarshal(line, &c), "%s", line)
	for _, p := range c.Pages {
		m.Pages[p[0]] = p
	}
	for _, id := range c.Freed {
		delete(m.Pages, id)
	}
	m.Freed = append(m.Freed, c.Freed...)
	for id, now := range c.MM {
		if now == nil {
			delete(m.MM, id)
			delete(m.Lists, id)
			continue
		}
		m.MM[id] = *now
		if m.Lists[id] == nil {
			m.Lists[id] = []int{}
		}
	}
	for mm, raw := range c.Lists {
		m.Lists[mm] = applyList(t, m.Lists[mm], raw)
	}
	for mm, raw := range c.TLB {
		var whole string
		var more []string
		switch {
		case string(raw) == "null":
			delete(m.TLB, mm)
		case json.Unmarshal(raw, &whole) == nil:
			m.TLB[mm] = strings.Split(strings.Trim(whole, "[]"), ",")
		default:
			require.NoError(t, json.Unmarshal(raw, &more))
			m.TLB[mm] = append(m.TLB[mm], more...)
		}
	}
	if c.Ran != nil {
		m.RCU = slices.Delete(m.RCU, c.Ran[0], c.Ran[0]+c.Ran[1])
	}
	m.RCU = append(m.RCU, c.RCU...)
	m.CRST = append(m.CRST, c.CRST...)
	m.CRST = slices.DeleteFunc(m.CRST, func(id int) bool { return slices.Contains(c.CRSTFreed, id) })
	for _, n := range []struct{ to, from *int }{{&m.IPI, c.IPI}, {&m.Gmap, c.Gmap}, {&m.Work, c.Work}} {
		if n.from != nil {
			*n.to = *n.from
		}
	}
	m.Warn = append(m.Warn, c.Warn...)
	m.Broken = m.Broken || c.Corrupt == 1
	return m.line(&c)
}

func applyList(t require.TestingT, list []int, raw json.RawMessage) []int {
	var whole []int
	if json.Unmarshal(raw, &whole) == nil {
		return whole
	}
	var steps [][2]any
	require.NoError(t, json.Unmarshal(raw, &steps))
	for _, s := range steps {
		id := int(s[1].(float64))
		switch s[0] {
		case "list_add":
			list = slices.Insert(list, 0, id)
		case "list_add_tail":
			list = append(list, id)
		default:
			at := slices.Index(list, id)
			require.GreaterOrEqual(t, at, 0, "%s", raw)
			list = slices.Delete(list, at, at+1)
		}
	}
	return list
}

func join[K int, V any](m map[K]V, f func(K, V) string) string {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var parts []string
	for _, k := range keys {
		parts = append(parts, f(k, m[k]))
	}
	return strings.Join(parts, ",")
}

func asJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	if text := strings.TrimSpace(b.String()); text != "null" {
		return text
	}
	return "[]"
}

// line is the line of the corpus.
func (m *machine) line(c *changeLine) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"i":%d,"op":%s`, c.I, asJSON(c.Op))
	if c.Ret != nil {
		fmt.Fprintf(&b, `,"ret":%s`, c.Ret)
	}
	fmt.Fprintf(&b, `,"pages":[%s]`, join(m.Pages, func(_ int, p [4]int) string { return asJSON(p) }))
	fmt.Fprintf(&b, `,"lists":{%s}`, join(m.Lists, func(mm int, l []int) string { return fmt.Sprintf(`"%d":%s`, mm, asJSON(l)) }))
	fmt.Fprintf(&b, `,"tlb":{%s}`, join(m.TLB, func(mm int, l []string) string { return fmt.Sprintf(`"%d":"[%s]"`, mm, strings.Join(l, ",")) }))
	fmt.Fprintf(&b, `,"rcu":%s,"freed":%s,"crst":%s`, asJSON(m.RCU), asJSON(m.Freed), asJSON(m.CRST))
	fmt.Fprintf(&b, `,"mm":{%s}`, join(m.MM, func(mm int, n [2]int) string { return fmt.Sprintf(`"%d":%s`, mm, asJSON(n)) }))
	fmt.Fprintf(&b, `,"ipi":%d,"gmap":%d,"warn":%s`, m.IPI, m.Gmap, asJSON(m.Warn))
	if m.Work != 0 {
		fmt.Fprintf(&b, `,"work":%d`, m.Work)
	}
	if m.Broken {
		b.WriteString(`,"corrupt":1`)
	}
	if c.Err != "" {
		fmt.Fprintf(&b, `,"err":%s`, asJSON(c.Err))
	}
	return b.String() + "}"
}

// follow runs a script and wants the changes, put together by somebody who sees nothing else, to be the states, which are
// read from memory.
func follow(t require.TestingT, s *script.Script, sys system, about string) (corrupt bool) {
	r, err := script.New(s, sys.options())
	require.NoError(t, err)
	m := newMachine()
	require.NoError(t, r.Each(func(ch *script.Change) error {
		want := string(r.State().AppendJSON(nil))
		require.Equal(t, want, m.apply(t, ch.AppendJSON(nil)), "%s on %s: %s", about, sys, ch.AppendJSON(nil))
		require.Equal(t, len(m.Pages), ch.NumPages)
		require.Equal(t, len(m.Freed), ch.NumFreed)
		require.Equal(t, len(m.RCU), ch.NumCallbacks)
		require.Equal(t, len(m.MM), ch.NumMMs)
		require.Equal(t, len(m.CRST), ch.NumCRSTs)
		corrupt = corrupt || ch.Corrupt
		return nil
	}))
	return corrupt
}

func allSystems() []system {
	return append(sound(), system{variant: pgalloc.RFC}, system{variant: pgalloc.RFCAsPosted})
}

// TestChangesAreTheStates: on every script of the corpus and every version, corrupt lists included.
func TestChangesAreTheStates(t *testing.T) {
	corrupt := 0
	for _, sys := range allSystems() {
		for i, rec := range corpus(t, pgalloc.RFC) {
			if i >= 45 && i%8 != 0 {
				continue // a few of the random ones will do
			}
			if follow(t, rec.parse(t), sys, rec.Script) {
				corrupt++
			}
		}
	}
	assert.Positive(t, corrupt)
}

// TestRandomChangesAreTheStates: on random scripts, too.
func TestRandomChangesAreTheStates(t *testing.T) {
	programs := rapid.Custom(writeProgram)
	for _, sys := range allSystems() {
		t.Run(sys.String(), func(t *testing.T) {
			t.Parallel()
			for seed := range 8 {
				lines := programs.Example(seed).resolve(t, sys)
				follow(t, parse(t, lines), sys, strings.Join(lines, "\n"))
			}
		})
	}
}
