package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page is tried in a real browser, one for all tests, that can reach nothing but loopback.

var (
	browserOnce sync.Once
	browserCtx  context.Context
	browserEnd  []func()
	browserErr  error
)

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(browserEnd) - 1; i >= 0; i-- {
		browserEnd[i]()
	}
	os.Exit(code)
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is a page in the browser, that notes what must not be: messages on the console, exceptions, what the policy stopped,
// requests to anywhere else.
type tab struct {
	*testing.T
	ctx  context.Context
	mu   sync.Mutex
	bad  []string
	asks []string
}

// newTab opens a page. At the end of the test nothing bad must have happened in it.
func newTab(t *testing.T) *tab {
	path := chromium()
	if path == "" {
		t.Skip("no chromium here: the page is not tried in a browser (apt-get install chromium)")
	}
	if testing.Short() {
		t.Skip("-short: the page is not tried in a browser")
	}
	browserOnce.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
			chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("no-pings", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-smooth-scrolling", true),
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"))
		ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
		browserEnd = append(browserEnd, end)
		ctx, end = chromedp.NewContext(ctx)
		browserEnd = append(browserEnd, end)
		browserCtx, browserErr = ctx, chromedp.Do(ctx)
	})
	require.NoError(t, browserErr)
	ctx, end := chromedp.NewContext(browserCtx)
	t.Cleanup(end)
	ctx, stop := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(stop)
	k := &tab{T: t, ctx: ctx}
	k.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{})
		return err
	}))
	k.scheme("light")
	watch(k, network.RequestWillBeSent, func(e network.EventRequestWillBeSent) {
		u, err := url.Parse(e.Request.URL)
		k.asks = append(k.asks, e.Request.URL)
		if err != nil || u.Scheme != "data" && u.Scheme != "blob" && u.Scheme != "file" && u.Hostname() != "127.0.0.1" {
			k.bad = append(k.bad, "request to "+e.Request.URL)
		}
	})
	watch(k, runtime.ConsoleAPICalled, func(e runtime.EventConsoleAPICalled) {
		for _, a := range e.Args {
			k.bad = append(k.bad, fmt.Sprintf("console: %s %s", a.Value, a.Description))
		}
	})
	watch(k, runtime.ExceptionThrown, func(e runtime.EventExceptionThrown) {
		k.bad = append(k.bad, fmt.Sprintf("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	})
	watch(k, log.EntryAdded, func(e log.EventEntryAdded) {
		k.bad = append(k.bad, fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
	})
	t.Cleanup(func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		assert.Empty(t, k.bad)
		assert.NotEmpty(t, k.asks, "requests are seen")
	})
	return k
}

func watch[E any](k *tab, ev cdp.Event[E], saw func(E)) {
	events := chromedp.Events(k.ctx, ev)
	go func() {
		for e, err := range events {
			if err != nil {
				return
			}
			k.mu.Lock()
			saw(e)
			k.mu.Unlock()
		}
	}()
}

// forgive takes back what was noted, where a test means it to happen.
func (k *tab) forgive(what string) {
	k.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	var left []string
	for _, b := range k.bad {
		if !strings.Contains(b, what) {
			left = append(left, b)
		}
	}
	k.bad = left
}

func (k *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	k.Helper()
	require.NoError(k, chromedp.Do(k.ctx, steps...))
}

// open goes to an address and waits until the page is there.
func (k *tab) open(url string) {
	k.Helper()
	k.do(chromedp.Navigate("about:blank"), chromedp.Navigate(url))
	k.until(`document.documentElement.dataset.ready === 'yes'`)
}

func eval[T any](k *tab, expression string) T {
	k.Helper()
	v, err := chromedp.Run(k.ctx, chromedp.Evaluate[T](expression))
	require.NoError(k, err, expression)
	return v
}

// until waits until something is so.
func (k *tab) until(expression string) {
	k.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if eval[bool](k, "Boolean("+expression+")") {
			return
		}
		if time.Now().After(end) {
			require.Fail(k, "it never came to be: "+expression, eval[string](k, "document.body.innerText.slice(0, 3000)"))
		}
	}
}

// keys are keys by the names that scripts have for them.
var keys = map[string]string{"ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight, "ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "Home": kb.Home, "End": kb.End, "Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Space": " "}

// press presses keys, each given by its name or itself.
func (k *tab) press(names ...string) {
	k.Helper()
	for _, name := range names {
		key, ok := keys[name]
		if !ok {
			key = name
		}
		k.do(chromedp.KeyEvent(key))
	}
}

func (k *tab) click(css string) {
	k.Helper()
	k.do(chromedp.Click(chromedp.CSS(css)))
}

// text is what stands in an element as it is seen.
func (k *tab) text(css string) string {
	k.Helper()
	quoted, _ := json.Marshal(css)
	return eval[string](k, fmt.Sprintf("[...document.querySelectorAll(%s)].map(e => e.innerText).join('\\n')", quoted))
}

// step waits until that step is shown.
func (k *tab) step(n int) {
	k.Helper()
	k.until(fmt.Sprintf("document.getElementById('stepper').dataset.step === '%d'", n))
}

// focus gives the focus to the stepper.
func (k *tab) focus() {
	k.Helper()
	eval[bool](k, "document.getElementById('stepper').focus() || true")
}

// scheme has the page think that the user wants it light or dark, and nothing to move.
func (k *tab) scheme(name string) {
	k.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	}))
}

// print has the page think that it is on paper.
func (k *tab) print() {
	k.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	}))
}

// hash is the address that leads to a link.
func hash(link string) string { return "/#" + strings.ReplaceAll(link, "#", "%23") }
