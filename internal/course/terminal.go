package course

import (
	"bytes"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Style is what a stretch of a text is, for those who colour it.
type Style int

// The styles.
const (
	Plain Style = iota
	Heading
	Strong
	Emphasis
	Code
)

// narrowest is the width that a text gets at least.
const narrowest = 20

// Terminal turns markdown into lines of at most width columns; only a line of code, or a word that fits on no line, may be
// longer. paint, which may be nil, puts its colours around a stretch of text, which has no effect on where lines break.
func Terminal(markdown string, width int, paint func(Style, string) string) string {
	if paint == nil {
		paint = func(_ Style, s string) string { return s }
	}
	source := []byte(markdown)
	t := &terminal{source: source, paint: paint}
	t.blocks(reader().Parser().Parse(text.NewReader(source)), "", "", max(width, narrowest))
	return t.out.String()
}

type terminal struct {
	source []byte
	paint  func(Style, string) string
	out    strings.Builder
	gap    bool // before what is written next there is a blank line, unless it is the first
}

// write writes a line.
func (t *terminal) write(line string) {
	if t.gap && t.out.Len() > 0 {
		t.out.WriteByte('\n')
	}
	t.gap = false
	t.out.WriteString(strings.TrimRight(line, " ") + "\n")
}

// word is what is not broken, with nothing between it and the next if that is glued to it.
type word struct {
	text  string
	style Style
	glued bool // to the word before
	ends  bool // the line
}

// blocks writes the blocks in a node, the first line behind one indent and the others behind another.
func (t *terminal) blocks(parent ast.Node, firstIndent, indent string, width int) {
	tight := parent.Kind() == ast.KindListItem && !hasBlankBefore(parent)
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if !tight && !(parent.Kind() == ast.KindListItem && n.PreviousSibling() == nil) {
			t.gap = true
		}
		t.block(n, firstIndent, indent, width)
		firstIndent = indent
	}
	if parent.FirstChild() == nil && firstIndent != "" {
		t.write(firstIndent)
	}
}

// hasBlankBefore tells whether an item is part of a list whose items stand apart.
func hasBlankBefore(item ast.Node) bool {
	l, ok := item.Parent().(*ast.List)
	return ok && !l.IsTight
}

func (t *terminal) block(n ast.Node, firstIndent, indent string, width int) {
	switch n := n.(type) {
	case *ast.Heading:
		words := t.words(n, Heading)
		t.wrap(words, firstIndent, indent, width)
		if n.Level <= 2 {
			rule := strings.Repeat(string("=-"[n.Level-1]), min(length(words), max(width-len(indent), 1)))
			t.write(indent + t.paint(Heading, rule))
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			t.write(firstIndent + "    " + strings.TrimRight(clean(string(line.Value(t.source))), "\n"))
			firstIndent = indent
		}
	case *ast.List:
		t.list(n, firstIndent, indent, width)
	case *ast.Blockquote:
		t.blocks(n, deeper(firstIndent, "| ", width), deeper(indent, "| ", width), width)
	case *ast.ThematicBreak:
		t.write(firstIndent + strings.Repeat("-", max(width-len(firstIndent), 1)))
	case *extast.Table:
		t.table(n, firstIndent, indent, width)
	case *ast.HTMLBlock: // is not for terminals
	default:
		t.wrap(t.words(n, Plain), firstIndent, indent, width)
	}
}

// deeper adds to an indent, as long as that leaves room for text.
func deeper(indent, more string, width int) string {
	if len(indent)+len(more) > width/2 {
		return indent
	}
	return indent + more
}

func (t *terminal) list(l *ast.List, firstIndent, indent string, width int) {
	number := l.Start
	for item := l.FirstChild(); item != nil; item = item.NextSibling() {
		t.gap = t.gap || !l.IsTight && item.PreviousSibling() != nil
		mark := "- "
		if l.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		t.blocks(item, deeper(firstIndent, mark, width), deeper(indent, strings.Repeat(" ", len(mark)), width), width)
		firstIndent = indent
	}
}

// words returns what is in a node, without its form.
func (t *terminal) words(parent ast.Node, style Style) []word {
	w := &words{t: t}
	w.node(parent, style)
	return w.list
}

// words collects words. What follows text without space between them is glued to it.
type words struct {
	t     *terminal
	list  []word
	space bool // or nothing yet
}

