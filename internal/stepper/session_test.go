package stepper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/kern"
	"ptsim/pgalloc"
)

func session(t testing.TB, name, version string, set question.Setting) *Session {
	s, err := scenario.Load(name)
	require.NoError(t, err)
	v, err := question.ParseVersion(version)
	require.NoError(t, err)
	p, err := New(Question{Scenario: s, Version: v, Setting: set})
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

var two = question.Setting{Softirqs: 2}

// moves returns all moves that a view offers.
func moves(v *View) []string {
	var list []string
	for _, l := range v.Lanes {
		for _, m := range l.Moves {
			list = append(list, m.Text)
		}
	}
	return list
}

// everywhere calls f with sessions of each scenario, on each version in turn, in each setting in turn: all of them in the
// end, but not each with each.
func everywhere(t *testing.T, f func(t *testing.T, s *Session)) {
	settings := question.Settings()
	n := 0
	for _, name := range scenario.Names() {
		for _, v := range question.Versions() {
			if n++; n%3 != 0 {
				continue
			}
			set := settings[n/3%len(settings)]
			t.Run(fmt.Sprintf("%s/%s/%s", name, v, set), func(t *testing.T) { f(t, session(t, name, v.String(), set)) })
		}
	}
}

// A thread can move exactly if it says nothing against it; a move that is offered is possible, and one that is not says
// why. What is shown is what the machine has.
func TestViewsAreTrue(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Session) {
		rng := rand.New(rand.NewPCG(1, 1))
		for !s.View().Ended {
			v := s.View()
			for i, l := range v.Lanes {
				require.Equal(t, len(l.Moves) == 0, l.Why != "", "%s: %q", l.Letter, l.Why)
				require.Equal(t, l.State == explore.Ready, len(l.Moves) > 0)
				if len(l.Moves) == 0 {
					err := s.Take(l.Letter)
					require.Error(t, err)
					require.Contains(t, err.Error(), l.Why)
					require.Same(t, v, s.View())
				}
				if l.At.File != "" {
					lines := s.Excerpt(l.At, 2)
					require.NotEmpty(t, lines, "%v", l.At)
					require.True(t, slices.ContainsFunc(lines, func(k Line) bool { return k.Here && strings.TrimSpace(k.Text) != "" }))
				} else if l.State == explore.Ready && i < len(s.Question.Scenario.Tasks) {
					t.Fatalf("%s is nowhere in the code: %+v", l.Letter, l)
				}
			}
			sameAsMemory(t, s)
			all := moves(v)
			require.NotEmpty(t, all)
			require.NoError(t, s.Take(all[rng.IntN(len(all))]))
			require.Equal(t, v.Step+1, s.View().Step)
			require.LessOrEqual(t, s.View().Step, 500)
		}
		sameAsMemory(t, s)
		for _, l := range s.View().Lanes {
			require.Empty(t, l.Moves)
		}
		assert.ErrorIs(t, s.Take("A"), explore.ErrEnded)
	})
}

// sameAsMemory compares a view with the words of the machine.
func sameAsMemory(t *testing.T, s *Session) {
	in := s.walker.Instance()
	v := s.View()
	live := map[string]bool{}
	in.Frames(func(p kern.PFN) {
		if pgalloc.Page(p).IsTable(in.M) {
			live[fmt.Sprintf("page%d", p)] = true
			i := slices.IndexFunc(v.Pages, func(k Page) bool { return k.Name == fmt.Sprintf("page%d", p) })
			require.GreaterOrEqual(t, i, 0, "page%d", p)
			word := in.M.Peek(p.Page() + kern.PageRefcount)
			assert.Equal(t, int(word>>24), v.Pages[i].Bits)
			assert.Equal(t, int(word&0xffffff), v.Pages[i].Refs)
			assert.Equal(t, in.M.Peek(p.Page())&1 != 0, v.Pages[i].Active)
		}
	})
	listed := map[string]bool{}
	for _, m := range v.MMs {
		for _, name := range m.List {
			assert.False(t, listed[name], "%s is on two lists", name)
			listed[name] = true
		}
	}
	for _, p := range v.Pages {
		assert.Equal(t, live[p.Name], !p.Freed, p.Name)
		if !p.Freed && v.Violation == nil {
			assert.Equal(t, listed[p.Name], p.Words == OnList, "%s of %s", p.Name, v.Path)
		}
	}
	assert.Len(t, v.RCU, len(s.walker.Callbacks()))
}

