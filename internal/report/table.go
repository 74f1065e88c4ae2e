package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

const (
	defaultWidth = 100
	// few is up to how many findings each gets a block of its own; beyond, they are told as stories.
	few = 6
	// labelWidth is what the labels of a block and of the summary are padded to.
	labelWidth = 10
	minWidth   = 40
	// readable is the columns beyond which prose is tiring to read, however wide the terminal.
	readable = 100
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
		t.stories(stories(findings))
		t.first(findings)
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
	count, width := plural(f.Count, "event", "events"), min(t.width, readable)
	title := cut(shown(f.Rule.Title), width-labelWidth-columns(count)-2)
	gap := width - labelWidth - columns(title) - columns(count)
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
	for _, l := range wrap(text, min(t.width, readable)-labelWidth) {
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

func (t *table) summary(r *Report) {
	t.headline(r)
	t.out.print("\n")
	all := facts(&r.Summary)
	if len(r.Findings) > few {
		all = append(all, fact{name: "more", lines: []string{"-o html --output-file report.html shows every finding with its events"}})
	}
	for _, f := range all {
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

// headline says how much was found, and of which time.
func (t *table) headline(r *Report) {
	if len(r.Findings) == 0 {
		for _, l := range wrap(visible(Verdict(r)), min(t.width, readable)) {
			t.out.print(t.paint(bold, l), "\n")
		}
		return
	}
	by := r.bySeverity()
	var parts []string
	for s := int(finding.Critical); s >= 0; s-- {
		if by[s] > 0 {
			parts = append(parts, t.paint(sgrOf(finding.Severity(s)), grouped(by[s])+" "+finding.Severity(s).String()))
		}
	}
	t.out.print(t.paint(bold, plural(len(r.Findings), "finding", "findings")), ": ")
	line := columns(plural(len(r.Findings), "finding", "findings")) + 2
	for i, p := range parts {
		if i < len(parts)-1 {
			p += ","
		}
		if i > 0 && line+1+columns(p) > t.width {
			t.out.print("\n")
			line = 0
		} else if i > 0 {
			t.out.print(" ")
			line++
		}
		t.out.print(p)
		line += columns(p)
	}
	t.out.print("\n")
	if span := r.span(); span != "" {
		t.out.print(t.paint(dim, cut(span, t.width)), "\n")
	}
}
