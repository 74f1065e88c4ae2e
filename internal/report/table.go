package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

const (
	defaultWidth = 100
	// few is up to how many findings each gets a block of its own; beyond, each gets a line.
	few = 12
	// most is how many findings are listed on a terminal at all.
	most = 200
	// labelWidth is what the labels of a block and of the summary are padded to.
	labelWidth = 10
	minWidth   = 40
	// roomy is from how many columns a list has room for dates in full.
	roomy = 90
)

// Table writes findings and a summary to be read on a terminal. Everything that comes from logs or rules goes through
// visible, so that nothing in them can drive the terminal.
func Table(w io.Writer, r *Report) error {
	t := &table{out: &writer{w: w}, width: max(r.Width, minWidth), color: r.Color}
	if r.Width <= 0 {
		t.width = defaultWidth
	}
	findings := r.sorted()
	switch {
	case len(findings) == 0:
	case len(findings) <= few:
		for i := range findings {
			t.block(&findings[i])
		}
	default:
		t.list(findings)
	}
	t.summary(r)
	return t.out.err
}

type table struct {
	out   *writer
	width int
	color bool
}

// The styles, as the numbers of "select graphic rendition" (ECMA-48, 8.3.117).
const (
	bold = "1"
	dim  = "2"
)

// sgrOf is how a severity is painted. Only the 16 colours that a terminal's owner chose are used.
func sgrOf(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "1;97;41"
	case finding.High:
		return "1;31"
	case finding.Medium:
		return "33"
	case finding.Low:
		return "36"
	default:
		return dim
	}
}

