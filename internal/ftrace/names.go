package ftrace

// names keeps one string of each name that a trace shows, so that an event with a name costs no allocation but the first.
type names struct{ known map[string]string }

// mostNames is how many are kept. A trace of a search through a file system shows millions; then it starts afresh.
const mostNames = 1 << 14

func (n *names) get(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if s, ok := n.known[string(b)]; ok {
		return s
	}
	if n.known == nil || len(n.known) >= mostNames {
		n.known = map[string]string{}
	}
	s := string(b)
	n.known[s] = s
	return s
}
