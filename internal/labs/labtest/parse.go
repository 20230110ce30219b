package labtest

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"ptsim/lab"
)

// parse reads the text of a scenario, without choices: the part of the language that the labs' scenarios need.
func parse(l *lab.Lab, file, text string) (*lab.Scenario, error) {
	s := &lab.Scenario{File: file, Name: strings.TrimSuffix(filepath.Base(file), ".scn"), Lab: l, Source: text}
	var task *lab.Task
	ends := false
	for i, raw := range strings.Split(text, "\n") {
		body, _, _ := strings.Cut(raw, "#")
		words := strings.Fields(body)
		fail := func(err error) error { return fmt.Errorf("%s:%d: %w", file, i+1, err) }
		line := func(form string, own []lab.Param) (lab.Line, error) {
			args, err := l.Match(form, own, words[1:])
			if err != nil {
				return lab.Line{}, fail(err)
			}
			return lab.Line{Number: i + 1, Word: words[0], Form: form, Args: args}, nil
		}
		switch {
		case len(words) == 0:
		case words[0] == "lab":
			if len(words) != 2 || words[1] != l.Name {
				return nil, fail(fmt.Errorf("%q; expected lab %s", body, l.Name))
			}
		case words[0] == "title":
			s.Title = strings.Join(words[1:], " ")
		case words[0] == "about":
			s.About = append(s.About, strings.Join(words[1:], " "))
		case words[0] == "finally":
			ends = true
		case words[0] == "task":
			t := lab.Task{Line: i + 1, Name: words[1]}
			if len(words) == 4 && words[2] == "on" {
				n, err := strconv.Atoi(strings.TrimPrefix(words[3], "cpu"))
				if err != nil {
					return nil, fail(err)
				}
				t.On = n + 1
			}
			s.Tasks = append(s.Tasks, t)
			task = &s.Tasks[len(s.Tasks)-1]
		case ends && l.End(words[0]) != nil:
			got, err := line(l.End(words[0]).Form, nil)
			if err != nil {
				return nil, err
			}
			s.Ends = append(s.Ends, got)
		case task != nil && l.Verb(words[0]) != nil:
			got, err := line(l.Verb(words[0]).Form, nil)
			if err != nil {
				return nil, err
			}
			task.Ops = append(task.Ops, lab.Op{Line: got})
		case task == nil && l.Setting(words[0]) != nil:
			got, err := line(l.Setting(words[0]).Form, l.Setting(words[0]).Params)
			if err != nil {
				return nil, err
			}
			s.Settings = append(s.Settings, got)
		case task == nil && l.Noun(words[0]) != nil:
			got, err := line(l.Noun(words[0]).Form, nil)
			if err != nil {
				return nil, err
			}
			s.Things = append(s.Things, got)
		default:
			return nil, fail(fmt.Errorf("%q is no line of a scenario of lab %s", body, l.Name))
		}
	}
	return s, lab.Sensible(s)
}
