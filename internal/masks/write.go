package masks

import (
	"fmt"
	"io"
	"strings"

	"ptsim/internal/quote"
)

// Formats returns the formats that Table.Write knows.
func Formats() []string { return []string{"text", "markdown", "dot", "svg", "json"} }

// Write writes the table in one of Formats.
func (t *Table) Write(w io.Writer, format string) error {
	var out []byte
	switch format {
	case "text":
		out = t.text()
	case "markdown":
		out = t.markdown()
	case "dot":
		out = t.dot(t.graph().fold())
	case "svg":
		out = t.svg()
	case "json":
		out = t.json()
	default:
		return fmt.Errorf("unknown format %s; expected one of %s", quote.Short(format), strings.Join(Formats(), ", "))
	}
	return t.put(w, out, format)
}

// WriteFull writes the graph for graphviz with a page and its mirror image apart, each operation with the half it is about.
func (t *Table) WriteFull(w io.Writer) error { return t.put(w, t.dot(t.graph()), "dot") }

func (t *Table) put(w io.Writer, out []byte, format string) error {
	if _, err := w.Write(out); err != nil {
		return fmt.Errorf("masks of %s as %s: %w", t.Name, format, err)
	}
	return nil
}
