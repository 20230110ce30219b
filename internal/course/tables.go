package course

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	md "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// tables reads the tables of GitHub's markdown for goldmark, into the nodes that goldmark has for them. Goldmark reads them, too,
// but its package of extensions compiles regular expressions for addresses that lessons do not have, whenever the program starts:
// that took a sixth of ptsim version. A test compares the two.
type tables struct{}

// Transform makes a table of the end of a paragraph: of a line of dashes, one group for each cell of the line above it, and what
// stands below. What is above stays a paragraph.
func (tables) Transform(p *ast.Paragraph, reader text.Reader, _ md.Context) {
	source, lines := reader.Source(), p.Lines()
	for i := 1; i < lines.Len(); i++ {
		align := alignments(lines.At(i), source)
		if align == nil {
			continue
		}
		head := cells(lines.At(i-1), source)
		if len(head) != len(align) {
			return
		}
		t := extast.NewTable()
		t.Alignments = align
		t.AppendChild(t, extast.NewTableHeader(tableRow(head, align)))
		for j := i + 1; j < lines.Len(); j++ {
			t.AppendChild(t, tableRow(cells(lines.At(j), source), align))
		}
		p.Parent().InsertAfter(p.Parent(), p, t)
		if i == 1 {
			p.Parent().RemoveChild(p.Parent(), p)
			return
		}
		lines.SetSliced(0, i-1)
		last := lines.At(i - 2)
		lines.Set(i-2, last.TrimRightSpace(source)) // no line follows it now
		return
	}
}

// tableRow makes a row of cells: those that are missing are empty, and those too many are left out.
func tableRow(list []text.Segment, align []extast.Alignment) *extast.TableRow {
	row := extast.NewTableRow(align)
	for i := range align {
		cell := extast.NewTableCell()
		if i < len(list) {
			cell.Alignment = align[i]
			cell.Lines().Append(list[i])
		}
		row.AppendChild(row, cell)
	}
	return row
}

// cells splits a line at the bars that no backslash escapes. A bar at its beginning or end separates nothing.
func cells(line text.Segment, source []byte) []text.Segment {
	line = trim(line, source)
	at, end := line.Start, line.Stop
	if at < end && source[at] == '|' {
		at++
	}
	var list []text.Segment
	for from := at; from < end; {
		to := from
		for to < end && (source[to] != '|' || to > line.Start && source[to-1] == '\\') {
			to++
		}
		list = append(list, trim(text.NewSegment(from, to), source))
		from = to + 1
	}
	return list
}

func trim(s text.Segment, source []byte) text.Segment {
	s = s.TrimLeftSpace(source)
	return s.TrimRightSpace(source)
}

// alignments reads the line under the head of a table, nil if it is none.
func alignments(line text.Segment, source []byte) (align []extast.Alignment) {
	if !bytes.ContainsAny(line.Value(source), "|:") {
		return nil // a heading, for all that one can tell
	}
	for _, cell := range cells(line, source) {
		dashes := cell.Value(source)
		dashes, left := bytes.CutPrefix(dashes, []byte(":"))
		dashes, right := bytes.CutSuffix(dashes, []byte(":"))
		if len(dashes) == 0 || len(bytes.Trim(dashes, "-")) > 0 {
			return nil
		}
		switch {
		case left && right:
			align = append(align, extast.AlignCenter)
		case left:
			align = append(align, extast.AlignLeft)
		case right:
			align = append(align, extast.AlignRight)
		default:
			align = append(align, extast.AlignNone)
		}
	}
	return align
}

// bars takes away the backslashes before bars in the code of cells, where they escape nothing but the bar.
type bars struct{}

func (bars) Transform(doc *ast.Document, reader text.Reader, _ md.Context) {
	var spans []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if enter && n.Kind() == ast.KindCodeSpan && inCell(n) {
			spans = append(spans, n)
		}
		return ast.WalkContinue, nil
	})
	for _, span := range spans {
		for c := span.FirstChild(); c != nil; c = c.NextSibling() {
			t, ok := c.(*ast.Text)
			if !ok {
				continue
			}
			if i := bytes.Index(t.Segment.Value(reader.Source()), []byte(`\|`)); i >= 0 {
				at := t.Segment.Start + i
				span.InsertAfter(span, t, ast.NewRawTextSegment(t.Segment.WithStart(at+1)))
				t.Segment = t.Segment.WithStop(at)
			}
		}
	}
}

// inCell tells whether the block that n is in is a cell.
func inCell(n ast.Node) bool {
	for n != nil && n.Type() == ast.TypeInline {
		n = n.Parent()
	}
	return n != nil && n.Kind() == extast.KindTableCell
}

// tableHTML writes tables.
type tableHTML struct{}

func (tableHTML) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(extast.KindTable, func(w util.BufWriter, _ []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
		switch {
		case enter:
			_, _ = w.WriteString("<table>\n")
		case n.LastChild().Kind() == extast.KindTableRow:
			_, _ = w.WriteString("</tbody>\n</table>\n")
		default:
			_, _ = w.WriteString("</table>\n")
		}
		return ast.WalkContinue, nil
	})
	r.Register(extast.KindTableHeader, func(w util.BufWriter, _ []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
		switch {
		case enter:
			_, _ = w.WriteString("<thead>\n<tr>\n")
		case n.NextSibling() != nil:
			_, _ = w.WriteString("</tr>\n</thead>\n<tbody>\n")
		default:
			_, _ = w.WriteString("</tr>\n</thead>\n")
		}
		return ast.WalkContinue, nil
	})
	r.Register(extast.KindTableRow, func(w util.BufWriter, _ []byte, _ ast.Node, enter bool) (ast.WalkStatus, error) {
		if enter {
			_, _ = w.WriteString("<tr>\n")
		} else {
			_, _ = w.WriteString("</tr>\n")
		}
		return ast.WalkContinue, nil
	})
	r.Register(extast.KindTableCell, func(w util.BufWriter, _ []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
		tag := "td"
		if n.Parent().Kind() == extast.KindTableHeader {
			tag = "th"
		}
		if !enter {
			_, _ = w.WriteString("</" + tag + ">\n")
			return ast.WalkContinue, nil
		}
		_, _ = w.WriteString("<" + tag)
		if a := n.(*extast.TableCell).Alignment; a != extast.AlignNone {
			_, _ = w.WriteString(` style="text-align:` + a.String() + `"`)
		}
		_, _ = w.WriteString(">")
		return ast.WalkContinue, nil
	})
}
