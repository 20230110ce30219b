package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"ptsim/internal/scenario"
)

// Bounds of what a request may ask for.
const (
	MaxBody   = 256 << 10 // bytes of a request
	MaxLink   = 32 << 10  // bytes of a link
	MaxSteps  = 2_000     // steps of a schedule
	MaxStates = 400_000   // states that a search from a place tries
	keptTries = 6_000     // states that the pool of sessions keeps
	patience  = 20 * time.Second
	searching = 8 * time.Second
	finishing = 300 * time.Millisecond // what is under way when the server is told to end
)

// Options say what a server serves.
type Options struct {
	// Start is the link that the page opens first.
	Start string
	// Scenario is one that is not part of the project and found by its name.
	Scenario *scenario.Scenario
	// Network has requests answered that name the server by any IP address, or by Hostname, and not only by a loopback one.
	Network  bool
	Hostname string
}

// Server answers the page's requests.
type Server struct {
	opt  Options
	port string
	pool *pool
	work chan struct{} // sessions in use at once
	long chan struct{} // those of them that search, so that a step need not wait for searches
	mux  http.Handler

	drawn drawnQuizzes
}

// New makes a server that listens on port, as its Host headers say.
func New(port string, opt Options) *Server {
	n := max(2, runtime.GOMAXPROCS(0))
	s := &Server{opt: opt, port: port, pool: newPool(keptTries), work: make(chan struct{}, n), long: make(chan struct{}, n/2)}
	s.mux = s.guard(s.routes())
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close lets go of what the server keeps.
func (s *Server) Close() { s.pool.close() }

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { file(w, r, "index.html", pageKind) })
	mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) { asset(w, r, r.PathValue("name")) })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { asset(w, r, "icon.svg") })
	for _, route := range []struct {
		pattern string
		answer  func(w http.ResponseWriter, r *http.Request) (any, error)
	}{
		{"GET /api/setup", s.setup},
		{"GET /api/source", s.source},
		{"POST /api/begin", s.postBegin},
		{"POST /api/line", s.postLine},
		{"POST /api/step", s.postStep},
		{"POST /api/ahead", s.postAhead},
		{"POST /api/what-if", s.postWhatIf},
		{"POST /api/edit", s.postEdit},
		{"POST /api/explore", s.postExplore},
		{"POST /api/offline", s.postOffline},
		{"POST /api/compare", s.postCompare},
		{"POST /api/models", s.postModels},
		{"POST /api/predict", s.postPredict},
		{"GET /api/quiz", s.quiz},
		{"POST /api/grade", s.postGrade},
		{"GET /api/levels", s.levels},
		{"POST /api/judge", s.postJudge},
		{"POST /api/hint", s.postHint},
		{"GET /api/doc", s.doc},
		{"GET /api/glossary", s.glossary},
		{"GET /api/plan", s.plan},
		{"GET /api/course", s.course},
		{"GET /api/course/{name}", s.lesson},
		{"POST /api/answer", s.postAnswer},
	} {
		mux.HandleFunc(route.pattern, func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), patience)
			defer cancel()
			answer, err := route.answer(w, r.WithContext(ctx))
			if err != nil {
				writeError(w, err)
				return
			}
			write(w, answer)
		})
	}
	mux.HandleFunc("/", nothing)
	return mux
}

// Serve answers on a listener until ctx is done, then finishes what is soon finished and returns nil.
func Serve(ctx context.Context, l net.Listener, opt Options) error {
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return err
	}
	s := New(port, opt)
	defer s.Close()
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: patience + 20*time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	h.BaseContext = func(net.Listener) context.Context { return ctx }
	done := make(chan error, 1)
	go func() { done <- h.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), finishing)
	defer cancel()
	if err := h.Shutdown(last); err != nil {
		_ = h.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Loopback tells whether an address to listen on is reached from this machine alone.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
