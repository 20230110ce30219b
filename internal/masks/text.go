package masks

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/internal/prose"
	"ptsim/pgalloc"
)

const textWidth = 80

// text writes the table for a terminal: legal states first, each with what can be done to its halves and why the rest
// cannot; then the masks that are not legal, by the reason.
func (t *Table) text() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", t.Name, t.Info.Kernel)
	wrap(&b, "", "", t.Info.About, " ")
	if t.Info.Flawed != "" {
		wrap(&b, "flawed: ", "", t.Info.Flawed, " ")
	}
	b.WriteByte('\n')
	for _, line := range t.summary() {
		wrap(&b, "", "  ", line, " ")
	}
	b.WriteByte('\n')
	t.textKey(&b)

	fmt.Fprintf(&b, "\nmask  PP|HH|AA%s\n", map[bool]string{true: "  (* PageActive)"}[t.Actives])
	rows := t.Birth.text()
	fmt.Fprintf(&b, "\n--    no page yet\n%s", rows)
	for i, s := range t.States {
		if s.Legal {
			t.textState(&b, i, s)
		}
	}
	t.textIllegal(&b)
	return []byte(b.String())
}

// summary says in a few sentences what the table comes to.
func (t *Table) summary() []string {
	var legal, possible int
	reach := map[Reach][]string{}
	for _, s := range t.States {
		if s.Legal {
			legal++
			reach[s.Reach] = append(reach[s.Reach], s.short())
		}
	}
	for _, r := range t.Rows {
		if r.Possible {
			possible++
		}
	}
	what := "masks"
	if t.Actives {
		what = "masks with and without PageActive"
	}
	lines := []string{
		fmt.Sprintf("%d of %d %s are legal, %d of %d operations possible.", legal, len(t.States), what, possible, len(t.Rows)),
		"Reached at rest, between operations: " + strings.Join(reach[ReachRest], " ") + ".",
	}
	if s := reach[ReachPassing]; s != nil {
		lines = append(lines, "Only in passing, in the middle of an operation: "+strings.Join(s, " ")+".")
	}
	if s := reach[ReachNever]; s != nil {
		lines = append(lines, "Legal, but never reached by operations one at a time: "+strings.Join(s, " ")+".")
	} else {
		lines = append(lines, "No legal state is out of reach.")
	}
	var lost []string
	for _, i := range t.Life.Lost {
		lost = append(lost, t.Life.Places[i].describe())
	}
	if lost != nil {
		lines = append(lines, "No way leads to the release of the page, it is lost, from: "+strings.Join(lost, "; ")+".")
	}
	return lines
}

// describe says where a page is, and what RCU has of it.
func (p Place) describe() string {
	if p.Released {
		return "the page allocator"
	}
	s := fmt.Sprintf("%s (%s)", State{Mask: p.Mask, Active: p.Active}.short(), p.Mask)
	var have []string
	if p.Callback != "" {
		have = append(have, p.Callback+" queued")
	}
	for _, half := range []int{1, 0} { // as in the mask
		if p.Batch>>half&1 != 0 {
			have = append(have, fmt.Sprintf("%s half in a batch", place(uint32(half))))
		}
	}
	if have == nil {
		return s + " with nothing queued"
	}
	return s + " with " + prose.List(have, "and")
}

// short is the mask in hex, with a star for PageActive.
func (s State) short() string { return shortState(s.Mask, s.Active) }

func shortState(m pgalloc.Mask, active bool) string {
	if active {
		return fmt.Sprintf("%02x*", uint8(m))
	}
	return fmt.Sprintf("%02x", uint8(m))
}

func (t *Table) textKey(b *strings.Builder) {
	if t.Fragments {
		wrap(b, "PP|HH|AA   ", "           ", "a mask: P pending, H on the rcu_head, A allocated, - not; in each pair the upper "+
			"half is left and the lower half is right", " ")
	}
	wrap(b, "operation  ", "           ", "fresh, alloc: page_table_alloc with no page on the list, with this page first on it; "+
		"free: page_table_free; free_rcu: page_table_free_rcu; remove: __tlb_remove_table, when the batch's grace period is "+
		"over; defer: pte_free_defer; now: its callback; then the half: 0 is the lower, 1 the upper", " ")
	wrap(b, "becomes    ", "           ", "the masks that the page goes through, those in parentheses made under the lock of the list", " ")
	if t.Pin != "" {
		wrap(b, "mm         ", "           ", "change of mm_count", " ")
	}
	for i, why := range t.general() {
		first := "           "
		if i == 0 {
			first = "in general "
		}
		wrap(b, first, "           ", why, " ")
	}
}