// Wherever one goes in the tree, one sees what one saw there first, and what a session of its own sees that went there
// straight.
func TestTheTreeOfTries(t *testing.T) {
	for _, version := range []string{"rfc", "typesafe", "pinned/page", "fullpage"} {
		s := session(t, "S2", version, two)
		rng := rand.New(rand.NewPCG(7, 7))
		seen := map[int]*View{0: s.View()}
		for range 300 {
			switch all := moves(s.View()); {
			case len(all) > 0 && rng.IntN(10) < 6:
				require.NoError(t, s.Take(all[rng.IntN(len(all))]))
			case rng.IntN(2) == 0:
				require.NoError(t, s.Jump(rng.IntN(len(s.Tries()))))
			default:
				at := s.At()
				if s.Back() {
					require.True(t, s.Forward())
					require.Same(t, at, s.At())
					s.Back()
				}
			}
			if was := seen[s.At().ID]; was != nil {
				require.Same(t, was, s.View())
			}
			seen[s.At().ID] = s.View()
		}
		require.Greater(t, len(s.Tries()), 50)
		for range 20 {
			require.NoError(t, s.Jump(rng.IntN(len(s.Tries()))))
			line := s.Line()
			require.Contains(t, line, s.At())
			again, err := Open(s.At().View.Path, scenario.Load)
			require.NoError(t, err)
			assert.JSONEq(t, asJSON(t, s.View()), asJSON(t, again.View()))
			again.Close()
		}
		for i, try := range s.Tries() {
			require.Equal(t, i, try.ID)
			for _, c := range try.Children {
				require.Same(t, try, c.Parent)
				require.Equal(t, try.View.Step+1, c.View.Step)
			}
		}
	}
}

