package command

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// TestMain lets the scripts run this very binary as ptsim.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ptsim": func() { os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})) },
	})
}

// TestScripts tells the command's behaviour as stories: testdata/script/*.txtar. $ROOT is the top of the module.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root)
			e.Setenv("COLUMNS", "1000") // a sentence is a line; width_test.go is about narrow ones
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exitcode": exitCode,
			"oneline":  oneLineError,
			"cut":      cutFile,
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}
