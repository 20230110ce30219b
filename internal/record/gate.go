//go:build linux

package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"unsafe"
)

// A command is held by running this very program in its place, which waits at a gate and then executes the command: the
// PID and the thread stay the same. The variable tells it so: "READ:WRITE:PATH" with the descriptor of the gate, the one
// to tell of failure on, and the file to execute; the arguments are the command's own. The two descriptors are inherited
// under their own numbers, so that none is taken over that the command should get, such as those of make's job server.
const gateVariable = "PTSIM_RECORD_GATE"

// init is where the wait must be: here the main goroutine still runs on the main thread, whose ID is the PID that is
// traced, and nothing has been done yet that the command could notice.
func init() {
	if spec, ok := os.LookupEnv(gateVariable); ok {
		os.Exit(waitAtGate(spec))
	}
}

// waitAtGate returns only if the command cannot be executed.
func waitAtGate(spec string) int {
	const nobody = 127 // that execute at all; the parent knows more
	part := strings.SplitN(spec, ":", 3)
	if len(part) != 3 {
		return nobody
	}
	gate, err1 := strconv.Atoi(part[0])
	tell, err2 := strconv.Atoi(part[1])
	if err1 != nil || err2 != nil {
		return nobody
	}
	syscall.CloseOnExec(gate)
	syscall.CloseOnExec(tell)
	_ = os.Unsetenv(gateVariable)
	env := os.Environ()
	var word [1]byte
	for {
		// Raw: the scheduler need not start a thread for the time of the wait.
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(gate), uintptr(unsafe.Pointer(&word)), 1)
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 || n != 1 { // closed: the parent is gone, or has changed its mind
			return nobody
		}
		break
	}
	err := syscall.Exec(part[2], os.Args, env)
	runtime.KeepAlive(&word)
	var errno syscall.Errno
	if errors.As(err, &errno) {
		_, _ = syscall.Write(tell, []byte(strconv.Itoa(int(errno))))
	}
	return nobody
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// held is a command before its gate, and later the running command.
type held struct {
	cmd  *exec.Cmd
	name string
	gate *os.File // nil once open or gone
	told *os.File
}

// hold starts a command up to its gate.
func hold(command []string, std streams) (*held, error) {
	file, err := exec.LookPath(command[0])
	if err != nil {
		return nil, commandError(command[0], err)
	}
	holding.Lock()
	defer holding.Unlock()
	var gate, tell [2]int
	if err := syscall.Pipe2(gate[:], syscall.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("record: pipe: %w", err)
	}
	if err := syscall.Pipe2(tell[:], syscall.O_CLOEXEC); err != nil {
		closeAll(gate[:])
		return nil, fmt.Errorf("record: pipe: %w", err)
	}
	gate[0], tell[1] = inherited(gate[0]), inherited(tell[1])
	h := &held{name: command[0]}
	h.cmd = &exec.Cmd{
		Path: "/proc/self/exe", Args: command, Stdin: std.in, Stdout: std.out, Stderr: std.err,
		Env: append(os.Environ(), fmt.Sprintf("%s=%d:%d:%s", gateVariable, gate[0], tell[1], file)),
	}
	err = h.cmd.Start()
	closeAll([]int{gate[0], tell[1]})
	h.gate, h.told = os.NewFile(uintptr(gate[1]), "gate"), os.NewFile(uintptr(tell[0]), "told")
	if err != nil {
		h.gate.Close()
		h.told.Close()
		return nil, commandError(command[0], err)
	}
	return h, nil
}

// holding is held from the moment a pipe can be inherited until the process that should inherit it has started: two commands
// that are held at once would each keep the other's pipes open.
var holding sync.Mutex

// inherited moves one end of a pipe to a number that os/exec does not touch, and lets the next process inherit it. Between
// fork and exec, os/exec moves descriptors to the numbers right above those of the command's three streams, and whatever
// stands there is closed. A gate can stand there if other goroutines close files after the pipe was made.
func inherited(fd int) int {
	const clear = 512                                // far more than are open in this program
	for least := clear; least >= 0; least -= clear { // a limit on open files may refuse the first
		moved, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD, uintptr(least))
		if errno == 0 {
			_ = syscall.Close(fd)
			return int(moved)
		}
	}
	_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_SETFD, 0)
	return fd
}

func closeAll(fds []int) {
	for _, fd := range fds {
		_ = syscall.Close(fd)
	}
}

func (h *held) pid() int { return h.cmd.Process.Pid }

// open lets the command run. It returns when the command has been executed, or could not be.
func (h *held) open() error {
	_, err := h.gate.Write([]byte{1})
	h.gate.Close()
	h.gate = nil
	if err != nil {
		return fmt.Errorf("record: %s: the process that was to execute it is gone: %w", h.name, err)
	}
	text, err := io.ReadAll(h.told) // ends as soon as the command is executed, which closes the other end
	h.told.Close()
	if err != nil {
		return fmt.Errorf("record: %s: %w", h.name, err)
	}
	if number, e := strconv.Atoi(string(text)); e == nil {
		return commandError(h.name, syscall.Errno(number))
	}
	return nil
}

// drop lets go of a command that has not been executed: it never will be. After open it does nothing.
func (h *held) drop() {
	if h.gate != nil {
		h.gate.Close()
		h.told.Close()
		h.gate = nil
		_ = h.cmd.Wait()
	}
}

// wait waits for the command and returns how it ended.
func (h *held) wait() (*os.ProcessState, error) {
	err := h.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	return h.cmd.ProcessState, err
}

func commandError(name string, err error) error {
	var ee *exec.Error
	if errors.As(err, &ee) {
		err = ee.Err
	}
	if errors.Is(err, exec.ErrDot) {
		return fmt.Errorf("record: %s: found in the current folder only; expected ./%s if that is meant", name, name)
	}
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("record: %s: %w; expected a program to run", name, err)
}

// foreground reports whether the terminal, if there is one, sends the signals of its keys to this process and so to the
// command as well.
func foreground() bool {
	tty, err := syscall.Open("/dev/tty", syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer syscall.Close(tty)
	var group int32
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(tty), syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&group)))
	return errno == 0 && int(group) == syscall.Getpgrp()
}
