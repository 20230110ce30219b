package litmus

import (
	"strconv"
	"strings"
	"unicode"
)

// A token is a name, a number, a string or an operator.
type token struct {
	text string
	kind byte // 'n' name, '0' number, '"' string, 'o' operator, 0 the end
	line int
}

var operators = []string{
	"/\\", "\\/", "=>", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "->", "++", "--", "+=", "-=", "*=", "/=", "|=", "&=", "^=",
}

// lex cuts a text into tokens. Comments are those of C, and outside the bodies of processes those of OCaml, which nest: in
// a body "(*x" is how an argument that is dereferenced begins.
func lex(path, text string) ([]token, error) {
	var tokens []token
	line, depth, body := 1, 0, false
	for i := 0; i < len(text); {
		c := text[i]
		rest := text[i:]
		switch {
		case c == '\n':
			line++
			i++
		case c == ' ' || c == '\t' || c == '\r' || c == '\f':
			i++
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			i += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return nil, &Error{path, line, false, "this comment has no end"}
			}
			line += strings.Count(rest[:n+4], "\n")
			i += n + 4
		case strings.HasPrefix(rest, "(*") && !body:
			n := comment(rest)
			if n == 0 {
				return nil, &Error{path, line, false, "this comment has no end"}
			}
			line += strings.Count(rest[:n], "\n")
			i += n
		case c == '"':
			n := strings.IndexByte(rest[1:], '"')
			if n < 0 {
				return nil, &Error{path, line, false, "this string has no end"}
			}
			tokens = append(tokens, token{rest[1 : n+1], '"', line})
			line += strings.Count(rest[:n+2], "\n")
			i += n + 2
		case c >= '0' && c <= '9':
			n := 1
			for n < len(rest) && (isWord(rune(rest[n]))) {
				n++
			}
			tokens = append(tokens, token{rest[:n], '0', line})
			i += n
		case isWord(rune(c)):
			n := 1
			for n < len(rest) && isWord(rune(rest[n])) {
				n++
			}
			tokens = append(tokens, token{rest[:n], 'n', line})
			i += n
			if _, ok := process(rest[:n]); ok && depth == 0 {
				body = true
			}
		default:
			op := rest[:1]
			for _, o := range operators {
				if strings.HasPrefix(rest, o) {
					op = o
					break
				}
			}
			switch op {
			case "{":
				depth++
			case "}":
				if depth--; depth == 0 {
					body = false
				}
			}
			tokens = append(tokens, token{op, 'o', line})
			i += len(op)
		}
	}
	return append(tokens, token{"the end of the file", 0, line}), nil
}

func isWord(c rune) bool { return c == '_' || unicode.IsLetter(c) && c < 128 || c >= '0' && c <= '9' }

// process returns the number of the process with this name: P0, P1, ...
func process(name string) (int, bool) {
	if len(name) < 2 || name[0] != 'P' {
		return 0, false
	}
	n, err := strconv.Atoi(name[1:])
	return n, err == nil && n >= 0
}

// comment returns the length of the OCaml comment at the start of the text, and 0 if it has no end.
func comment(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "(*":
			depth++
			i++
		case "*)":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
