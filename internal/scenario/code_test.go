package scenario

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A text is the same after a link, for all scenarios there are; one that is too long is refused in one line.
func TestCode(t *testing.T) {
	texts := []string{"", "x", strings.Repeat("a", MaxText)}
	for _, name := range Names() {
		s, err := Load(name)
		require.NoError(t, err)
		texts = append(texts, s.Source)
	}
	for _, text := range texts {
		code, err := Encode(text)
		require.NoError(t, err)
		assert.Regexp(t, `^[\w-]*$`, code, "it needs no escape in an address")
		back, err := Decode(code)
		require.NoError(t, err)
		assert.Equal(t, text, back)
	}
	noise := make([]byte, MaxText)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = ' ' + byte(r.IntN(90))
	}
	_, err := Encode(string(noise))
	require.Error(t, err)
	assert.Regexp(t, `^the scenario is too long for a link: \d+ characters; expected at most 8192, so send it as a file$`, err.Error())
}

// What is no code is one line, and never more text than a scenario may have.
func TestDecodeBad(t *testing.T) {
	code, err := Encode("title x\nmm 1\n")
	require.NoError(t, err)
	var bomb bytes.Buffer
	w, err := flate.NewWriter(&bomb, 9)
	require.NoError(t, err)
	_, err = w.Write(bytes.Repeat([]byte("a"), MaxText+1))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for _, bad := range []string{"!", code[:len(code)-4], "AAAA" + code, strings.Repeat("A", MaxCode+4), base64.RawURLEncoding.EncodeToString(bomb.Bytes())} {
		_, err := Decode(bad)
		require.Error(t, err, bad)
		assert.Regexp(t, `^the scenario in the link .*; expected all of what follows its ~$`, err.Error())
	}
}
