package course

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	md "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// reader reads markdown as lessons are written in it: that of CommonMark, with tables.
func reader() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParserOptions(md.WithParagraphTransformers(util.Prioritized(tables{}, 200)),
			md.WithASTTransformers(util.Prioritized(bars{}, 0))),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(tableHTML{}, 500))))
}

// HTML turns markdown into HTML that does nothing but show text: HTML in it is left out, and so is a link with a scheme
// that could run something. link says where a link or a picture is to be found, "" for nowhere; without it they are where
// the markdown says.
func HTML(markdown string, link func(dest string) string) (string, error) {
	m, source := reader(), []byte(markdown)
	doc := m.Parser().Parse(text.NewReader(source))
	if link != nil {
		relink(doc, link)
	}
	var out bytes.Buffer
	if err := m.Renderer().Render(&out, source, doc); err != nil {
		return "", err
	}
	return out.String(), nil
}

// relink changes where links go. Of one that goes nowhere the text is left, and of a picture its description.
func relink(doc ast.Node, link func(dest string) string) {
	var links []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if k := n.Kind(); enter && (k == ast.KindLink || k == ast.KindImage) {
			links = append(links, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range links {
		var dest *[]byte
		switch n := n.(type) {
		case *ast.Link:
			dest = &n.Destination
		case *ast.Image:
			dest = &n.Destination
		}
		if *dest = []byte(link(string(*dest))); len(*dest) > 0 {
			continue
		}
		parent := n.Parent()
		for c := n.FirstChild(); c != nil; {
			next := c.NextSibling()
			parent.InsertBefore(parent, n, c)
			c = next
		}
		parent.RemoveChild(parent, n)
	}
}
