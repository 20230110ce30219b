package mailbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/mailbox"
	"ptsim/lab/command"
)

var own = mailbox.Lab()

// ptsim runs the command with the mailbox beside its own labs, and returns what it printed.
func ptsim(t *testing.T, in string, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	got := command.Run(context.Background(), args, strings.NewReader(in), &out, &errs, own)
	require.Equalf(t, code, got, "ptsim %s: %s%s", strings.Join(args, " "), out.String(), errs.String())
	return out.String()
}

// TestFaces shows the mailbox through every face that knows labs: each says its names, its kinds of violation, its rules.
func TestFaces(t *testing.T) {
	link := ""
	for _, c := range []struct {
		name, in string
		code     int
		args     string
		want     []string
	}{
		{"labs", "", 0, "labs mailbox", []string{"a mailbox for one letter", "send MAILBOX NUMBER", "mailbox/senders"}},
		{"explore", "", 1, "explore mailbox/senders --variant unclaimed", []string{
			"mbox_send()", "letter lost: mbox_send leaves box without the letter", "postmaster: letter lost in mbox_send", "mailbox/senders/unclaimed@2",
		}},
		{"explore: safe", "", 0, "explore mailbox/senders --variant claimed", []string{"safe: no schedule breaks it"}},
		{"explore: one kind", "", 0, "explore mailbox/senders --variant unclaimed --kind no-letter", []string{"safe"}},
		{"explore: a file", "lab mailbox\ntitle x\nmailbox b\ntask a\n  send b 3\nfinally\nempty b\n", 1, "explore - --variant claimed", []string{"a letter is left in the box"}},
		{"verdicts", "", 0, "verdicts --lab mailbox", []string{"M1    senders on unclaimed: letter-lost 1/5", "M4    post on claimed: safe"}},
		{"step", "A\nB\nquit\n", 0, "step mailbox/senders --variant unclaimed --plain", []string{"one reads box->full, which is 0", "box: empty", "To find the box empty is no promise"}},
		{"beside", "", 0, "beside mailbox/senders --variant unclaimed --with claimed", []string{"claimed"}},
		{"levels", "", 0, "play --list", []string{"lost-letter"}},
		{"play", "", 0, "play mailbox/lost-letter --moves Ax3-Bx2", []string{"solved: letter lost"}},
		{"quiz", "", 0, "quiz --lab mailbox -n 20 --answers", []string{"Questions about a mailbox for one letter", "box->letter", "What is in box then?"}},
		{"quiz: a topic", "", 0, "quiz --lab mailbox --about box -n 2 --format json", []string{`"topic": "box"`}},
		{"learn", "", 0, "learn mailbox --plain", []string{"To look and to act are two steps."}},
		{"export: prose", "", 0, "export mailbox/senders --variant unclaimed --format prose", []string{"To find the box empty is no promise", "mbox_send"}},
		{"export: page", "", 0, "export mailbox/senders --variant unclaimed --format html", []string{"Two senders and one box", "letter 1"}},
		{"export: storyboard", "", 0, "export mailbox/senders --variant unclaimed --format storyboard", []string{"VIOLATION: letter lost"}},
		{"scenario", "", 0, "scenarios mailbox/post", []string{"A letter on its way"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := ptsim(t, c.in, c.code, strings.Fields(c.args)...)
			for _, w := range c.want {
				assert.Contains(t, out, w)
			}
			if i := strings.Index(out, "--replay '"); i >= 0 && link == "" {
				link, _, _ = strings.Cut(out[i+len("--replay '"):], "'")
			}
		})
	}
	assert.Contains(t, ptsim(t, "", 1, "explore", "--replay", link), "letter lost")
	assert.Contains(t, ptsim(t, "", 0, "step", "--plain", "--replay", link), "Step 5, B on CPU1")
}

// TestVerdictsAreData wants the verdicts in the schema that those of all labs have.
func TestVerdictsAreData(t *testing.T) {
	var list []map[string]any
	text := ptsim(t, "", 0, "verdicts", "--lab", "mailbox", "--format", "json")
	var one struct{ Rows, Cells []map[string]any }
	if json.Unmarshal([]byte(text), &list) != nil {
		require.NoError(t, json.Unmarshal([]byte(text), &one), text)
		list = append(one.Rows, one.Cells...)
	}
	require.Len(t, list, 4, text)
	for _, key := range strings.Fields("lab id scenario version softirqs grace memory cpus lax verdict kind switches steps states unreached") {
		assert.Contains(t, list[0], key)
	}
	assert.Equal(t, "letter-lost", list[0]["kind"])
}

// serve serves the page, until stop is called, which wants it to have ended well.
func serve(t *testing.T) (base string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- command.Run(ctx, []string{"serve", "mailbox/senders", "--variant", "unclaimed"}, strings.NewReader(""), w, io.Discard, own)
		w.Close()
	}()
	line := make([]byte, 200)
	n, err := r.Read(line)
	require.NoError(t, err)
	return strings.TrimSpace(string(line[:n])), func() {
		cancel()
		assert.Contains(t, []int{0, 130}, <-done)
	}
}

// TestPage wants the page in the browser to have the lab: its scenarios, and a step with what the lab draws and the lines of its code.
func TestPage(t *testing.T) {
	base, stop := serve(t)
	get := func(path string) string {
		client := http.Client{Timeout: 20 * time.Second}
		answer, err := client.Get(base + path)
		require.NoError(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Equal(t, 200, answer.StatusCode, "%s: %s", path, body)
		return string(body)
	}
	post := func(path, body string) string {
		client := http.Client{Timeout: 20 * time.Second}
		answer, err := client.Post(base+path, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Equal(t, 200, answer.StatusCode, "%s: %s", path, text)
		return string(text)
	}
	assert.Contains(t, get("api/setup"), "mailbox/senders")
	assert.Contains(t, get("api/source?file=example.org/mailbox/mailbox.go"), "NewKind")
	assert.Contains(t, post("api/begin", `{"scenario":"mailbox/senders","version":"unclaimed","softirqs":"2","grace":"precise"}`), "example.org/mailbox/mailbox.go")
	view := post("api/step", `{"link":"mailbox/senders/unclaimed@2,precise:s:00000000:","move":"A"}`)
	assert.Contains(t, view, "mbox_send")
	assert.Contains(t, view, "figures")
	assert.Contains(t, post("api/explore", `{"scenario":"mailbox/senders","version":"unclaimed","softirqs":"2","grace":"precise"}`), "letter lost: mbox_send")
	assert.Contains(t, get("api/levels"), "lose a letter")
	assert.Contains(t, get("api/course/mailbox"), "To look and to act are two steps.")
	stop()
}
