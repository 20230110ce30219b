package command

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ptsim/internal/quote"
	"ptsim/internal/scenario"
	"ptsim/internal/web"
)

func newServe(std streams) *cobra.Command {
	var o sessionFlags
	var addr string
	var network bool
	cmd := &cobra.Command{
		Use:   "serve [SCENARIO|FILE|SCRIPT]",
		Short: "The stepper as a page in the browser",
		Long: `Serve shows the stepper as a page in the browser: step through a scenario by
hand, one primitive at a time, forward and back, and see what each step does and
why. It prints the address of the page.

It listens on loopback only, on a free port. It keeps nothing of what its
visitors do: a link holds everything, and works on any ptsim that has the same
scenario.

SCENARIO comes with ptsim, FILE is a scenario or a script of your own, and - is
standard input.`,
		Example: `  ptsim serve                             S1 on rfc, which has the flaw
  ptsim serve S1 --variant active         the variant that was merged
  ptsim serve --addr 127.0.0.1:8080 my.scn
  ptsim serve --replay 'S1/rfc@2,precise:f:1592e5da:B?1-Bx4-s0!12c0-Bx4-s0'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, _, err := net.SplitHostPort(addr); err != nil {
				return fmt.Errorf("--addr: %s; expected HOST:PORT, such as 127.0.0.1:8080", quote.Short(addr))
			}
			if !network && !web.Loopback(addr) {
				return fmt.Errorf("--addr: %s can be reached from other machines; expected a loopback address, or --open-to-network", addr)
			}
			s, err := o.open(cmd, std, args)
			if err != nil {
				return err
			}
			opt := web.Options{Start: s.Link(), Network: network}
			own, on := s.Question.Scenario, s.Question.Version
			if !comesAlong(own) {
				opt.Scenario = own
			}
			s.Close()
			if network {
				opt.Hostname, _ = os.Hostname()
			}
			l, err := (&net.ListenConfig{}).Listen(cmd.Context(), "tcp", addr)
			if err != nil {
				var op *net.OpError
				if errors.As(err, &op) {
					err = op.Err
				}
				return fmt.Errorf("--addr: %s: %w; expected an address of this machine, and a free port", addr, err)
			}
			fmt.Fprintf(std.err, "ptsim: the page opens with %s on %s\n", own.Name, on)
			fmt.Fprintf(std.out, "http://%s/\n", l.Addr())
			if network {
				fmt.Fprintln(std.err, "ptsim: open to the network: whoever reaches this address can have it compute")
			}
			return web.Serve(cmd.Context(), l, opt)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "address to listen on; port 0 means any free port")
	cmd.Flags().BoolVar(&network, "open-to-network", false, "allow an address that other machines reach")
	return cmd
}

// comesAlong tells whether a scenario is one that every ptsim has, so that its name says it all.
func comesAlong(s *scenario.Scenario) bool {
	k, err := scenario.Load(scenario.FullName(s))
	return err == nil && strings.TrimSpace(k.Source) == strings.TrimSpace(s.Source)
}