func asJSON(t *testing.T, v any) string {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// A link leads back to the same schedule and step; one that does not fit any more says from where on.
func TestLinks(t *testing.T) {
	s := session(t, "S1", "rfc", two)
	_, err := s.Run(context.Background(), 10_000)
	require.NoError(t, err)
	require.NotNil(t, s.View().Violation)
	require.NoError(t, s.Seek(9))
	link := s.Link()
	assert.True(t, strings.HasSuffix(link, "#9"), link)
	again, err := Open(link, scenario.Load)
	require.NoError(t, err)
	defer again.Close()
	assert.Equal(t, link, again.Link())
	assert.JSONEq(t, asJSON(t, s.View()), asJSON(t, again.View()))
	require.NoError(t, s.Seek(16))
	assert.Equal(t, "use-after-free", s.View().Violation.Kind)

	folded, err := Open("S1/rfc@2,precise:f:1592e5da:B?1-Bx4-s0!12c0-Bx4-s0", scenario.Load)
	require.NoError(t, err)
	defer folded.Close()
	assert.Len(t, folded.Line(), 17)

	for link, why := range map[string]string{
		"S1/rfc@2,precise:f:1592e5db:B?1-Bx4-s0!12c0-Bx4-s0":    "stale schedule, at transition 12: it leads elsewhere",
		"S1/rfc@2,precise:f:1592e5da:B?1-Bx4-s0!12c0-Bx4-s0#17": "stale schedule, at transition 18: there is no step 17; expected 0 to 16",
		"S1/rfc@2,precise:s:0:Ax9":                              "stale",
		"S1/rfc@2,precise:s:0:A#x":                              `step "x"; expected a number`,
		"S1/rfd@2,precise:s:0:A":                                "rfd",
		"S9/rfc@2,precise:s:0:A":                                "unknown scenario",
		"S1/rfc@2,precise:s:0:Z":                                `steps "Z"`,
		"S1/rfc@9,precise:s:0:A":                                "softirqs",
		"":                                                      "expected MODEL@",
	} {
		got, err := Open(link, scenario.Load)
		if assert.ErrorContains(t, err, why, link) {
			var stale *explore.StaleError
			assert.Equal(t, errors.As(err, &stale), got != nil)
		}
		if got != nil {
			got.Close()
		}
	}
}

// What lies ahead is what the explorer says of the whole, and the way to it is one that can be taken.
func TestAhead(t *testing.T) {
	for version, verdict := range map[string]string{"rfc": "violated", "pinned/half": "safe", "active": "safe", "classic": "safe", "fullpage": "safe"} {
		s := session(t, "S1", version, two)
		a, err := s.Ahead(context.Background(), 1_000_000)
		require.NoError(t, err)
		assert.Equal(t, verdict, a.Verdict, version)
		assert.Zero(t, s.View().Step)
		if verdict == "safe" {
			assert.Contains(t, a.Sentence, "nothing can go wrong any more")
			assert.Positive(t, a.States)
			require.GreaterOrEqual(t, len(a.Covers), 2)
			assert.Equal(t, "S1 on "+version+", 2 softirq CPUs, precise grace periods", a.Covers[0])
			assert.Regexp(t, `^covers sequential consistency; every batch finds a page; data races by happens-before; odds of a hash clash \de-\d+$`, a.Covers[1])
			continue
		}
		assert.Empty(t, a.Covers)
		assert.Equal(t, "16 steps from here: use after free: __tlb_remove_table takes context.lock of freed mm1", a.Sentence)
		ran, err := s.Run(context.Background(), 1_000_000)
		require.NoError(t, err)
		assert.Equal(t, a, ran)
		assert.Equal(t, 16, s.View().Step)
		over, err := s.Ahead(context.Background(), 10)
		require.NoError(t, err)
		assert.Contains(t, over.Sentence, "it has happened")
	}
	// What nobody comes to is told of, and so is how data races were judged where views would have taken too many states.
	nothing, err := scenario.Parse("nothing.scn", `title Nothing there
mm 1
page 1 t0 -
file f
vma v f 1 -
task exit
take v -> x
free x
free t0
mmput 1
`)
	require.NoError(t, err)
	empty, err := New(Question{Scenario: nothing, Version: question.Version(pgalloc.Classic), Setting: two})
	require.NoError(t, err)
	defer empty.Close()
	a, err := empty.Ahead(context.Background(), 0)
	require.NoError(t, err)
	require.Equal(t, "safe", a.Verdict)
	assert.Contains(t, a.Covers, "no schedule came to a primitive in exit: free x (line 8)")
	large, err := session(t, "S2", "pinned/half", question.Setting{Softirqs: 1}).Ahead(context.Background(), 400_000)
	require.NoError(t, err)
	require.Equal(t, "safe", large.Verdict)
	assert.Contains(t, large.Covers[1], "data races by adjacent accesses alone")

	s := session(t, "S3r", "pinned/half", two)
	a, err = s.Ahead(context.Background(), 100)
	require.NoError(t, err)
	assert.Equal(t, "incomplete", a.Verdict)
	assert.Contains(t, a.Sentence, "not everything was tried")
}

// Whoever cannot move says why, with names.
func TestWhyNot(t *testing.T) {
	s := session(t, "S1", "rfc", question.Setting{Softirqs: 2})
	for _, m := range []string{"B?1", "B", "B", "B", "B"} {
		require.NoError(t, s.Take(m))
	}
	assert.Equal(t, "waits for f->i_mmap_rwsem, held by B exit on CPU1", s.View().Lanes[0].Why)
	assert.Equal(t, "down_read(&f->i_mmap_rwsem)", s.View().Lanes[0].Next)
	require.NoError(t, s.Take(s.View().Lanes[3].Moves[0].Text))
	for _, m := range []string{"s0", "B", "B", "B", "B", "B", "B"} {
		require.NoError(t, s.Take(m))
	}
	assert.Equal(t, "every queued callback waits for a grace period, that is for s0 softirq on CPU3 (softirq)", s.View().Lanes[4].Why)
	assert.Equal(t, []string{"s0 softirq on CPU3, still running a callback"}, s.View().RCU[0].Waits)

	s = session(t, "S1", "rfc", two)
	assert.Equal(t, []Move{{Text: "B", Label: "way 1 of 2: free t1", Choice: Choice{Kind: WayMove, Ways: 2}}, {Text: "B?1", Label: "way 2 of 2: tlbfree t1, flush", Choice: Choice{Kind: WayMove, Way: 1, Ways: 2}}}, s.View().Lanes[1].Moves)
	assert.EqualError(t, s.Take("B?2"), "B?2 is not possible; expected B or B?1")
	assert.ErrorContains(t, s.Take("Q"), `steps "Q"`)
	assert.ErrorContains(t, s.Take("Ax3"), "expected one")

	s = session(t, "S1f", "rfc", two)
	require.NoError(t, s.Take("B?1"))
	for range 2 {
		require.NoError(t, s.Take("B"))
	}
	var labels []string
	for _, m := range s.View().Lanes[1].Moves {
		labels = append(labels, m.Label)
	}
	assert.Contains(t, strings.Join(labels, ","), "there is no page for a batch")
}

// A session does not grow without bounds.
func TestSessionsAreBounded(t *testing.T) {
	s := session(t, "page", "classic", two)
	for len(s.tries) < MaxTries {
		s.tries = append(s.tries, s.tries[0])
	}
	assert.ErrorContains(t, s.Take("A"), "begin another")
	assert.Error(t, s.Jump(-1))
	assert.Error(t, s.Jump(MaxTries+1))
	assert.Error(t, s.Seek(9))
	assert.False(t, s.Back())
	assert.False(t, s.Forward())
}

func BenchmarkTake(b *testing.B) {
	s := session(b, "S2", "rfc", two)
	rng := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for b.Loop() {
		if s.View().Ended || len(s.tries) > 10_000 {
			b.StopTimer()
			s = session(b, "S2", "rfc", two)
			b.StartTimer()
		}
		all := moves(s.View())
		if err := s.Take(all[rng.IntN(len(all))]); err != nil {
			b.Fatal(err)
		}
	}
}

// In typesafe the memory of a list may be given back before that of its mm is; whoever looks at the mm then finds no list.
func TestAListMayGoBeforeItsMM(t *testing.T) {
	s, err := Open("S3r/typesafe@cpu,precise:s:0:Bx15-Ax9-s1!1440-Ax2-s1x5-Ax4-Cx11-s0!11-s0x6-Cx5-s2!16a0-s2x6-Cx4-s2!1043-s2", scenario.Load)
	require.NoError(t, err)
	defer s.Close()
	assert.Nil(t, s.View().Violation)
	assert.False(t, s.View().MMs[0].Freed)
	a, err := s.Ahead(context.Background(), 100_000)
	require.NoError(t, err)
	assert.Equal(t, "safe", a.Verdict, a.Sentence)
}
