package quiz_test

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/quiz"
	"ptsim/internal/stepper"
)

// The words by which the choices are told apart.
var words = map[string]map[string]string{
	"list": {"stays": "nothing: it stays", "head": "it is put at the head", "tail": "it is put at the tail", "off": "it is taken off"},
	"rcu": {
		"nothing": "nothing", "batch": "the table is put into", "head": "the page's own rcu_head is queued", "wait": "nothing now",
	},
	"free": {"nobody": "nobody yet", "now": "this operation", "callback": "a callback", "never": "nobody, ever"},
}

// check compares an answer of the key with what the model says, and tells whether it could.
func check(t *testing.T, it *quiz.Item, q *quiz.Question, e expected) bool {
	g, err := it.Quiz.Key(q.ID)
	require.NoError(t, err)
	want := map[string]string{"list": e.list, "rcu": e.rcu, "free": e.free, "mask": e.mask}[q.Topic]
	if want == "" {
		return false
	}
	about := fmt.Sprintf("%s: %q: %s", it.Context.Title, it.Context.Prose, q.Prompt)
	if q.Topic == "mask" {
		return assert.Equal(t, want, q.AnswerText(g.Correct), about)
	}
	// Of all the choices the right one, and no other, is what the model says.
	for i, c := range q.Choices {
		says := strings.HasPrefix(c, words[q.Topic][want]) && (want != "nothing" || c == "nothing")
		if !assert.Equal(t, i == g.Correct.Choice, says, "%s\n%q; the model says %s", about, c, want) {
			return true
		}
	}
	return true
}

var (
	titleVersion = regexp.MustCompile(`(?:^a page in | on )([a-z/-]+)`)
	tablePage    = regexp.MustCompile(`has the mask (\S+):`)
	tableOp      = regexp.MustCompile(`^(page_table_alloc|page_table_free_rcu|page_table_free|__tlb_remove_table|pte_free_defer|The callback)`)
	whichHalf    = regexp.MustCompile(`the (lower|upper) half`)
	callback     = regexp.MustCompile(`pte_free_now([01]?)`)
	begins       = regexp.MustCompile(`begins (free|tlbfree|defer) \w+, which is the (lower|upper) half of (page\d+)`)
	beginsWhole  = regexp.MustCompile(`begins (free|tlbfree|defer) \w+, which is all of (page\d+)`)
	beginsNow    = regexp.MustCompile(`begins now([01])\((page\d+)\)`)
	beginsBatch  = regexp.MustCompile(`begins batch\(batch\d+\), in which there is (page\d+)\.(lower|upper)\.`)
	beginsAlloc  = regexp.MustCompile(`begins alloc (\d+) ->`)
	flips        = regexp.MustCompile(`its next step is xor (page\d+), ([PHA01 ]+)\.`)
	references   = regexp.MustCompile(`begins (mmput|mmdrop|mmget|mmgrab) (\d+)\.`)
)

func halfNumber(name string) string { return map[string]string{"lower": "0", "upper": "1"}[name] }

func sheetIn(v *stepper.View, name string) (sheet, bool) {
	for _, p := range v.Pages {
		if p.Name == name && !p.Freed && !p.Whole {
			s := sheetOf(p.Mask)
			s.active, s.listed = p.Active, p.Words == stepper.OnList
			return s, true
		}
	}
	return sheet{}, false
}

// expect works out what an item comes to from what it says: its text, and the state that it shows.
func expect(t *testing.T, it *quiz.Item) expected {
	found := titleVersion.FindStringSubmatch(it.Context.Title)
	require.NotNil(t, found, it.Context.Title)
	m := model{strings.TrimSuffix(found[1], "-")}
	lead := it.Context.Prose[len(it.Context.Prose)-1]
	if it.Context.View == nil {
		return expectOfTable(t, m, it.Context.Prose[0], lead)
	}
	v := it.Context.View
	if k := begins.FindStringSubmatch(lead); k != nil {
		p, ok := sheetIn(v, k[3])
		require.True(t, ok, lead)
		if strings.Contains(lead, "there is no page for a batch") {
			return m.atOnce(p, halfNumber(k[2]))
		}
		return m.after(p, k[1], halfNumber(k[2]))
	}
	if k := beginsNow.FindStringSubmatch(lead); k != nil {
		if p, ok := sheetIn(v, k[2]); ok {
			return m.after(p, "now", k[1])
		}
	}
	if k := beginsBatch.FindStringSubmatch(lead); k != nil {
		if p, ok := sheetIn(v, k[1]); ok {
			return m.after(p, "remove", halfNumber(k[2]))
		}
		return whole("remove")
	}
	if k := beginsWhole.FindStringSubmatch(lead); k != nil {
		if strings.Contains(lead, "there is no page for a batch") {
			return whole("free") // after a round of interrupts
		}
		return whole(k[1])
	}
	if k := flips.FindStringSubmatch(lead); k != nil {
		p, ok := sheetIn(v, k[1])
		require.True(t, ok, lead)
		return expected{mask: flip(p, k[2]).String()}
	}
	if k := beginsAlloc.FindStringSubmatch(lead); k != nil && m.version != "fullpage" {
		for _, mm := range v.MMs {
			if mm.Name == "mm"+k[1] {
				return m.alloc(v, mm.List)
			}
		}
	}
	return expected{}
}

