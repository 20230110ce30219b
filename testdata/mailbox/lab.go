package mailbox

import (
	"embed"
	"io/fs"
	"strconv"

	"ptsim/kern"
	"ptsim/lab"
)

//go:embed scenarios/*.scn
var scenarios embed.FS

//go:embed mailbox.go
var source embed.FS

// Lab tells ptsim about the protocol.
func Lab() *lab.Lab {
	files, err := fs.Sub(scenarios, "scenarios")
	if err != nil {
		panic(err) // they are part of the binary
	}
	return &lab.Lab{
		Name: "mailbox", Title: "a mailbox for one letter",
		About: "A sender looks whether the box is empty, and puts a letter in. What keeps another sender from doing the same in between?",
		Versions: []lab.Version{
			{Name: Early, About: "full is set before the letter is in", Flawed: "hands out nothing"},
			{Name: Unclaimed, About: "two senders may find the box empty", Flawed: "loses letters"},
			{Name: Claimed, About: "a sender claims the box first"},
		},
		Params: []lab.Param{{Name: "NUMBER", Lo: 1, Hi: 999, Wrong: "letter %s"}},
		Nouns: []lab.Noun{{
			Form: "mailbox NAME", About: "an empty mailbox",
			Make: func(w *lab.World, c *kern.CPU, _ *lab.Line) uint32 { return uint32(boxes(w).NewBox(c)) },
		}},
		Verbs: []lab.Verb{
			{
				Form: "send MAILBOX NUMBER", About: "puts a letter in, if the box is empty",
				Do: func(c *lab.Call) {
					boxes(c.World).Send(c.CPU, Box(c.Value("MAILBOX")), uint32(c.Line.Int("NUMBER", 1)))
				},
			},
			{
				Form: "receive MAILBOX", About: "takes the letter out, if there is one",
				Do: func(c *lab.Call) { boxes(c.World).Receive(c.CPU, Box(c.Value("MAILBOX"))) },
			},
		},
		Ends:  []lab.End{{Form: "empty MAILBOX", About: "nothing is in the box", Holds: isEmpty}},
		Setup: func(w *lab.World) { w.Protocol = New(w.M, w.Version) },
		Check: sane,
		Rows: []lab.Row{
			{ID: "M1", Scenario: "senders", Version: Unclaimed, Expect: "violated letter-lost", Note: "both find the box empty"},
			{ID: "M2", Scenario: "senders", Version: Claimed, Expect: "safe", Note: "one claims it"},
			{ID: "M3", Scenario: "post", Version: Early, Expect: "violated no-letter", Note: "the flag comes before the letter"},
			{ID: "M4", Scenario: "post", Version: Claimed, Expect: "safe", Note: "the letter comes before the flag"},
		},
		Rules: []lab.Rule{
			{ID: "claim", Text: "Only who changes full from empty to claimed may write the letter.", Source: "mailbox.go", Verbs: []string{"send"}, Versions: []string{Claimed}},
			{ID: "look", Text: "To find the box empty is no promise that it stays so.", Source: "mailbox.go", Verbs: []string{"send"}, Versions: []string{Early, Unclaimed}},
			{ID: "receive", Text: "Who finds the box full takes the letter, and empties the box last.", Source: "mailbox.go", Verbs: []string{"receive"}},
		},
		Levels: []lab.Level{{
			Name: "lost-letter", Title: "Two senders", Scenario: "senders", Version: Unclaimed, Kind: "letter-lost",
			Goal: "lose a letter", Hint: "Both senders must look before either of them writes.", Story: "\nTwo senders, one box. Have one letter written over the other.",
		}},
		Lessons: []lab.Lesson{{Slug: "mailbox", Text: "# A box for one letter\n\nTo look and to act are two steps. `ptsim explore mailbox/senders` shows what comes between.\n"}},
		Questions: []lab.Question{{
			Topic: "box", About: "what is in the box afterwards", Look: "Look at full before the operation.",
			Ask: func(m *lab.Move) *lab.Asked {
				if m.Line == nil || m.Line.Word != "send" || !m.Whole {
					return nil
				}
				box, mine := m.Line.Get("MAILBOX"), strconv.Itoa(m.Line.Int("NUMBER", 0))
				right, wrong := "the letter of this sender", "another letter, or none"
				if lab.Find(m.After, box).Get("letter").Value != mine {
					right, wrong = wrong, right
				}
				return &lab.Asked{Prompt: "What is in " + box + " then?", Right: right, Wrong: []string{wrong}, Rules: []string{"claim", "look"}}
			},
		}},
		Draw:      draw,
		Boxes:     map[string]lab.Drawing{Cache: lab.Plain},
		Scenarios: files,
		Source:    source,
	}
}

func boxes(w *lab.World) *Boxes { return w.Protocol.(*Boxes) }

// sane wants full to be one of what it can be.
func sane(w *lab.World) *kern.Violation {
	for _, a := range w.All("mailbox") {
		if at := kern.Addr(a); w.M.Peek(at+full) > claiming {
			return &kern.Violation{Kind: kern.Assertion, Addr: at, Object: w.NameOf(a), Detail: "full is 0, 1 or 2"}
		}
	}
	return nil
}

// isEmpty looks whether nothing is in a box.
func isEmpty(w *lab.World, l *lab.Line) *kern.Violation {
	at := kern.Addr(w.Of(l, "MAILBOX"))
	if w.M.Peek(at+letter) == 0 {
		return nil
	}
	return &kern.Violation{Kind: kern.Imbalance, Addr: at, Object: l.Get("MAILBOX"), Detail: "a letter is left in the box"}
}

// draw makes one figure of all boxes.
func draw(things []lab.Thing) []lab.Figure {
	f := lab.Figure{Title: "Post"}
	for i := range things {
		t := &things[i]
		s := lab.Strip{Label: t.Name, None: "empty"}
		if t.Get("letter").Value != "0" {
			s.Cells = append(s.Cells, lab.Cell{Thing: t.Name, Text: "letter " + t.Get("letter").Value, Fill: lab.Full})
		}
		f.Strips = append(f.Strips, s)
	}
	return []lab.Figure{f}
}
