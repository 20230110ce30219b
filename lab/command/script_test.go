package command

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// exitCode runs ptsim and wants that exit code: exitcode 2 retract nosuch. Its output is compared by stdout and stderr
// as usual after "exec"; here it goes to the files out and err.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exitcode CODE ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var stdin bytes.Buffer
	rest := args[1:]
	if len(rest) > 1 && rest[0] == "<" {
		data, err := os.ReadFile(ts.MkAbs(rest[1]))
		ts.Check(err)
		stdin.Write(data)
		rest = rest[2:]
	}
	var out, errOut bytes.Buffer
	cmd := exec.Command(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "ptsim"), rest...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), &stdin, &out, &errOut
	cmd.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"), "COLUMNS="+ts.Getenv("COLUMNS"))
	err = cmd.Run()
	code := cmd.ProcessState.ExitCode()
	if code < 0 {
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), out.Bytes(), 0o644))
	ts.Check(os.WriteFile(ts.MkAbs("err"), errOut.Bytes(), 0o644))
	if code != want {
		ts.Fatalf("exit code %d, want %d\n%s%s", code, want, out.String(), errOut.String())
	}
}

// oneLineError wants that err holds one line that contains all the given texts, and that out is empty.
func oneLineError(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile("err")
	if strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "ptsim: ") || strings.Contains(text, "goroutine") {
		ts.Fatalf("not one line of error: %q", text)
	}
	for _, a := range args {
		if strings.Contains(text, a) == neg {
			ts.Fatalf("%q in %q: %v", a, text, !neg)
		}
	}
	if out := ts.ReadFile("out"); out != "" {
		ts.Fatalf("output before an error: %q", out)
	}
}

// cutFile writes the first BYTES of a file to another: cut BYTES FROM TO.
func cutFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut BYTES FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	data, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data[:min(n, len(data))], 0o644))
}
