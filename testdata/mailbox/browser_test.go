package mailbox_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestInABrowser opens the page in a browser: what its scripts draw has the mailbox, who moves, what the next step does and the line of
// the code that it is at.
func TestInABrowser(t *testing.T) {
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		t.Skip("there is no chromium to open the page in")
	}
	base, stop := serve(t)
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(t.TempDir(), "profile"),
		"--virtual-time-budget=20000", "--dump-dom", base+"#mailbox/senders/unclaimed@2,precise:s:00000000:Ax1")
	cmd.WaitDelay = 5 * time.Second
	page, err := cmd.Output()
	require.NoError(t, err)
	for _, want := range []string{"Two senders and one box", "box", "letter", "full, which is 0.", "mailbox.go"} {
		assert.Contains(t, string(page), want)
	}
}
