package command

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serving runs ptsim serve until the test is over, and returns the address that it prints and how it ended.
func serving(t *testing.T, args ...string) (url string, stop func() (code int, errOut string)) {
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var errOut bytes.Buffer
	done := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{"serve"}, args...), streams{nil, in, &errOut})
		in.Close()
		done <- code
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, errOut.String())
	t.Cleanup(cancel)
	return strings.TrimSpace(line), func() (int, string) {
		cancel()
		select {
		case code := <-done:
			return code, errOut.String()
		case <-time.After(time.Minute):
			require.Fail(t, "it does not end")
			return 0, ""
		}
	}
}

func get(t *testing.T, url string) string {
	r, err := http.Get(url)
	require.NoError(t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, 200, r.StatusCode, string(body))
	return string(body)
}

// It says where it is, on loopback, answers, and ends well when it is told to.
func TestServe(t *testing.T) {
	url, stop := serving(t, "S1", "--variant", "active")
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+/$`, url)
	assert.Contains(t, get(t, url), `<section id="stepper"`)
	assert.Contains(t, get(t, url+"api/setup"), `"start":"S1/active@2,precise:s:`)
	code, errOut := stop()
	assert.Equal(t, exitOK, code)
	assert.Equal(t, "ptsim: the page opens with S1 on active\n", errOut)
	_, err := http.Get(url)
	require.Error(t, err, "nobody answers any more")
}

// A request that is under way when it is told to end does not hold it up.
func TestServeEndsInTheMiddle(t *testing.T) {
	url, stop := serving(t, "S3r4", "--variant", "active")
	done := make(chan error, 1)
	go func() {
		r, err := http.Post(url+"api/ahead", "application/json", strings.NewReader(`{"link":"S3r4/active@2,precise:s:00000000:"}`))
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
		done <- err
	}()
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/"))
	require.NoError(t, err)
	defer conn.Close() // and somebody who says nothing does neither
	time.Sleep(50 * time.Millisecond)
	start := time.Now()
	code, _ := stop()
	assert.Equal(t, exitOK, code)
	assert.Less(t, time.Since(start), 30*time.Second)
	<-done
}

func TestServeOpens(t *testing.T) {
	url, stop := serving(t, "--replay", "S1/rfc@2,precise:f:1592e5da:B?1-Bx4-s0!12c0-Bx4-s0#9")
	assert.Contains(t, get(t, url+"api/setup"), "#9\"")
	stop()
	url, stop = serving(t, "../../internal/web/testdata/big.scn", "--variant", "pinned", "--pin", "table", "--softirqs", "cpu")
	assert.Contains(t, get(t, url+"api/setup"), `"start":"big/pinned/table@cpu,precise:s:`)
	assert.Contains(t, get(t, url+"api/source?file=../../internal/web/testdata/big.scn"), "Sixteen pages")
	stop()
	url, stop = serving(t, "--addr", "0.0.0.0:0", "--open-to-network")
	_, port, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(url, "/"), "http://"), "]")
	code, errOut := stop()
	assert.NotNil(t, port)
	assert.Equal(t, exitOK, code)
	assert.Contains(t, errOut, "open to the network")
}

// What cannot be served is one line, and the exit code of bad input.
func TestServeBadInput(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--addr", ":8080"}, "--addr: :8080 can be reached from other machines; expected a loopback address, or --open-to-network"},
		{[]string{"--addr", "0.0.0.0:0"}, "expected a loopback address"},
		{[]string{"--addr", "nonsense"}, "expected HOST:PORT"},
		{[]string{"--addr", "127.0.0.1:99999"}, "--addr: 127.0.0.1:99999: "},
		{[]string{"--addr", l.Addr().String()}, "expected an address of this machine, and a free port"},
		{[]string{"--addr", "localhost:no-such-port"}, "--addr: "},
		{[]string{"nothing"}, "no such scenario"},
		{[]string{"S1", "S2"}, "accepts at most 1 arg"},
		{[]string{"--variant", "nothing"}, "unknown variant"},
		{[]string{"--replay", "nothing"}, "--replay: "},
		{[]string{"--replay", "S1/rfc@2,precise:f:12345678:B?1"}, "stale"},
	} {
		var out, errOut bytes.Buffer
		code := run(t.Context(), append([]string{"serve"}, c.args...), streams{nil, &out, &errOut})
		assert.Equal(t, exitBadInput, code, "%v", c.args)
		assert.Contains(t, errOut.String(), c.want)
		assert.Equal(t, 1, strings.Count(errOut.String(), "\n"), errOut.String())
		assert.Empty(t, out.String())
	}
}
