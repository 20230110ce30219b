package command

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ptsim/internal/labs"
	"ptsim/internal/question"
	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/pgalloc"
)

// outFile is a file that appears under its name only when it is complete. What is no regular file, such as a device or a
// pipe, is written to as it is.
type outFile struct {
	*bufio.Writer
	f    *os.File
	name string // what the user calls it
	path string // what f becomes; "" if f is it

	unnamed bool // f has no name yet
}

// createOut starts to write a file. It fails at once where the file cannot be written.
func createOut(name string) (*outFile, error) {
	path, mode := name, fs.FileMode(0o644)
	if real, err := filepath.EvalSymlinks(name); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return nil, fmt.Errorf("%s: is a directory; expected a file to write to", name)
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, cannotWrite(name, err)
		}
		if err := noRoomFor(f); err != nil {
			f.Close()
			return nil, cannotWrite(name, err)
		}
		if !info.Mode().IsRegular() {
			return &outFile{bufio.NewWriter(f), f, name, "", false}, nil
		}
		f.Close()
		mode = info.Mode().Perm()
	}
	if f := createUnnamed(path, mode); f != nil {
		if err := f.Chmod(mode); err != nil { // whatever the umask
			f.Close()
			return nil, cannotWrite(name, err)
		}
		return &outFile{bufio.NewWriter(f), f, name, path, true}, nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, cannotWrite(name, err)
	}
	if err := tmp.Chmod(mode); err != nil {
		tmp.Close()
		os.Remove(tmp.Name())
		return nil, cannotWrite(name, err)
	}
	return &outFile{bufio.NewWriter(tmp), tmp, name, path, false}, nil
}

// cannotWrite says why, once, without the names of temporary files.
func cannotWrite(name string, err error) error {
	if errors.As(err, new(*writeError)) {
		return err
	}
	return &writeError{name, bare(err)}
}

// writeError is why a file, or the standard output, could not be written.
type writeError struct {
	name string
	err  error
}

func (e *writeError) Error() string { return e.name + ": cannot write: " + e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// bare is the error without the call and the path that it came from.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}

// Write writes, and calls the file by its name when it cannot.
func (f *outFile) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err != nil {
		err = cannotWrite(f.name, err)
	}
	return n, err
}

// commit gives the file its name.
func (f *outFile) commit() error {
	err := f.Flush()
	from := f.f.Name()
	if err == nil && f.unnamed {
		from, err = nameFile(f.f, f.path)
	}
	if e := f.f.Close(); err == nil {
		err = e
	}
	if err == nil && f.path != "" {
		if err = os.Rename(from, f.path); err != nil {
			os.Remove(from)
		}
	}
	if err != nil {
		f.discard()
		return cannotWrite(f.name, err)
	}
	return nil
}

// discard removes what was written. After commit it does nothing.
func (f *outFile) discard() {
	f.f.Close()
	if f.path != "" && !f.unnamed {
		os.Remove(f.f.Name())
	}
}

// isTerminal tells whether a stream is one, and how wide.
func isTerminal(w any) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 80
	}
	return max(width, 40), true
}

// noRoom tells at once, before hours of work, that nothing can be written to standard output: it is not open for writing, or on a device
// that is full. One may still become full later, which the writes themselves tell. A standard output that the shell has closed (>&-) is not
// noticed: Go's runtime opens /dev/null in its place before any code of ours, and the same file, opened in the same way, is what others
// hand over who want no output.
func noRoom(w io.Writer) error {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	return stdoutError(noRoomFor(f))
}

// checkFormat says which formats there are if this is none of them.
func checkFormat(have string, formats ...string) error {
	if slices.Contains(formats, have) {
		return nil
	}
	return fmt.Errorf("unknown format %s; %s", quote.Short(have), quote.Expected(have, formats))
}

// formatFlag adds --format with completion.
func formatFlag(cmd *cobra.Command, p *string, formats ...string) {
	cmd.Flags().StringVar(p, "format", formats[0], "output format: "+strings.Join(formats, ", "))
	complete(cmd, "format", formats)
}

func complete(cmd *cobra.Command, flag string, values []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err)
	}
}

