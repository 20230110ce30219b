package lines

// NameForm is what an error expects in place of a word that is no name.
const NameForm = "letters, digits and _, not digits alone, such as t1"

// Number reads a decimal number without a sign, from lo to hi.
func Number(s string, lo, hi int) (int, bool) {
	v := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if v = v*10 + int(s[i]-'0'); v > hi {
			return 0, false
		}
	}
	return v, s != "" && v >= lo
}

// ValidName tells whether a word may be a name of at most that many bytes.
func ValidName(s string, most int) bool {
	letters := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
			letters++
		default:
			return false
		}
	}
	return letters > 0 && len(s) <= most
}
