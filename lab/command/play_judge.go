package command

import (
	"fmt"
	"io"
	"strings"

	"ptsim/internal/levels"
	"ptsim/internal/prose"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
)

// maxMoves bounds what is read from standard input.
const maxMoves = 1 << 20

func readMoves(in io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxMoves+1))
	if err != nil {
		return "", fmt.Errorf("standard input: %w", err)
	}
	if len(text) > maxMoves {
		return "", fmt.Errorf("standard input: more than %d bytes; expected moves", maxMoves)
	}
	return string(text), nil
}

// judge takes the moves, or follows the schedule, and says what they come to.
func (o *playFlags) judge(out io.Writer, l *levels.Level, text, from string) error {
	s, err := openMoves(l, strings.TrimSpace(text))
	if err != nil {
		return closing(s, fmt.Errorf("%s: %w", from, err))
	}
	defer s.Close()
	if s.View().Step == 0 && o.format == "text" {
		if err := buffered(out, func(w io.Writer) error { introduce(w, l, s.View()); return nil }); err != nil {
			return err
		}
		return errFinding
	}
	return o.judged(out, l, l.Judge(s), s.View().Path)
}

func openMoves(l *levels.Level, text string) (*stepper.Session, error) {
	if strings.Contains(text, "@") && !strings.ContainsAny(text, " \n") {
		return stepper.Open(text, scenario.Load)
	}
	moves, err := levels.ParseMoves(text)
	if err != nil {
		return nil, err
	}
	s, err := l.Open()
	if err != nil {
		return nil, err
	}
	return s, levels.Play(s, moves)
}

// judged prints a judgement. A level that is not solved is a finding.
func (o *playFlags) judged(out io.Writer, l *levels.Level, j levels.Judgement, path string) error {
	width, _ := columnsOf(out)
	err := buffered(out, func(w io.Writer) error {
		if o.format == "json" {
			return o.writeJSON(w, l, &j, path, j.Reached, nil)
		}
		fmt.Fprintln(w, headline(l))
		if path != "" {
			fmt.Fprintf(w, "%s\n", path)
		}
		for _, line := range strings.Split(verdictOn(j), "\n") {
			fmt.Fprint(w, prose.Hang("", "  ", line, width))
		}
		return nil
	})
	if err == nil && !j.Reached {
		return errFinding
	}
	return err
}

// verdictOn says what a judgement is, and what it covers that a level is impossible.
func verdictOn(j levels.Judgement) string {
	switch {
	case !j.Reached:
		return "not solved: " + j.Sentence
	case j.Steps == 0:
		return "solved: " + strings.Join(append([]string{j.Sentence}, j.Covers...), "\n  ")
	}
	return fmt.Sprintf("solved: %s\n%s: %s %s", j.Sentence, levels.Par{Possible: true, Switches: j.Switches, Steps: j.Steps}.Text(), j.Against, stars(j.Stars))
}

func stars(n int) string { return strings.Repeat("*", n) }

type levelJSON struct {
	Number   int    `json:"number"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Story    string `json:"story"`
	Asks     string `json:"asks"`
	Goal     string `json:"goal"`
	Kind     string `json:"kind"`
	Scenario string `json:"scenario"`
	Version  string `json:"version"`
	Softirqs any    `json:"softirqs"`
	Grace    string `json:"grace"`
	Memory   string `json:"memory"`

	Answers []levels.Answer `json:"answers,omitempty"`
}

func jsonOf(l *levels.Level) levelJSON {
	q := l.Question
	return levelJSON{
		number(l), l.Name, l.Title, l.Story, string(l.Asks), l.Goal.Text, l.Goal.Kind.String(), scenario.FullName(q.Scenario), q.Version.String(),
		q.Setting.SoftirqsJSON(), q.Setting.Grace.String(), q.Setting.Memory.String(), l.Answers,
	}
}

func (o *playFlags) writeJSON(w io.Writer, l *levels.Level, j *levels.Judgement, path string, withPar bool, repairs map[string]levels.Judgement) error {
	out := struct {
		Level     levelJSON         `json:"level"`
		Par       *levels.Par       `json:"par"`
		Schedule  string            `json:"schedule"`
		Judgement *levels.Judgement `json:"judgement"`

		Repairs map[string]levels.Judgement `json:"repairs,omitempty"`
	}{Level: jsonOf(l), Schedule: path, Judgement: j, Repairs: repairs}
	if withPar {
		p, err := l.Par()
		if err != nil {
			return err
		}
		out.Par = &p
	}
	return writeJSON(w, out)
}