func (w *words) node(parent ast.Node, style Style) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			w.text(string(unescape(n.Value(w.t.source))), style)
			switch {
			case n.HardLineBreak() && len(w.list) > 0:
				w.list[len(w.list)-1].ends = true
				w.space = true
			case n.SoftLineBreak():
				w.space = true
			}
		case *ast.String:
			w.text(string(n.Value), style)
		case *ast.CodeSpan:
			w.code(n)
		case *ast.Emphasis:
			inner := Emphasis
			if n.Level == 2 {
				inner = Strong
			}
			if style == Heading {
				inner = style
			}
			w.node(n, inner)
		case *ast.Link:
			w.node(n, style)
			w.dest(string(n.Destination), style)
		case *ast.Image:
			w.node(n, style)
		case *ast.AutoLink:
			w.text(string(n.URL(w.t.source)), style)
		case *ast.RawHTML: // is not for terminals
		default:
			w.node(n, style)
		}
	}
}

// text adds the words of a text.
func (w *words) text(s string, style Style) {
	s = clean(s)
	fields := strings.Fields(s)
	if len(fields) == 0 {
		w.space = w.space || s != ""
		return
	}
	if !w.space {
		r, _ := utf8.DecodeRuneInString(s)
		w.space = r == ' ' || r == '\n' || r == '\t'
	}
	for _, f := range fields {
		w.list = append(w.list, word{f, style, !w.space && len(w.list) > 0, false})
		w.space = true
	}
	last, _ := utf8.DecodeLastRuneInString(s)
	w.space = last == ' ' || last == '\n' || last == '\t'
}

// code adds a code span, which is one word as long as it is short.
func (w *words) code(n ast.Node) {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if s, ok := c.(*ast.Text); ok {
			b.WriteString(strings.ReplaceAll(string(s.Value(w.t.source)), "\n", " "))
		}
	}
	s := strings.TrimSpace(clean(b.String()))
	if s == "" {
		return
	}
	if len(s) > 40 {
		w.text(s, Code)
		return
	}
	w.list = append(w.list, word{s, Code, !w.space && len(w.list) > 0, false})
	w.space = false
}

// dest says where a link goes, if that is a file of the project or an address.
func (w *words) dest(to string, style Style) {
	to = clean(to)
	file, _, _ := strings.Cut(to, "#")
	switch {
	case strings.Contains(to, "://"):
		file = to
	case file == "" || !strings.Contains(file, "/"): // here, or another lesson
		return
	default:
		file = path.Join(folder, file)
	}
	w.space = true
	w.text("("+file+")", style)
}

// length is how many columns words take on one line.
func length(list []word) int {
	n := 0
	for i, w := range list {
		if i > 0 && !w.glued {
			n++
		}
		n += utf8.RuneCountInString(w.text)
	}
	return n
}

// wrap writes words as lines.
func (t *terminal) wrap(list []word, firstIndent, indent string, width int) {
	if len(list) == 0 {
		if firstIndent != indent { // the mark of a list
			t.write(firstIndent)
		}
		return
	}
	lead := firstIndent
	for len(list) > 0 {
		n := fit(list, width-utf8.RuneCountInString(lead))
		t.write(lead + t.line(list[:n]))
		list, lead = list[n:], indent
	}
}

// fit returns how many words go on a line: as many as there is room for, and at least those up to the first space.
func fit(list []word, room int) int {
	used, whole := 0, 0
	for i, w := range list {
		if i > 0 && !w.glued {
			whole = i
			if list[i-1].ends {
				return i
			}
			used++
		}
		used += utf8.RuneCountInString(w.text)
		if used > room && whole > 0 {
			return whole
		}
	}
	return len(list)
}

// line paints the words of a line, each stretch of a style at once.
func (t *terminal) line(list []word) string {
	var b strings.Builder
	for i := 0; i < len(list); {
		if i > 0 && !list[i].glued {
			b.WriteByte(' ')
		}
		stretch, j := list[i].text, i+1
		for ; j < len(list) && list[j].style == list[i].style; j++ {
			if !list[j].glued {
				stretch += " "
			}
			stretch += list[j].text
		}
		b.WriteString(t.paint(list[i].style, stretch))
		i = j
	}
	return b.String()
}

// unescape resolves what stands for another character.
func unescape(s []byte) []byte {
	var out []byte
	for len(s) > 0 {
		switch end := bytes.IndexByte(s, ';'); {
		case s[0] == '\\' && len(s) > 1 && util.IsPunct(s[1]):
			out, s = append(out, s[1]), s[2:]
		case s[0] == '&' && end > 0 && !bytes.ContainsAny(s[1:end], "\\& "):
			// Once: what an escape or a reference stands for is text, whatever it looks like.
			name := s[:end+1]
			if bytes.HasPrefix(name, []byte("&#")) {
				name = util.ResolveNumericReferences(name)
			} else {
				name = util.ResolveEntityNames(name)
			}
			out, s = append(out, name...), s[end+1:]
		default:
			out, s = append(out, s[0]), s[1:]
		}
	}
	return out
}

// clean leaves out what could do something to a terminal.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\t", "    ")
	return strings.Map(func(r rune) rune {
		if control(r) && r != '\n' {
			return -1
		}
		return r
	}, s)
}
