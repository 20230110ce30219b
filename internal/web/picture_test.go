package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

var takePicture = flag.Bool("picture", false, "take docs/img/page.png anew")

const (
	picture     = "../../docs/img/page.png"
	pictureStep = 11 // five steps before the end
)

// TestPicture wants the picture of the page in the docs to show what the page says today. The picture holds a sum of the words that it
// shows in a text chunk. Take it anew with go test ./internal/web -run TestPicture -picture.
func TestPicture(t *testing.T) {
	sc, err := scenario.Load("S1")
	require.NoError(t, err)
	s, err := stepper.Open(flaw, scenario.Load)
	require.NoError(t, err)
	require.NoError(t, s.Seek(pictureStep))
	did := s.View().Did
	shown := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, sc.Title, did.Text, did.Sentence, s.View().Pages[0].Mask)))
	if *takePicture {
		k := newTab(t)
		url := listen(t, web.Options{Start: flaw})
		k.do(chromedp.EmulateViewport(1440, 1000))
		k.open(url + hash(fmt.Sprintf("%s#%d", flaw, pictureStep)))
		k.step(pictureStep)
		eval[bool](k, "document.querySelectorAll('details.about, #about details, details').forEach((d) => { if (d.innerText.startsWith('What this is about')) d.open = false }) || document.activeElement.blur() || true")
		shot, err := chromedp.Run(k.ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(picture, withText(t, shot, shown), 0o644))
	}
	file, err := os.ReadFile(picture)
	require.NoError(t, err)
	assert.Contains(t, string(file), textChunk(shown), "the picture shows other words than the page")
}

func textChunk(shown string) string { return "tEXtComment\x00" + shown }

// withText puts a text chunk behind the header of a PNG.
func withText(t *testing.T, file []byte, shown string) []byte {
	t.Helper()
	const header = 8 + 4 + 4 + 13 + 4
	require.True(t, bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")) && len(file) > header)
	body := textChunk(shown)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = append(chunk, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(body)))
	return append(append(append([]byte(nil), file[:header]...), chunk...), file[header:]...)
}
