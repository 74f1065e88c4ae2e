package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

//go:embed html/report.html
var pageTemplate string

//go:embed html/report.css
var pageStyle string

//go:embed html/report.js
var pageScript string

//go:embed html/facets.js
var pageFacets string

//go:embed html/detail.js
var pageDetail string

// page is what the template shows by itself; the script works on Data.
type page struct {
	CSP        string
	Style      template.CSS
	Script     template.JS
	Data       template.JS
	Title      string
	Version    string
	Made       string
	Head, Rest string // what was found, and in what
	Unread     string // what was not read, in a few words
	Severities []pageSeverity
	Chart      *chart
	Facts      []pageFact
	Findings   []pageFinding
}

type pageSeverity struct {
	Name, Shown  string
	Level, Count int
}

type pageFact struct {
	Name  string
	Lines []string
	Bad   bool
}

// pageFinding is a row of the plain table that browsers without scripts show.
type pageFinding struct{ Severity, Title, Attack, Next, Place, Seen, Count, Who string }

// HTML writes one page that needs nothing else: no network, no other file. Its policy lets only this style and this
// script run, by their hashes, so that nothing that comes from a log could, even if it got past the escaping.
func HTML(w io.Writer, r *Report) error {
	tmpl, err := template.New("report").Parse(pageTemplate)
	if err != nil {
		return err
	}
	findings := r.sorted()
	data, shortened, err := pageData(r, findings)
	if err != nil {
		return err
	}
	script := pageScript + pageFacets + pageDetail
	p := &page{
		CSP: "default-src 'none'; script-src " + hashOf(script) + "; style-src " + hashOf(pageStyle) +
			"; img-src 'none'; base-uri 'none'; form-action 'none'",
		Style: template.CSS(pageStyle), Script: template.JS(script), Data: template.JS(data), //nolint:gosec // the first two are ours, the third is escaped by encoding/json
		Title: "Gatehouse: " + Verdict(r), Version: r.Version, Made: r.Now.UTC().Format("2 January 2006 15:04 UTC"),
		Unread: strings.TrimPrefix(unreadable(&r.Summary), ", "), Chart: chartOf(wide(r.Summary.Histogram)),
	}
	p.Head, p.Rest = verdict(r)
	by := r.bySeverity()
	for s := int(finding.Critical); s >= 0; s-- {
		p.Severities = append(p.Severities, pageSeverity{Name: finding.Severity(s).String(), Shown: grouped(by[s]), Level: s, Count: by[s]})
	}
	for _, f := range facts(&r.Summary) {
		p.Facts = append(p.Facts, pageFact{f.name, allShown(f.lines), f.bad})
	}
	if shortened > 0 {
		p.Facts = append(p.Facts, pageFact{"page", []string{"To keep this page small, " + plural(shortened, "finding shows", "findings show") + " less of the events; -o json has all of it."}, false})
	}
	for i := range findings {
		p.Findings = append(p.Findings, plainOf(&findings[i]))
	}
	return tmpl.Execute(w, p)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func plainOf(f *finding.Finding) pageFinding {
	p := pageFinding{
		Severity: f.Severity.String(), Title: shown(f.Rule.Title), Attack: attackLine(f), Next: shown(f.Rule.Next), Seen: exactSpan(f.First, f.Last),
		Count: grouped(f.Count), Who: strings.Join(who(f, 3), " · "),
	}
	if len(f.Evidence) > 0 {
		p.Place = visible(f.Evidence[0].File)
		if n := f.Evidence[0].Line; n > 0 {
			p.Place += ":" + strconv.Itoa(n)
		}
	}
	return p
}

// chart is the histogram as it is drawn: a bar is one unit wide, the chart 100 high.
type chart struct {
	Width   int
	Bars    []chartBar
	Ticks   []string
	Caption string
}

type chartBar struct {
	Class   string
	X, Y, H string
}

// wide adds empty buckets around few, so that a single one is drawn as a bar and not as a wall.
func wide(buckets []finding.Bucket) []finding.Bucket {
	const least = 32
	n := len(buckets)
	if n == 0 || n >= least {
		return buckets
	}
	out := make([]finding.Bucket, 0, least)
	width := buckets[0].Width
	start := buckets[0].Start.Add(-width * time.Duration((least-n)/2))
	for i := range least {
		b := finding.Bucket{Start: start.Add(width * time.Duration(i)), Width: width}
		if k := i - (least-n)/2; k >= 0 && k < n {
			b = buckets[k]
		}
		out = append(out, b)
	}
	return out
}

// chartOf stacks the severities of each bucket, the gravest at the bottom. What is there at all is drawn at least so high
// that it is seen beside a burst.
func chartOf(buckets []finding.Bucket) *chart {
	const least = 2.5
	c := &chart{Width: len(buckets)}
	highest := 0
	for _, b := range buckets {
		sum := 0
		for _, n := range b.Count {
			sum += n
		}
		highest = max(highest, sum)
	}
	if highest == 0 {
		return nil
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	for i, b := range buckets {
		y := 100.0
		for s := len(b.Count) - 1; s >= 0; s-- {
			if b.Count[s] == 0 {
				continue
			}
			h := max(float64(b.Count[s])/float64(highest)*(100-5*least), least)
			y -= h
			c.Bars = append(c.Bars, chartBar{finding.Severity(s).String(), number(float64(i) + 0.07), number(y), number(h)})
		}
	}
	width := buckets[0].Width
	c.Caption = "matched events, up to " + grouped(highest) + " in " + inWords(width)
	layout := "2 Jan 15:04"
	if width >= 24*time.Hour {
		layout = "2 Jan 2006"
	}
	const ticks = 5
	end := buckets[len(buckets)-1].Start.Add(width)
	total := end.Sub(buckets[0].Start)
	for i := range ticks {
		c.Ticks = append(c.Ticks, buckets[0].Start.Add(total/(ticks-1)*time.Duration(i)).UTC().Format(layout))
	}
	return c
}
