package tui

import (
	"context"
	"errors"
	"io"

	tea "charm.land/bubbletea/v2"
)

// Run shows the stepper in the terminal until the user quits it or ctx is done. Whatever happens, the terminal is left as
// it was found.
func Run(ctx context.Context, opt Options, in io.Reader, out io.Writer) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	m := New(inner, opt)
	err := program(ctx, m, in, out)
	cancel()
	m.busy.Wait() // a search has the session until it stops
	return err
}

// program runs a model on a terminal.
func program(ctx context.Context, m tea.Model, in io.Reader, out io.Writer) error {
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
	_, err := p.Run()
	if ctx.Err() != nil && errors.Is(err, tea.ErrProgramKilled) {
		return ctx.Err()
	}
	return err
}