func (t *Table) textState(b *strings.Builder, i int, s State) {
	halves := fmt.Sprintf("upper %s, lower %s", s.Halves[1], s.Halves[0])
	if !t.Fragments {
		halves = "always"
	}
	listed := "off the list"
	if s.Listed {
		listed = "ON THE LIST"
	}
	line := fmt.Sprintf("%-4s  %s  %s; %s", s.short(), s.Mask, halves, listed)
	if s.Reach != ReachRest {
		line += "; reached " + s.Reach.String()
	}
	b.WriteByte('\n')
	wrap(b, "", "                ", line, " ")

	for _, r := range t.rowsOf(i) {
		if r.Possible {
			b.WriteString(r.text())
		}
	}
	not := t.impossible(i)
	for _, why := range not.keys {
		wrap(b, "      no  ", "          ", why+": "+strings.Join(not.of[why], ", "), " ")
	}
}

// impossible groups what cannot be done in a state by the reason, without those that hold for the whole version.
func (t *Table) impossible(state int) *groups {
	not, general := newGroups(), t.general()
	for _, r := range t.rowsOf(state) {
		if !r.Possible && !slices.Contains(general, r.WhyNot) {
			not.add(r.WhyNot, r.name())
		}
	}
	return not
}

// rowsOf returns the rows of a state.
func (t *Table) rowsOf(state int) []Row {
	var rows []Row
	for _, r := range t.Rows {
		if r.State == state {
			rows = append(rows, r)
		}
	}
	return rows
}

// text writes a possible row as one line, where there is room for what it does.
func (r Row) text() string {
	line := fmt.Sprintf("      %-10s  %-16s", strings.ReplaceAll(r.name(), "\u00a0", " "), r.path())
	cols := r.effects()
	if len(cols) == 0 {
		return strings.TrimRight(line, " ") + "\n"
	}
	var b strings.Builder
	wrap(&b, line+"  ", strings.Repeat(" ", 36), strings.Join(cols, "; "), " ")
	return b.String()
}

// name is what the row is about, with a blank that wrap does not break at.
func (r Row) name() string { return fmt.Sprintf("%s\u00a0%d", r.Op, r.Half) }

// path is the states that the row leads through.
func (r Row) path() string {
	if len(r.Path) == 0 {
		return "stays"
	}
	var s []string
	for _, p := range r.Path {
		m := shortState(p.Mask, p.Active)
		if p.Locked {
			m = "(" + m + ")"
		}
		s = append(s, m)
	}
	return strings.Join(s, " ")
}

// effects says what else the row does.
func (r Row) effects() []string {
	var s []string
	switch r.List {
	case ListAddHead:
		s = append(s, "to the head of the list")
	case ListAddTail:
		s = append(s, "to the tail of the list")
	case ListDel:
		s = append(s, "off the list")
	}
	if rcu := r.rcu(); rcu != "" {
		s = append(s, rcu)
	}
	switch r.Release {
	case ReleaseNow:
		s = append(s, "page released")
	case ReleaseLater:
		s = append(s, "page released after a grace period")
	}
	if r.Pin != 0 {
		s = append(s, fmt.Sprintf("mm %+d", r.Pin))
	}
	return append(s, r.Trouble...)
}

func (r Row) rcu() string {
	switch r.RCU {
	case RCUBatch:
		return "into a batch"
	case RCUHead:
		return "call_rcu " + r.Callback
	case RCUChain:
		return "chains " + r.Callback
	case RCUWait:
		return "left to the other half's callback"
	}
	return ""
}

func (t *Table) textIllegal(b *strings.Builder) {
	g := newGroups()
	for _, s := range t.States {
		if !s.Legal && !s.Active {
			g.add(s.Why, fmt.Sprintf("%02x %s", uint8(s.Mask), s.Mask))
		}
	}
	if len(g.keys) == 0 {
		return
	}
	b.WriteString("\nNot legal, so that no operation can start there")
	if t.Actives {
		b.WriteString(", with PageActive or without it")
	}
	b.WriteByte('\n')
	for _, why := range g.keys {
		b.WriteByte('\n')
		wrap(b, "  ", "    ", why, " ")
		wrap(b, "    ", "    ", strings.Join(g.of[why], "\x00"), "\x00")
	}
}

// groups are lists by key, in the order in which the keys came.
type groups struct {
	keys []string
	of   map[string][]string
}

func newGroups() *groups { return &groups{of: map[string][]string{}} }

func (g *groups) add(key, what string) {
	if !slices.Contains(g.keys, key) {
		g.keys = append(g.keys, key)
	}
	g.of[key] = append(g.of[key], what)
}

// wrap writes text in lines of at most textWidth, the first of which starts with first and all others with rest. It
// breaks at sep only; where that is not a blank, three blanks take its place.
func wrap(b *strings.Builder, first, rest, text, sep string) {
	p := prose.Paragraph{First: first, Rest: rest, Gap: sep, Width: textWidth}
	if sep != " " {
		p.Gap = "   "
	}
	for _, line := range p.Lines(strings.Split(text, sep)) {
		b.WriteString(soften(line))
	}
}

// soften ends a line and turns the blanks that it was not to be broken at into ordinary ones.
func soften(line string) string { return strings.ReplaceAll(line, "\u00a0", " ") + "\n" }
