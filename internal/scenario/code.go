package scenario

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
)

// MaxCode is how long the code of a text may be: what browsers, mail and chat programs still take as part of a link.
const MaxCode = 8 << 10

// Encode writes a text so that a link can hold it: compressed, in letters, digits, - and _. The error says that it is too
// long for that.
func Encode(text string) (code string, err error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	code = base64.RawURLEncoding.EncodeToString(b.Bytes())
	if len(code) > MaxCode {
		return "", fmt.Errorf("the scenario is too long for a link: %d characters; expected at most %d, so send it as a file", len(code), MaxCode)
	}
	return code, nil
}

// Decode reads what Encode wrote. Whatever else it is given, what it returns is no longer than a scenario may be.
func Decode(code string) (text string, err error) {
	bad := func(why string) error {
		return fmt.Errorf("the scenario in the link %s; expected all of what follows its ~", why)
	}
	if len(code) > MaxCode {
		return "", bad(fmt.Sprintf("has %d characters, more than %d", len(code), MaxCode))
	}
	packed, err := base64.RawURLEncoding.DecodeString(code)
	if err != nil {
		return "", bad("is cut short or changed")
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), MaxText+1))
	if err != nil {
		return "", bad("is cut short or changed")
	}
	if len(raw) > MaxText {
		return "", bad(fmt.Sprintf("has more than %d bytes", MaxText))
	}
	return string(raw), nil
}