func (t *table) paint(sgr, s string) string {
	if !t.color || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

// badge is a severity in a field of labelWidth columns.
func (t *table) badge(s finding.Severity) string {
	name := s.String()
	if s == finding.Informational {
		name = "info"
	}
	if s == finding.Critical && t.color {
		return t.paint(sgrOf(s), name) + strings.Repeat(" ", labelWidth-len(name))
	}
	return t.paint(sgrOf(s), pad(name, labelWidth))
}

// block writes one finding in full.
func (t *table) block(f *finding.Finding) {
	count := plural(f.Count, "event", "events")
	title := cut(shown(f.Rule.Title), t.width-labelWidth-columns(count)-2)
	gap := t.width - labelWidth - columns(title) - columns(count)
	t.out.print(t.badge(f.Severity), t.paint(bold, title), strings.Repeat(" ", max(gap, 2)), t.paint(dim, count), "\n")
	t.wrapped("", exactSpan(f.First, f.Last))
	t.wrapped("who", strings.Join(who(f, 2), " · "))
	t.wrapped("attack", attackLine(f))
	t.wrapped("next", shown(f.Rule.Next))
	for _, n := range f.Notes {
		t.wrapped("note", shown(n))
	}
	shown := min(len(f.Evidence), 2)
	for i := range shown {
		t.evidence(&f.Evidence[i], i == 0)
	}
	if more := otherEvents(f, shown); more != "" && shown > 0 {
		t.out.print(strings.Repeat(" ", labelWidth), t.paint(dim, "… "+more), "\n")
	}
	t.out.print("\n")
}

func (t *table) evidence(e *finding.Evidence, first bool) {
	label := ""
	if first {
		label = "seen"
	}
	place := visible(e.File)
	if e.Line > 0 {
		place += fmt.Sprintf(":%d", e.Line)
	}
	place = cutMiddle(place, (t.width-labelWidth)/2)
	room := t.width - labelWidth - columns(place) - 2
	raw := ""
	if room >= 16 {
		raw = cut(visible(oneLine(excerpt(digest(e.Raw), 4*room))), room)
	}
	t.out.print(t.paint(dim, pad(label, labelWidth)), place, "  ", t.paint(dim, raw), "\n")
}

// wrapped writes a labelled text.
func (t *table) wrapped(label, text string) {
	if text != "" {
		t.labelled(dim, label, text)
	}
}

func (t *table) labelled(style, label, text string) {
	for _, l := range wrap(text, t.width-labelWidth) {
		t.out.print(t.paint(style, pad(label, labelWidth)), l, "\n")
		label = ""
	}
}

func attackLine(f *finding.Finding) string {
	items := f.Rule.Techniques
	if len(items) == 0 {
		items = f.Rule.Tactics
	}
	var out []string
	for _, i := range items {
		out = append(out, visible(strings.TrimSpace(i.ID+" "+i.Name)))
	}
	return strings.Join(out, ", ")
}

// who names the things a finding is about, at most so many of a kind, the actor first.
func who(f *finding.Finding, each int) []string {
	var out []string
	for _, kind := range []struct{ name, before string }{
		{"principal", ""},
		{"source_ip", "from "},
		{"account", "account "},
		{"region", "in "},
		{"host", "host "},
		{"resource", "on "},
		{"dest_ip", "to "},
	} {
		of := values(f.Entities, kind.name)
		if len(of) == 0 {
			continue
		}
		var names []string
		for _, v := range of[:min(len(of), each)] {
			names = append(names, cutMiddle(visible(shortARN(v)), 60))
		}
		s := kind.before + strings.Join(names, ", ")
		if n := len(of) - each; n > 0 {
			s += fmt.Sprintf(" +%d", n)
		}
		out = append(out, s)
	}
	if out == nil && len(f.Key) > 0 {
		out = append(out, cutMiddle(visible(strings.Join(f.Key, ", ")), 60))
	}
	return out
}

// shortARN leaves out of an Amazon Resource Name what stands beside it anyway: arn:aws:iam::111122223333:user/alice is
// user/alice, and arn:aws:s3:::logs is s3:logs.
func shortARN(s string) string {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[5] == "" {
		return s
	}
	if parts[2] == "iam" || parts[2] == "sts" {
		return parts[5]
	}
	return parts[2] + ":" + parts[5]
}

// digest says of a JSON record what happened in it; other text it returns as it is.
func digest(raw string) string {
	var rec map[string]json.RawMessage
	if !strings.HasPrefix(raw, "{") || json.Unmarshal([]byte(raw), &rec) != nil {
		return raw
	}
	var out []string
	for _, k := range digestFields {
		var text string
		if v, ok := rec[k]; ok && json.Unmarshal(v, &text) == nil && text != "" {
			out = append(out, k+"="+text)
		}
	}
	if out == nil {
		return raw
	}
	return strings.Join(out, " ")
}

// digestFields are the members of JSON records that say what happened, in the order in which they are read best.
var digestFields = [...]string{ //nolint:gochecknoglobals // a constant table
	"eventName", "eventSource", "errorCode", "verb", "requestURI", "request", "request_method", "request_uri", "RequestMethod", "RequestPath",
	"query_name", "action", "type", "title", "message", "msg", "MESSAGE",
}

// list writes a line per finding.
func (t *table) list(findings []finding.Finding) {
	listed := findings[:min(len(findings), most)]
	timeWidth, countWidth, whoWidth := len(time.DateTime), len("events"), len("who")
	if t.width < roomy {
		timeWidth = len("01-02 15:04")
	}
	for i := range listed {
		countWidth = max(countWidth, len(grouped(listed[i].Count)))
		whoWidth = max(whoWidth, columns(actor(&listed[i])))
	}
	rest := t.width - labelWidth - timeWidth - countWidth - 3*2
	whoWidth = min(whoWidth, rest*2/5)
	row := func(badge, at, count, title, who string) {
		titleWidth := rest - whoWidth
		line := badge + pad(cut(at, timeWidth), timeWidth) + "  " + fmt.Sprintf("%*s", countWidth, count) + "  " +
			pad(cut(title, titleWidth), titleWidth) + "  " + cutMiddle(who, whoWidth)
		t.out.print(strings.TrimRight(line, " "), "\n")
	}
	row(pad("severity", labelWidth), "first seen (UTC)", "events", "finding", "who")
	for i := range listed {
		f := &listed[i]
		at := "-"
		if !f.First.IsZero() {
			at = f.First.UTC().Format(time.DateTime)
			if t.width < roomy {
				at = f.First.UTC().Format("01-02 15:04")
			}
		}
		row(t.badge(f.Severity), at, grouped(f.Count), shown(f.Rule.Title), actor(f))
	}
	if n := len(findings) - len(listed); n > 0 {
		t.out.print(t.paint(bold, "… "+plural(n, "more finding", "more findings")), ": -o html or -o csv\n")
	}
	t.out.print("\n")
}

// actor names in a few columns what a finding is gathered by.
func actor(f *finding.Finding) string {
	if len(f.Key) > 0 && f.Key[0] != "" {
		names := make([]string, len(f.Key))
		for i, k := range f.Key {
			names[i] = shortARN(k)
		}
		return visible(strings.Join(names, ", "))
	}
	if w := who(f, 1); len(w) > 0 {
		return strings.TrimPrefix(w[0], "from ")
	}
	return ""
}

func (t *table) summary(r *Report) {
	for _, l := range wrap(visible(Verdict(r)), t.width) {
		t.out.print(t.paint(bold, l), "\n")
	}
	if len(r.Findings) > few {
		by := r.bySeverity()
		var parts []string
		for s := int(finding.Critical); s >= 0; s-- {
			if by[s] > 0 {
				parts = append(parts, t.paint(sgrOf(finding.Severity(s)), grouped(by[s])+" "+finding.Severity(s).String()))
			}
		}
		for _, l := range wrap(strings.Join(parts, ", "), t.width) {
			t.out.print(l, "\n")
		}
	}
	t.out.print("\n")
	for _, f := range facts(&r.Summary) {
		style := dim
		if f.bad {
			style = sgrOf(finding.Medium)
		}
		label := f.name
		for _, text := range f.lines {
			t.labelled(style, label, shown(text))
			label = ""
		}
	}
}
