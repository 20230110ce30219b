package mutants

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed list/*.mut
var lists embed.FS

// Lists returns the names of the lists, sorted.
func Lists() []string {
	entries, err := lists.ReadDir("list")
	if err != nil {
		panic("mutants: " + err.Error()) // they are part of the package
	}
	var names []string
	for _, e := range entries {
		names = append(names, "list/"+e.Name())
	}
	return names
}

// All returns the mutants of all lists.
func All() ([]*Mutant, error) {
	var all []*Mutant
	for _, name := range Lists() {
		text, err := lists.ReadFile(name)
		if err != nil {
			return nil, err
		}
		ms, err := Parse(name, string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, ms...)
	}
	return all, unique(all)
}

func unique(ms []*Mutant) error {
	seen := map[string]string{}
	for _, m := range ms {
		if at := seen[m.Name]; at != "" {
			return fmt.Errorf("%s: mutant %s; expected another name, %s has it", m.At, m.Name, at)
		}
		seen[m.Name] = m.At
	}
	return nil
}

// parser reads a list.
type parser struct {
	name string
	line int
	file string
	on   []string
	test string // the package whose tests judge
	ms   []*Mutant
	m    *Mutant // the one that is being read
	from int     // and where it begins
}

// Parse reads a list of mutants. name is what errors call it.
func Parse(name, text string) ([]*Mutant, error) {
	p := &parser{name: name}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		line = strings.TrimRight(line, " \t")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		if err := p.read(word, strings.TrimSpace(rest)); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, p.line, err)
		}
	}
	if err := p.end(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, p.line, err)
	}
	return p.ms, nil
}

func (p *parser) read(word, rest string) error {
	switch word {
	case "file":
		if err := p.end(); err != nil {
			return err
		}
		p.file, p.m = rest, nil
		return nil
	case "on":
		if p.m == nil {
			p.on, p.test = strings.Fields(rest), ""
		} else {
			p.m.On = strings.Fields(rest)
		}
		return nil
	case "tests":
		if p.m != nil {
			return fmt.Errorf("tests %s; expected it behind \"file\" and before the first mutant", rest)
		}
		p.on, p.test = nil, rest
		return nil
	case "mutant":
		return p.mutant(strings.Fields(rest))
	}
	m := p.m
	if m == nil {
		return fmt.Errorf("%q; expected file, on, tests or mutant", word)
	}
	switch word {
	case "what":
		m.What = more(m.What, rest)
	case "equal":
		m.Equal = more(m.Equal, rest)
	case "blind":
		m.Blind = more(m.Blind, rest)
	case "<":
		m.Edits = append(m.Edits, Edit{Old: []string{rest}, Part: true})
	case ">":
		n := len(m.Edits)
		if n == 0 || !m.Edits[n-1].Part || m.Edits[n-1].New != nil {
			return fmt.Errorf("a part of a line to put in; expected one to take out before it")
		}
		m.Edits[n-1].New = []string{rest}
	case "-":
		if n := len(m.Edits); n == 0 || m.Edits[n-1].New != nil || m.Edits[n-1].Part {
			m.Edits = append(m.Edits, Edit{})
		}
		e := &m.Edits[len(m.Edits)-1]
		e.Old = append(e.Old, rest)
	case "+":
		if len(m.Edits) == 0 || m.Edits[len(m.Edits)-1].Part {
			return fmt.Errorf("a line to put in; expected one to take out before it")
		}
		e := &m.Edits[len(m.Edits)-1]
		if e.New == nil {
			e.New = []string{}
		}
		if rest != "" {
			e.New = append(e.New, rest)
		}
	case "killed":
		job, kind, ok := strings.Cut(rest, " ")
		if !ok {
			return fmt.Errorf("killed %s; expected \"killed JOB KIND\"", rest)
		}
		m.Killed = Kill{job, kind}
	case "test":
		pkg, test, ok := strings.Cut(rest, " ")
		switch {
		case ok:
			m.Test = Test{pkg, test}
		case rest != "" && m.Tests != "":
			m.Test = Test{m.Tests, rest}
		default:
			return fmt.Errorf("test %s; expected \"test PACKAGE NAME\"", rest)
		}
	default:
		return fmt.Errorf("%q; expected what, on, -, +, <, >, killed, equal, blind, test, mutant, tests or file", word)
	}
	return nil
}

func more(s, rest string) string { return strings.TrimSpace(s + " " + rest) }

// mutant begins one: NAME [in FUNCTION].
func (p *parser) mutant(words []string) error {
	if err := p.end(); err != nil {
		return err
	}
	if p.file == "" || p.on == nil && p.test == "" {
		return fmt.Errorf("a mutant; expected \"file PATH\", and \"on VERSION...\" or \"tests PACKAGE\", before it")
	}
	m := &Mutant{At: fmt.Sprintf("%s:%d", p.name, p.line), File: p.file, On: p.on, Tests: p.test}
	switch {
	case len(words) == 3 && words[1] == "in":
		m.Func = words[2]
	case len(words) != 1:
		return fmt.Errorf("mutant %s; expected \"mutant NAME [in FUNCTION]\"", strings.Join(words, " "))
	}
	m.Name = strings.TrimSuffix(path.Base(p.file), ".go") + "/" + words[0]
	p.ms = append(p.ms, m)
	p.m, p.from = m, p.line
	return nil
}

// end looks whether the mutant that was being read is whole.
func (p *parser) end() error {
	m := p.m
	if m == nil {
		return nil
	}
	here := p.line
	p.line = p.from // which is where an error is
	answers := 0
	for _, has := range []bool{m.Killed.Job != "", m.Equal != "", m.Blind != ""} {
		if has {
			answers++
		}
	}
	switch {
	case m.What == "":
		return fmt.Errorf("mutant %s does not say what it does; expected a line \"what\"", m.Name)
	case len(m.Edits) == 0 || m.Edits[len(m.Edits)-1].New == nil:
		return fmt.Errorf("mutant %s changes nothing; expected lines with - and then with +, or < and >", m.Name)
	case answers > 1:
		return fmt.Errorf("mutant %s has %d answers; expected one of killed, equal, blind", m.Name, answers)
	case m.Tests != "" && (m.On != nil || m.Killed.Job != "" || m.Blind != ""):
		return fmt.Errorf("mutant %s is judged by tests; expected test or equal, and no on, killed or blind", m.Name)
	case m.Tests != "" && m.Test.Name != "" && m.Equal != "":
		return fmt.Errorf("mutant %s has 2 answers; expected one of test, equal", m.Name)
	case m.Test.Name != "" && m.Blind == "" && m.Tests == "":
		return fmt.Errorf("mutant %s names a test; expected a line \"blind\", too", m.Name)
	}
	p.line = here
	return nil
}

// Rewrite returns a list with the answers of the mutants that answers names replaced, or put in. An answer is a line
// "killed JOB KIND" or "test PACKAGE NAME", and replaces one that begins with the same word.
func Rewrite(name, text string, answers map[string]string) (string, error) {
	ms, err := Parse(name, text)
	if err != nil {
		return "", err
	}
	starts := map[string]*Mutant{}
	for _, m := range ms {
		starts[m.At] = m
	}
	var out []string
	answer, word := "", ""
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if m := starts[fmt.Sprintf("%s:%d", name, i+1)]; m != nil {
			answer = answers[m.Name]
			word, _, _ = strings.Cut(answer, " ")
		}
		if answer != "" && strings.HasPrefix(line, word+" ") {
			continue
		}
		out = append(out, line)
		edits := func(i int) bool { return i < len(lines) && lines[i] != "" && strings.Contains("+-<>", lines[i][:1]) }
		if answer != "" && edits(i) && !edits(i+1) {
			out = append(out, answer)
		}
	}
	return strings.Join(out, "\n"), nil
}
