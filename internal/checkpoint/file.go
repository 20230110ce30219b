package checkpoint

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Format is the version of the format. A file of another is refused.
const Format = 2

const (
	magic   = "ptsim checkpoint "
	maxLine = 64 // of the first line

	lengthBytes = 8 // of a value, before it
)

// Head says what a file is about.
type Head struct {
	Question string // in words, for people
	Program  string // the build that wrote it
	Version  string // what people call that
	Written  time.Time
}

// Refused is why a file cannot be gone on from.
type Refused struct {
	File string
	Why  string
}

func (r *Refused) Error() string { return r.File + ": " + r.Why }

// Reader reads what is behind the Head of a file.
type Reader struct {
	Head Head
	name string
	f    *os.File
	in   *bufio.Reader
	left int64 // bytes of values
}

// Open opens the file to go on with a question. It returns nil if there is no file.
func Open(name, question string) (*Reader, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, cannot("read", name, err)
	}
	r, err := open(f, name, question)
	if err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

func open(f *os.File, name, question string) (*Reader, error) {
	refuse := func(format string, args ...any) (*Reader, error) {
		return nil, &Refused{name, fmt.Sprintf(format, args...)}
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, cannot("read", name, err)
	case info.IsDir():
		return refuse("is a directory; expected a file")
	case !info.Mode().IsRegular():
		return refuse("is no regular file; expected one that --checkpoint wrote, or a new name")
	}
	start := make([]byte, min(maxLine, info.Size()))
	if _, err := io.ReadFull(f, start); err != nil {
		return nil, cannot("read", name, err)
	}
	line, _, ended := bytes.Cut(start, []byte("\n"))
	format, ours := strings.CutPrefix(string(line), magic)
	if v, err := strconv.Atoi(format); !ours || !ended || err != nil {
		return refuse("is no checkpoint of ptsim; expected a file that --checkpoint wrote, or a new name")
	} else if v != Format {
		return refuse("is a checkpoint of format %d, and this ptsim knows format %d; go on with the ptsim that wrote it, or delete the file to begin anew", v, Format)
	}
	head := int64(len(line) + 1)
	body := info.Size() - sha256.Size
	if body < head {
		return refuse("is damaged: it ends too early; delete it to begin anew")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, cannot("read", name, err)
	}
	sum, want := sha256.New(), make([]byte, sha256.Size)
	if _, err := io.CopyN(sum, f, body); err != nil {
		return nil, cannot("read", name, err)
	}
	if _, err := io.ReadFull(f, want); err != nil {
		return nil, cannot("read", name, err)
	}
	if !bytes.Equal(sum.Sum(nil), want) {
		return refuse("is damaged: its checksum is not that of its %d bytes; delete it to begin anew", info.Size())
	}
	if _, err := f.Seek(head, io.SeekStart); err != nil {
		return nil, cannot("read", name, err)
	}
	r := &Reader{name: name, f: f, in: bufio.NewReaderSize(f, 1<<20), left: body - head}
	if err := r.Read(&r.Head); err != nil {
		return nil, err
	}
	switch h := &r.Head; {
	case h.Program != Program() || h.Program == "":
		return refuse("was written by another build of ptsim (%s, on %s); go on with that one, or delete the file to begin anew",
			h.Version, h.Written.Format(time.DateTime))
	case h.Question != question:
		return refuse("is about %s; expected %s: give another file, or delete this one", h.Question, question)
	}
	return r, nil
}

// Read reads the next value into v, a pointer.
func (r *Reader) Read(v any) error {
	text, err := r.next()
	if err == nil {
		if b, ok := v.(*[]byte); ok {
			*b = text
		} else {
			err = json.Unmarshal(text, v)
		}
	}
	if err != nil {
		return &Refused{r.name, fmt.Sprintf("cannot be understood (%v); delete it to begin anew", err)}
	}
	return nil
}

// next reads the bytes of a value.
func (r *Reader) next() ([]byte, error) {
	var length [lengthBytes]byte
	if r.left < lengthBytes {
		return nil, io.ErrUnexpectedEOF
	}
	if _, err := io.ReadFull(r.in, length[:]); err != nil {
		return nil, err
	}
	r.left -= lengthBytes
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(r.left) {
		return nil, io.ErrUnexpectedEOF
	}
	r.left -= int64(n)
	text := make([]byte, n)
	_, err := io.ReadFull(r.in, text)
	return text, err
}

// Refuse returns the error that the file is not what it should be.
func (r *Reader) Refuse(why string) error {
	return &Refused{r.name, why + "; delete the file to begin anew"}
}

// Close closes the file.
func (r *Reader) Close() error { return r.f.Close() }

// Writer writes what is behind the Head of a file.
type Writer struct {
	name, path string
	f          *os.File
	out        *bufio.Writer
	sum        hash.Hash
	size       int64
}

// Create starts to write a file aside.
func Create(name, question string) (*Writer, error) {
	path := name
	if real, err := filepath.EvalSymlinks(name); err == nil {
		path = real
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, cannot("write", name, err)
	}
	w := &Writer{name: name, path: path, f: f, out: bufio.NewWriterSize(f, 1<<20), sum: sha256.New()}
	_, err = fmt.Fprintf(w, "%s%d\n", magic, Format)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = w.Add(&Head{question, Program(), version(), time.Now().Truncate(time.Second)})
	}
	if err != nil {
		w.Discard()
		return nil, cannot("write", name, err)
	}
	return w, nil
}

// Write adds bytes that count for the checksum.
func (w *Writer) Write(p []byte) (int, error) {
	w.sum.Write(p)
	w.size += int64(len(p))
	return w.out.Write(p)
}

// Add adds a value: bytes as they are, anything else as JSON.
func (w *Writer) Add(v any) error {
	text, ok := v.([]byte)
	if !ok {
		var err error
		if text, err = json.Marshal(v); err != nil {
			return err
		}
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text)))); err != nil {
		return err
	}
	_, err := w.Write(text)
	return err
}

// Commit gives the file its name. What it returns of an error has the name in it.
func (w *Writer) Commit() error {
	_, err := w.out.Write(w.sum.Sum(nil))
	if err == nil {
		err = w.out.Flush()
	}
	if err == nil {
		err = w.f.Sync()
	}
	if e := w.f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(w.f.Name(), w.path)
	}
	if err != nil {
		w.Discard()
		return cannot("write", w.name, err)
	}
	return nil
}

// Discard removes what was written. After Commit it must not be called.
func (w *Writer) Discard() {
	w.f.Close()
	os.Remove(w.f.Name())
}

// cannot says why, without the names of temporary files.
func cannot(do, name string, err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		err = pe.Err
	case errors.As(err, &le):
		err = le.Err
	}
	return fmt.Errorf("%s: cannot %s: %w", name, do, err)
}
