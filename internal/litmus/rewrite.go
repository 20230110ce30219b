package litmus

import (
	"fmt"
	"slices"
	"strings"
)

// Rewrite prints a litmus test as it was read: herd7's C with one statement a line, declarations first, and the comments left out. It is
// the same test: it has the same final states and verdicts.
func Rewrite(path, text string) (string, error) {
	p, err := parse(path, text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "C %s\n", p.test.Name)
	if p.test.Result != "" {
		fmt.Fprintf(&b, "\n(* Result: %s *)\n", p.test.Result)
	}
	b.WriteString("\n{\n")
	for _, line := range clauses(p.first) {
		fmt.Fprintf(&b, "\t%s;\n", line)
	}
	b.WriteString("}\n")
	for i, s := range p.procs {
		var params []string
		for n, name := range s.params {
			params = append(params, s.types[n]+name)
		}
		fmt.Fprintf(&b, "\nP%d(%s)\n{\n", i, strings.Join(params, ", "))
		var decls []string
		for _, d := range s.decls {
			if !slices.Contains(decls, d) {
				decls = append(decls, d)
				fmt.Fprintf(&b, "\t%s;\n", d)
			}
		}
		block(&b, s.body, "\t")
		b.WriteString("}\n")
	}
	b.WriteByte('\n')
	for _, line := range sections(p.behind) {
		b.WriteString(line + "\n")
	}
	return b.String(), nil
}

// clauses are the texts between semicolons.
func clauses(tokens []token) (list []string) {
	from := 0
	for i := 0; i <= len(tokens); i++ {
		if i == len(tokens) || tokens[i].text == ";" && tokens[i].kind == 'o' {
			if i > from {
				list = append(list, spell(tokens[from:i]))
			}
			from = i + 1
		}
	}
	return list
}

// sections are locations, filter and the condition, a line each.
func sections(tokens []token) (list []string) {
	from := 0
	for i, t := range tokens {
		begins := t.kind == 'n' && (t.text == "exists" || t.text == "forall" || t.text == "filter" || t.text == "locations")
		negated := begins && i > 0 && tokens[i-1].text == "~"
		if begins || t.kind == 0 {
			end := i
			if negated {
				end--
			}
			if end > from {
				list = append(list, spell(tokens[from:end]))
			}
			from = end
		}
	}
	return list
}

// spell writes tokens with blanks where C needs them, or a reader does.
func spell(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			last := tokens[i-1]
			words := last.kind != 'o' && t.kind != 'o'
			wide := func(t token) bool {
				return t.kind == 'o' && slices.Contains([]string{"/\\", "\\/", "=>"}, t.text)
			}
			open := last.kind == 'n' && t.kind == 'o' && (t.text == "(" && slices.Contains([]string{"exists", "forall", "filter", "not"}, last.text) ||
				t.text == "*" || t.text == "[" && last.text == "locations" || t.text == "~")
			if words || wide(last) || wide(t) || open || last.text == ";" || last.text == "," {
				b.WriteByte(' ')
			}
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// block writes statements.
func block(b *strings.Builder, body []*stmt, indent string) {
	for _, s := range body {
		switch s.kind {
		case "if":
			fmt.Fprintf(b, "%sif (%s) {\n", indent, spelled(s.left, 0))
			block(b, s.then, indent+"\t")
			if s.els != nil {
				fmt.Fprintf(b, "%s} else {\n", indent)
				block(b, s.els, indent+"\t")
			}
			fmt.Fprintf(b, "%s}\n", indent)
		case "=":
			fmt.Fprintf(b, "%s%s = %s;\n", indent, spelled(s.left, 0), spelled(s.node, 0))
		default:
			fmt.Fprintf(b, "%s%s;\n", indent, spelled(s.node, 0))
		}
	}
}

// unaryPrecedence is above that of each operator with two sides.
const unaryPrecedence = 20

// spelled writes an expression as C, in parentheses if what is around binds closer.
func spelled(n *node, around int) string {
	text, prec := "", unaryPrecedence
	switch {
	case n.op == "num" || n.op == "name":
		return nodeText(n)
	case n.op == "call":
		var args []string
		for _, a := range n.args {
			args = append(args, spelled(a, 0))
		}
		return n.text + "(" + strings.Join(args, ", ") + ")"
	case n.op == "deref":
		text = "*" + spelled(n.args[0], unaryPrecedence)
	case n.op == "addr":
		text = "&" + spelled(n.args[0], unaryPrecedence)
	case n.op == "?":
		prec = 0
		text = spelled(n.args[0], 1) + " ? " + spelled(n.args[1], 1) + " : " + spelled(n.args[2], 1)
		if around > 0 {
			return "(" + text + ")"
		}
		return text
	case len(n.args) == 1:
		text = n.op + spelled(n.args[0], unaryPrecedence)
	default:
		prec = precedence[n.op]
		text = spelled(n.args[0], prec) + " " + n.op + " " + spelled(n.args[1], prec+1)
	}
	if prec < around {
		return "(" + text + ")"
	}
	return text
}
