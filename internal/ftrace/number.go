package ftrace

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The parsers here take a prefix of s and return the rest of it. They refuse
// numbers that do not fit rather than wrap.

// cutHex reads hexadecimal digits, with 0x before them or without.
func cutHex(s []byte) (v uint64, rest []byte, ok bool) {
	i := 0
	if len(s) > 2 && s[0] == '0' && s[1] == 'x' {
		i = 2
	}
	first := i
	for ; i < len(s); i++ {
		d := hexDigits[s[i]]
		if d > 15 {
			break
		}
		if v>>60 != 0 {
			return 0, nil, false
		}
		v = v<<4 | uint64(d)
	}
	return v, s[i:], i > first
}

// hexDigitsOf reads up to 16 hexadecimal digits.
func hexDigitsOf(s []byte) (v uint64, rest []byte) {
	for i, c := range s {
		d := hexDigits[c]
		if d > 15 || i == 16 {
			return v, s[i:]
		}
		v = v<<4 | uint64(d)
	}
	return v, nil
}

// The next two read eight digits at once, as one number of eight bytes, the first digit in the lowest. For each byte a sum or a
// product tells what a loop would compare; none of them carries into the byte above.

// eightHex reads the first eight bytes of s as hexadecimal digits, with small letters.
func eightHex(s []byte) (uint32, bool) {
	n, wrong := nibbles(binary.LittleEndian.Uint64(s))
	n = bits.ReverseBytes64(n)
	n = (n | n>>4) & 0x00ff00ff00ff00ff
	n = (n | n>>8) & 0x0000ffff0000ffff
	return uint32(n | n>>16), wrong == 0
}

// nibbles turns eight digits into what they are worth, each in its byte. wrong is not 0 if one of them is no digit.
func nibbles(v uint64) (n, wrong uint64) {
	const each = 0x0101010101010101
	letter := v >> 6 & each             // 'a' to 'f' have bit 6, '0' to '9' do not
	n = v&(0x0f*each) + letter*9        // the digit, if it is one
	ten := (n + 6*each) & (0x10 * each) // whether it is at least ten
	return n, (v ^ (0x30*each + n + letter*('a'-'0'-10))) | n&(0xf0*each) | (ten ^ letter<<4)
}

// sixDigits reads the first six bytes of s as decimal digits. There are two more behind them, whatever they are.
func sixDigits(s []byte) (int64, bool) {
	const each = 0x0101010101010101
	v := binary.LittleEndian.Uint64(s)<<16 | '0'<<8 | '0'
	wrong := ((v + (0x7f-'9')*each) | (v - '0'*each)) & (0x80 * each)
	v = v & (0x0f * each) * (10<<8 + 1) >> 8         // pairs
	v = v & 0x00ff00ff00ff00ff * (100<<16 + 1) >> 16 // fours
	v = v & 0x0000ffff0000ffff * (10_000<<32 + 1) >> 32
	return int64(v), wrong == 0
}

// hexDigits has the value of each hexadecimal digit, and 0xff for what is none. Read-only.
var hexDigits = func() (values [256]byte) {
	for c := range values {
		values[c] = 0xff
	}
	for i, c := range []byte("0123456789abcdef") {
		values[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		values[c] = byte(10 + i)
	}
	return values
}()

// cutDecimal reads decimal digits of a number of at most limit.
func cutDecimal(s []byte, limit int64) (v int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		const safe = 18 // so many digits fit
		d := int64(s[i] - '0')
		if i >= safe && v > (math.MaxInt64-d)/10 {
			return 0, nil, false
		}
		v = v*10 + d
	}
	if v > limit {
		return 0, nil, false
	}
	return v, s[i:], i > 0
}

// cutPid reads a PID, a TGID or a CPU.
func cutPid(s []byte) (v int32, rest []byte, ok bool) {
	n, rest, ok := cutDecimal(s, math.MaxInt32)
	return int32(n), rest, ok
}

// pid reads a PID that is all of s.
func pid(s []byte) (int32, bool) {
	v, rest, ok := cutPid(s)
	return v, ok && len(rest) == 0
}

// addSaturated adds two counts, neither negative.
func addSaturated(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// skipSpace drops leading blanks.
func skipSpace(s []byte) []byte {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	return s
}

// cutPrefix drops a literal. It is bytes.CutPrefix for a string.
func cutPrefix(s []byte, prefix string) ([]byte, bool) {
	if len(s) < len(prefix) || string(s[:len(prefix)]) != prefix {
		return s, false
	}
	return s[len(prefix):], true
}
