package command

import (
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ptsim"
	"ptsim/internal/ftrace"
	"ptsim/internal/quote"
)

// inputOptions are the flags that say how a trace is read.
type inputOptions struct {
	partial bool
	arch    string
}

func (o *inputOptions) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.partial, "partial", false, "accept a trace that was cut short, and replay what is there")
	cmd.Flags().StringVar(&o.arch, "arch", "", "architecture whose numbers raw_syscalls have: "+strings.Join(ftrace.Arches(), ", ")+" (default: as the trace tells)")
	_ = cmd.RegisterFlagCompletionFunc("arch", cobra.FixedCompletions(ftrace.Arches(), cobra.ShellCompDirectiveNoFileComp))
}

// inputTrace is an open trace.
type inputTrace struct {
	*ftrace.Reader
	title string
	size  int64 // of the files, 0 if it is not known
	files []*ftrace.File
}

func (t *inputTrace) close() {
	for _, f := range t.files {
		_ = f.Close() // read only
	}
}

// open opens traces by name, the recorded one if there is none; several are merged.
func (o *inputOptions) open(names []string, stdin io.Reader) (*inputTrace, error) {
	opt := ftrace.Options{Arch: o.arch, Partial: o.partial}
	if o.arch != "" && !slices.Contains(ftrace.Arches(), o.arch) {
		return nil, fmt.Errorf("--arch: %s; expected %s", quote.Short(o.arch), strings.Join(ftrace.Arches(), ", "))
	}
	switch {
	case len(names) == 0:
		return recordedTrace()
	case len(names) == 1 && names[0] == ftrace.Stdin:
		opt.Name = "standard input"
		r, err := ftrace.NewReader(stdin, opt)
		return &inputTrace{Reader: r, title: opt.Name}, err
	}
	t := &inputTrace{title: names[0]}
	readers := make([]*ftrace.Reader, len(names))
	for i, name := range names {
		if len(names) > 1 && name == ftrace.Stdin {
			t.close()
			return nil, fmt.Errorf("-: standard input among other traces; expected files, which are merged")
		}
		if slices.Contains(names[:i], name) {
			t.close()
			return nil, fmt.Errorf("%s: named twice; expected each file once", name)
		}
		f, err := ftrace.OpenWith(name, opt)
		if err != nil {
			t.close()
			return nil, err
		}
		t.files = append(t.files, f)
		t.size += f.Size()
		readers[i] = f.Reader
	}
	if len(names) > 1 {
		t.title = fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
	var err error
	if t.Reader, err = ftrace.Merge(readers...); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// recordedTrace is the trace that comes with the program.
func recordedTrace() (*inputTrace, error) {
	const name = "shm (recorded)"
	f, err := ptsim.Traces.Open(ptsim.DefaultTrace)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	r, err := ftrace.NewReader(z, ftrace.Options{Name: name})
	return &inputTrace{Reader: r, title: name}, err
}
