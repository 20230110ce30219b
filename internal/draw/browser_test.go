package draw

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"context"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestInABrowser has a browser measure all texts of some schedules with the fonts that it has: none is wider than the room
// that it was given, by light and dark, and in storyboards.
func TestInABrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no chromium to measure texts with")
	}
	type room struct {
		Text string
		W    float64
	}
	var page strings.Builder
	var rooms []room
	page.WriteString("<!DOCTYPE html><meta charset=utf-8><body>")
	for _, k := range []struct{ scenario, version string }{{"S1", "rfc"}, {"fork", "active"}, {"S2", "fullpage"}} {
		views := schedule(t, k.scenario, k.version, 2)
		for _, o := range options() {
			s := NewSheet(views, o)
			for i := 0; i < len(views); i += 5 {
				var b strings.Builder
				for _, p := range s.frame(&b, i, nil) {
					rooms = append(rooms, room{p.text, p.w / p.scale})
				}
				page.WriteString(b.String())
			}
		}
	}
	list, err := json.Marshal(rooms)
	require.NoError(t, err)
	fmt.Fprintf(&page, `<script>
const rooms = %s, texts = [...document.querySelectorAll('svg text')], wrong = [];
let seen = 0;
texts.forEach((e, i) => {
  const w = e.getComputedTextLength();
  if (w > 0) seen++;
  if (e.textContent !== rooms[i].Text || w > rooms[i].W + 0.5) wrong.push([e.textContent, w, rooms[i].W]);
});
document.body.textContent = 'MEASURED ' + seen + ' OF ' + rooms.length + ' WRONG ' + JSON.stringify(wrong) + ' END';
</script>`, list)
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	require.NoError(t, os.WriteFile(file, []byte(page.String()), 0o644))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(dir, "profile"), "--dump-dom", "file://"+file)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	require.NoError(t, err)
	_, said, found := strings.Cut(string(out), "MEASURED ")
	require.True(t, found, "the browser measured nothing")
	said, _, _ = strings.Cut(said, " END")
	if strings.HasPrefix(said, "0 OF ") {
		t.Skip("the browser has no fonts to measure with")
	}
	assert.Equal(t, fmt.Sprintf("%d OF %d WRONG []", len(rooms), len(rooms)), said)
	assert.Greater(t, len(rooms), 1000)
}
