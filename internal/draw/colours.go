package draw

import (
	"fmt"
	"strings"

	"ptsim/internal/picture"
)

// colours are those that all pictures are painted with, and two more: words stand on ground or panel, those of a filled cell,
// onfull, on full; onalarm on alarm.
func colours() []picture.Colour {
	list := picture.Colours()
	for _, c := range list {
		if c.Name == "ground" {
			list = append(list, picture.Colour{Name: "onalarm", Light: c.Light, Dark: c.Dark})
		}
	}
	return append(list, picture.Colour{Name: "panel", Light: "#f6f8fa", Dark: "#161b22"})
}

const (
	mono = `ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace`
	sans = `system-ui,"Segoe UI",Helvetica,Arial,sans-serif`
)

// style writes the style sheet.
func style(dark bool) string {
	var b strings.Builder
	for _, c := range colours() {
		value := c.Light
		if dark {
			value = c.Dark
		}
		fmt.Fprintf(&b, ".f-%s{fill:%s}.s-%s{stroke:%s}\n", c.Name, value, c.Name, value)
	}
	fmt.Fprintf(&b, ".l{fill:none}\n.pt{font-family:%s}\n", mono)
	for _, k := range []kind{title, sentence, plain, strong, code, small, tiny} {
		f := fonts[k]
		family, weight := "", ""
		if f.sans {
			family = ";font-family:" + sans
		}
		if f.bold {
			weight = ";font-weight:700"
		}
		fmt.Fprintf(&b, ".%s{font-size:%spx%s%s}\n", k, num(f.size), weight, family)
	}
	return b.String()
}

// patterns writes the fills of halves that are pending: hatched in a batch, dotted on rcu_head, crossed if broken.
func patterns(prefix string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<pattern id="%shatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`+
		`<path class="l s-gather" d="M2 0V7" stroke-width="2.2"/></pattern>`+"\n", prefix)
	fmt.Fprintf(&b, `<pattern id="%sdots" width="8" height="8" patternUnits="userSpaceOnUse">`+
		`<circle class="l s-defer" cx="4" cy="4" r="2.1" stroke-width="1.3"/></pattern>`+"\n", prefix)
	fmt.Fprintf(&b, `<pattern id="%scross" width="9" height="9" patternUnits="userSpaceOnUse">`+
		`<path class="l s-alarm" d="M0 0L9 9M9 0L0 9" stroke-width="1.3"/></pattern>`+"\n", prefix)
	return b.String()
}