// variantFlags adds --variant and --pin.
func variantFlags(cmd *cobra.Command, variant, pin *string, def, more string) {
	names := []string{}
	for _, i := range pgalloc.Variants() {
		names = append(names, string(i.Variant))
	}
	cmd.Flags().StringVar(variant, "variant", def, "variant of the allocator: "+strings.Join(names, ", ")+more+"; pinned/PIN also names the pin")
	if more != "" {
		names = append(names, "all")
	}
	pins := []string{}
	for _, p := range pgalloc.Pins() {
		pins = append(pins, string(p))
		names = append(names, string(pgalloc.Pinned)+"/"+string(p))
	}
	complete(cmd, "variant", names)
	cmd.Flags().StringVar(pin, "pin", string(pgalloc.PinHalf), "what pins the mm in the pinned variant: "+strings.Join(pins, ", "))
	complete(cmd, "pin", pins)
}

// parseVersion reads --variant and --pin.
func parseVersion(cmd *cobra.Command, variant, pin string) (pgalloc.Variant, pgalloc.Pin, error) {
	name, itsPin, hasPin := strings.Cut(variant, "/")
	v, err := pgalloc.ParseVariant(name)
	if err != nil {
		return "", "", fmt.Errorf("--variant: %w", err)
	}
	switch {
	case hasPin && v != pgalloc.Pinned:
		return "", "", fmt.Errorf("--variant: %s has no pin; expected %s, or pinned/PIN", quote.Short(variant), v)
	case hasPin && cmd.Flags().Changed("pin"):
		return "", "", fmt.Errorf("--variant %s and --pin; expected one of them to name the pin", quote.Short(variant))
	case hasPin:
		p, err := pgalloc.ParsePin(itsPin)
		if err != nil {
			return "", "", fmt.Errorf("--variant: %w", err)
		}
		return v, p, nil
	}
	p, err := pgalloc.ParsePin(pin)
	if err != nil {
		return "", "", fmt.Errorf("--pin: %w", err)
	}
	if cmd.Flags().Changed("pin") && v != pgalloc.Pinned {
		return "", "", fmt.Errorf("--pin goes with --variant pinned; %s has no pin", v)
	}
	return v, p, nil
}

// versionOf reads --variant and --pin as those of a scenario's lab. said is what the scenario's file says of its version, if it does.
func versionOf(cmd *cobra.Command, s *scenario.Scenario, variant, pin string, said bool) (question.Version, error) {
	if s.Lab == labs.Default() {
		v, p, err := parseVersion(cmd, variant, pin)
		if err != nil {
			return "", err
		}
		if v != pgalloc.Pinned {
			return question.Version(v), nil
		}
		return question.Version(string(v) + "/" + string(p)), nil
	}
	if cmd.Flags().Changed("pin") && len(s.Lab.Pins()) == 0 {
		return "", fmt.Errorf("--pin: the versions of %s have no pins; expected --variant alone", s.Lab.Name)
	}
	switch {
	case !said && !cmd.Flags().Changed("variant"):
		variant = s.Lab.First()
	case cmd.Flags().Changed("pin"):
		variant += "/" + pin
	}
	v, err := question.VersionOf(s.Lab, variant)
	if err != nil {
		return "", fmt.Errorf("--variant: %w", err)
	}
	return v, nil
}

// writeJSON writes v, indented, to standard output.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return stdoutError(e.Encode(v))
}

// columnsOf returns how wide a report on w may be, and whether w is a terminal: as wide as the terminal is; elsewhere as
// COLUMNS in the environment says, or else 80.
func columnsOf(w any) (width int, tty bool) {
	if width, tty = isTerminal(w); tty {
		return width, true
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return min(max(n, 40), 1000), false
	}
	return helpWidth, false
}

func stdoutError(err error) error {
	if err != nil {
		return cannotWrite("standard output", err)
	}
	return nil
}

// buffered runs f on a buffer in front of w. What f wrote gets out even if it failed.
func buffered(w io.Writer, f func(w io.Writer) error) error {
	b := bufio.NewWriterSize(w, 64<<10)
	err := f(b)
	if flushed := stdoutError(b.Flush()); err == nil {
		err = flushed
	}
	return err
}
