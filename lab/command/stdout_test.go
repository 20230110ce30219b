package command

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// full is a stream with no room left, as /dev/full is.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// What cannot be written is one line of error and exit code 2, whichever the command.
func TestStandardOutputIsFull(t *testing.T) {
	for _, args := range []string{
		"", "retract --variant active --format json", "retract --variant active --format csv",
		"run ../../testdata/scripts/lost.txt", "run ../../testdata/scripts/lost.txt --format jsonl",
		"explore", "explore --format json", "explore S1", "explore S1 --format json", "explore S1 --variant active",
		"verdicts --scenario page", "verdicts --scenario page --format json", "verdicts --scenario page --format markdown",
		"masks", "masks --format svg", "masks --life", "masks --life --format svg", "masks --full --format dot",
		"quiz -n 1", "quiz -n 1 --format html", "quiz -n 1 --format json", "play", "play lost --solution", "play one-cpu --claim-impossible",
		"variants", "variants --format json", "version",
	} {
		var stderr bytes.Buffer
		code := run(context.Background(), strings.Fields(args), streams{strings.NewReader(""), full{}, &stderr})
		assert.Equal(t, exitBadInput, code, args)
		assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), "%s: %s", args, &stderr)
		assert.Contains(t, stderr.String(), "ptsim: standard output: cannot write", args)
	}
}

// A full device is told before the work, which may take hours: the search here would take minutes.
func TestFullDeviceIsToldAtOnce(t *testing.T) {
	device, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer device.Close()
	for _, args := range []string{"verdicts --scenario S3r4 --format json", "explore S3r4 --variant pinned", "litmus ../../testdata/litmus", "campaign plan verdicts"} {
		var stderr bytes.Buffer
		ctx := endsAfter(t, 0) // any work would end at once, and say so
		assert.Equal(t, exitBadInput, run(ctx, strings.Fields(args), streams{strings.NewReader(""), device, &stderr}), args)
		assert.Equal(t, "ptsim: standard output: cannot write: no space left on device\n", stderr.String(), args)
	}
	_, err = createOut("/dev/full")
	assert.EqualError(t, err, "/dev/full: cannot write: no space left on device")
}

func TestVersionAndCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"version":                         "ptsim ",
		"completion bash":                 "__start_ptsim",
		"__complete masks --variant rf":   "rfc-as-posted",
		"__complete retract --pin ":       "page-life",
		"__complete explore S":            "S3r4",
		"__complete explore --kind ":      "page-lost",
		"__complete verdicts --scenario ": "defer2",
		"__complete explore --races ":     "happens-before",
		"__complete verdicts --races ":    "adjacent",
		"__complete play ":                "no-batch",
		"__complete quiz --format ":       "html",
		"__complete learn ":               "6-the-flaw",
		"__complete beside --with ":       "pinned/table",
		"__complete beside --with-pin ":   "page-locked",
		"__complete step S":               "S3r4\n:0", // 0: and files
		"__complete export S":             "S3r4\n:0",
		"__complete serve S":              "S3r4\n:0",
		"__complete explore S1":           "S1f\n:0",
	} {
		var stdout, stderr bytes.Buffer
		words := strings.Split(args, " ")
		assert.Equal(t, exitOK, run(context.Background(), words, streams{strings.NewReader(""), &stdout, &stderr}), args)
		assert.Contains(t, stdout.String(), want, args)
	}
}