// alloc: the first page of the list, if it has a half that is neither allocated nor pending; else a fresh page.
func (m model) alloc(v *stepper.View, list []string) expected {
	if len(list) > 0 {
		p, _ := sheetIn(v, list[0])
		for _, h := range []string{"0", "1"} {
			if !p.alloc.has(h) && !p.pending.has(h) {
				p.alloc = p.alloc.with(h)
				return expected{mask: p.String(), list: "off"}
			}
		}
	}
	return expected{mask: sheet{alloc: "0"}.String(), list: "head"}
}

// flip changes the bits that are named.
func flip(p sheet, bits string) sheet {
	for _, b := range strings.Fields(bits) {
		to := map[byte]*halves{'P': &p.pending, 'H': &p.head, 'A': &p.alloc}[b[0]]
		if h := b[1:]; to.has(h) {
			*to = to.without(h)
		} else {
			*to = to.with(h)
		}
	}
	return p
}

func expectOfTable(t *testing.T, m model, state, lead string) expected {
	op := tableOp.FindString(lead)
	require.NotEmpty(t, op, lead)
	verb := map[string]string{
		"page_table_free_rcu": "tlbfree", "page_table_free": "free", "__tlb_remove_table": "remove", "pte_free_defer": "defer", "The callback": "now",
	}[op]
	if m.version == "fullpage" {
		return whole(verb)
	}
	p := sheetOf(tablePage.FindStringSubmatch(state)[1])
	p.active = strings.Contains(state, "PageActive is set")
	p.listed = strings.Contains(state, "It is on the list")
	require.Equal(t, m.shouldBeListed(p), p.listed, state)
	if verb == "" {
		for _, h := range []string{"0", "1"} {
			if !p.alloc.has(h) && !p.pending.has(h) {
				p.alloc = p.alloc.with(h)
				break
			}
		}
		return expected{mask: p.String(), list: "off"}
	}
	half := ""
	if k := whichHalf.FindStringSubmatch(lead); k != nil {
		half = halfNumber(k[1])
	}
	if verb == "now" {
		half = callback.FindStringSubmatch(lead)[1]
		if half == "" { // v6.6: the callback is the page's, which is not used any more
			return expected{mask: p.String(), list: "stays", rcu: "nothing", free: "now"}
		}
	}
	return m.after(p, verb, half)
}

// expectMM says what the counts come to.
func expectMM(it *quiz.Item) string {
	if it.Context.View == nil {
		return ""
	}
	k := references.FindStringSubmatch(it.Context.Prose[len(it.Context.Prose)-1])
	if k == nil {
		return ""
	}
	for _, mm := range it.Context.View.MMs {
		if mm.Name != "mm"+k[2] {
			continue
		}
		switch k[1] {
		case "mmget":
			mm.Users++
		case "mmgrab":
			mm.Count++
		case "mmdrop":
			mm.Count--
		case "mmput":
			if mm.Users--; mm.Users == 0 {
				mm.Count--
			}
		}
		if mm.Count == 0 {
			return mm.Name + " is freed"
		}
		return fmt.Sprintf("%s is there, with mm_users %d and mm_count %d", mm.Name, mm.Users, mm.Count)
	}
	return ""
}

// many draws as many items as can be drawn, once a seed.
func many(t *testing.T, seed int) []*quiz.Item {
	draw := func() ([]*quiz.Item, error) { return quiz.Draw(uint64(seed), quiz.MaxItems) }
	if seed < len(drawn) {
		draw = drawn[seed]
	}
	items, err := draw()
	require.NoError(t, err)
	return items
}

var drawn = func() (list [2]func() ([]*quiz.Item, error)) {
	for seed := range list {
		list[seed] = sync.OnceValues(func() ([]*quiz.Item, error) { return quiz.Draw(uint64(seed), quiz.MaxItems) })
	}
	return list
}()

var seeds = flag.Int("seeds", 2, "how many times 200 items have their key compared with the model of sets")

// Nearly a thousand answers of drawn questions, or as many as -seeds says, are what a model of sets says, which shares no
// code with the allocator.
func TestKeyAgreesWithSets(t *testing.T) {
	var mu sync.Mutex
	checked, asked := map[string]int{}, map[string]int{}
	t.Run("seed", func(t *testing.T) {
		for seed := range max(*seeds, 1) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				items := many(t, seed)
				mu.Lock()
				defer mu.Unlock()
				for _, it := range items {
					checkItem(t, it, asked, checked)
				}
			})
		}
	})
	t.Log("asked", asked, "checked", checked)
	for _, topic := range []string{"mask", "list", "rcu", "free"} {
		assert.Greater(t, checked[topic], asked[topic]*2/3, topic)
	}
	assert.Positive(t, checked["mm"])
}

// checkItem compares what can be compared of an item, and counts.
func checkItem(t *testing.T, it *quiz.Item, asked, checked map[string]int) {
	e, mm := expect(t, it), expectMM(it)
	for i := range it.Quiz.Questions {
		q := &it.Quiz.Questions[i]
		asked[q.Topic]++
		switch {
		case q.Topic == "mm" && mm != "":
			g, err := it.Quiz.Key(q.ID)
			require.NoError(t, err)
			assert.Equal(t, mm, q.Choices[g.Correct.Choice], "%q", it.Context.Prose)
			checked[q.Topic]++
		case q.Topic != "mm" && check(t, it, q, e):
			checked[q.Topic]++
		}
	}
}
