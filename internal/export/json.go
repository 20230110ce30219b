package export

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"ptsim/internal/scenario"
)

// document is an export as JSON; its views come behind.
type document struct {
	Title    string   `json:"title"`
	Scenario string   `json:"scenario"`
	About    []string `json:"about"` // paragraphs
	Version  string   `json:"version"`
	Softirqs any      `json:"softirqs"` // a number, or "cpu"
	Grace    string   `json:"grace"`
	Memory   string   `json:"memory"`
	Link     string   `json:"link"`
	Ending   string   `json:"ending"`
}

// json writes a view a line, so that a long schedule stays small and can still be read.
func (e *export) json(w io.Writer) error {
	doc := document{
		Title: e.title(), Scenario: scenario.FullName(e.q.Scenario), About: e.about(), Version: e.q.Version.String(),
		Softirqs: e.q.Setting.SoftirqsJSON(), Grace: e.q.Setting.Grace.String(), Memory: e.q.Setting.Memory.String(), Link: e.link(), Ending: e.ending(),
	}
	head, err := encode(doc, " ")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString(strings.TrimSuffix(head, "\n}\n") + ",\n \"views\": [")
	for i, v := range e.views {
		line, err := encode(v, "")
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  " + strings.TrimSuffix(line, "\n"))
	}
	b.WriteString("\n ]\n}\n")
	_, err = w.Write(b.Bytes())
	return err
}

// encode writes JSON without escaping what only HTML minds.
func encode(v any, indent string) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetIndent("", indent)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.String(), err
}
