package mutants

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Lab builds mutants and runs them.
type Lab struct {
	Root string // of the module
	Temp string // a folder for what is built

	Memory   int           // MiB of states that a job may keep
	Seconds  float64       // that a job may take
	Patience time.Duration // how long a probe that says nothing is waited for
}

// NewLab returns a lab for the module at root, with limits that no unchanged version comes near.
func NewLab(root, temp string) *Lab {
	return &Lab{Root: root, Temp: temp, Memory: 1 << 9, Seconds: 20, Patience: 30 * time.Second}
}

const probePackage = "./internal/mutants/probe"

// Build builds the probe with the mutant in it, or as it is if m is nil, and returns the program.
func (l *Lab) Build(ctx context.Context, m *Mutant) (string, error) {
	name := "original"
	args := []string{"build", "-ldflags=-s -w"}
	if m != nil {
		name = strings.ReplaceAll(m.Name, "/", "-")
		overlay, err := l.overlay(m, name)
		if err != nil {
			return "", err
		}
		args = append(args, "-overlay", overlay)
	}
	program := filepath.Join(l.Temp, name+".exe")
	if out, err := l.command(ctx, append(args, "-o", program, probePackage)...); err != nil {
		if m == nil {
			return "", fmt.Errorf("the probe does not build: %w\n%s", err, out)
		}
		return "", fmt.Errorf("%s: mutant %s does not build: %w\n%s", m.At, m.Name, err, out)
	}
	return program, nil
}

// overlay writes the changed source, and the file that tells the go command to take it in place of the real one.
func (l *Lab) overlay(m *Mutant, name string) (string, error) {
	path := filepath.Join(l.Root, filepath.FromSlash(m.File))
	source, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", m.At, err)
	}
	changed, err := m.Apply(string(source))
	if err != nil {
		return "", err
	}
	instead := filepath.Join(l.Temp, name+".go.txt")
	if err := os.WriteFile(instead, []byte(changed), 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {path: instead}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(l.Temp, name+".json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// Test runs the mutant's test with the mutant in place and tells whether it fails.
func (l *Lab) Test(ctx context.Context, m *Mutant) (fails bool, err error) {
	failed, out, err := l.test(ctx, m, m.Test.Package, "-run", "^"+m.Test.Name+"$")
	if err == nil && bytes.Contains(out, []byte("no tests to run")) {
		return false, fmt.Errorf("%s: mutant %s: there is no test %s in %s", m.At, m.Name, m.Test.Name, m.Test.Package)
	}
	return len(failed) > 0, err
}

// TestAll runs all short tests of the package that judges the mutant, with it in place, up to the first that fails, and
// returns the name of that, or none.
func (l *Lab) TestAll(ctx context.Context, m *Mutant) (failed string, err error) {
	names, _, err := l.test(ctx, m, m.Tests, "-failfast")
	if len(names) > 0 {
		failed = names[0]
	}
	return failed, err
}

// What the go command says. The program holds this package for one of its commands, so they are compiled when they are used.
var (
	failure = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^--- FAIL: (\w+)|^panic: test timed out after .*\n(?:.*\n)*?\t+(Test\w+)`)
	})
	ran = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?m)^FAIL\t\S+\t[0-9.]+s$`) // and not: FAIL PACKAGE [build failed]
	})
)

// test runs tests of a package with the mutant in place. A test that fails, panics or does not end counts as failed;
// anything else that goes wrong is an error.
func (l *Lab) test(ctx context.Context, m *Mutant, pkg string, more ...string) (failed []string, out []byte, err error) {
	overlay, err := l.overlay(m, strings.ReplaceAll(m.Name, "/", "-"))
	if err != nil {
		return nil, nil, err
	}
	rapid, err := l.usesRapid(pkg)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: mutant %s: %w", m.At, m.Name, err)
	}
	args := append([]string{"test", "-short", "-vet=off", "-ldflags=-s -w", "-timeout", "3m", "-overlay", overlay, pkg}, more...)
	if rapid { // what failed would be left in the package's folder, and what is drawn would differ from run to run
		args = append(args, "-rapid.nofailfile", "-rapid.seed=1")
	}
	out, err = l.command(ctx, args...)
	if err == nil {
		return nil, out, nil
	}
	for _, f := range failure().FindAllSubmatch(out, -1) {
		failed = append(failed, string(f[1])+string(f[2]))
	}
	switch {
	case len(failed) > 0:
		return failed, out, nil
	case ran().Match(out): // a goroutine that is no test's took the program down
		return []string{"?"}, out, nil
	}
	return nil, out, fmt.Errorf("%s: mutant %s: no test of %s ran\n%s", m.At, m.Name, pkg, out)
}

// usesRapid tells whether the tests of a package import rapid.
func (l *Lab) usesRapid(pkg string) (bool, error) {
	files, err := filepath.Glob(filepath.Join(l.Root, filepath.FromSlash(pkg), "*_test.go"))
	if err != nil || len(files) == 0 {
		return false, fmt.Errorf("there are no tests in %s", pkg)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		if bytes.Contains(text, []byte("\n\t\"pgregory.net/rapid\"\n")) {
			return true, nil
		}
	}
	return false, nil
}

// command runs the go command at the root of the module.
func (l *Lab) command(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = l.Root
	return cmd.CombinedOutput()
}
