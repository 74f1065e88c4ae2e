package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

const (
	// mostStories and mostSteps are how much is told on a terminal.
	mostStories = 40
	mostSteps   = 20
	indent      = "  "
	// roomy is from how many columns a story has room for dates in full, tight is up to how many it has none for times.
	roomy = 90
	tight = 55
	// leastAbout is the columns below which it is left out what a step was about.
	leastAbout = 20
)

// stories writes who did what in which order, a line for each step.
func (t *table) stories(all []*story) {
	told := all[:min(len(all), mostStories)]
	c := t.columnsOf(told)
	t.out.print(t.paint(dim, indent+pad("severity", labelWidth)+c.at(c.head)+fmt.Sprintf("%*s", c.count, "events")+"  finding"), "\n")
	for i, s := range told {
		if i > 0 {
			t.out.print("\n")
		}
		t.story(s, c)
	}
	t.out.print("\n")
	if n := len(all) - len(told); n > 0 {
		findings := 0
		for _, s := range all[len(told):] {
			findings += s.findings
		}
		t.out.print(t.paint(bold, "… "+plural(findings, "more finding", "more findings")), fmt.Sprintf(" about %s\n\n", grouped(n)+" others"))
	}
}

// storyColumns are the columns of all stories.
type storyColumns struct {
	layout, head string // of the time; "" for none
	count        int    // the width of the number of events
}

// at fills the column of the time.
func (c storyColumns) at(text string) string {
	if c.layout == "" {
		return ""
	}
	return pad(text, max(len(c.layout), len(c.head))) + "  "
}

func (t *table) columnsOf(all []*story) storyColumns {
	c := storyColumns{layout: time.DateTime, head: "first seen (UTC)", count: len("events")}
	switch {
	case t.width <= tight:
		c.layout, c.head = "", ""
	case t.width < roomy:
		c.layout, c.head = "01-02 15:04", "first (UTC)"
	}
	for _, s := range all {
		for _, p := range s.steps {
			c.count = max(c.count, len(grouped(p.events)))
		}
	}
	return c
}

func (t *table) story(s *story, c storyColumns) {
	facts := ""
	if n := len(s.accounts); n > 1 {
		facts += " · " + plural(n, "account", "accounts")
	}
	if s.findings > 1 {
		facts += " · " + plural(s.findings, "finding", "findings")
	}
	t.out.print(t.paint(bold, namesIn(s.actors, min(t.width, readable)-columns(facts))), t.paint(dim, facts), "\n")
	shown, left := gravest(s.steps, mostSteps)
	for i := range shown {
		t.step(&shown[i], c)
	}
	if left > 0 {
		t.out.print(indent, strings.Repeat(" ", labelWidth), t.paint(dim, cut("… "+plural(left, "lesser step", "lesser steps")+" more", t.width-labelWidth-len(indent))), "\n")
	}
}

func (t *table) step(p *step, c storyColumns) {
	at := "-"
	if !p.first.IsZero() {
		at = p.first.UTC().Format(c.layout)
	}
	before := len(indent) + labelWidth + len(c.at("")) + c.count + 2
	room := t.width - before
	title := wrap(shown(p.rule.Title), room)
	about := ""
	if left := room - columns(title[len(title)-1]) - 2; left >= leastAbout && len(p.about) > 0 {
		about = "  " + namesIn(p.about, left)
	}
	t.out.print(indent, t.badge(p.severity), c.at(at), fmt.Sprintf("%*s", c.count, grouped(p.events)), "  ",
		strings.Join(title, "\n"+strings.Repeat(" ", before)), t.paint(dim, about), "\n")
}

// gravest returns at most so many steps in their order, leaving out the least grave, and how many it left out.
func gravest(steps []step, most int) (kept []step, left int) {
	if len(steps) <= most {
		return steps, 0
	}
	for s := finding.Critical; ; s-- {
		n := 0
		for i := range steps {
			if steps[i].severity >= s {
				n++
			}
		}
		if n < most && s > finding.Informational {
			continue
		}
		over := n - most // of those of severity s
		kept = slices.Clone(steps)
		kept = slices.DeleteFunc(kept, func(p step) bool { return p.severity < s })
		for i := len(kept) - 1; i >= 0 && over > 0; i-- {
			if kept[i].severity == s {
				kept = slices.Delete(kept, i, i+1)
				over--
			}
		}
		return kept, len(steps) - len(kept)
	}
}

// namesIn lists as many names as fit into so many columns, and says how many more there are.
func namesIn(names []string, width int) string {
	line, rest := shown(names[0]), ""
	if n := len(names) - 1; n > 0 {
		rest = " +" + grouped(n)
	}
	line = cutMiddle(line, width-columns(rest))
	for i, n := range names[1:] {
		next, left := line+", "+shown(n), ""
		if n := len(names) - i - 2; n > 0 {
			left = " +" + grouped(n)
		}
		if columns(next+left) > width {
			break
		}
		line, rest = next, left
	}
	return cut(line+rest, width)
}

// mostFirst is how many findings a long report shows in full.
const mostFirst = 2

// first writes the gravest findings in full: what to look at, and what to do.
func (t *table) first(sorted []finding.Finding) {
	t.out.print(t.paint(bold, "Look at first"), "\n\n")
	for i := range min(len(sorted), mostFirst) {
		if i > 0 && sorted[i].Severity < max(finding.High, sorted[0].Severity) {
			return
		}
		t.block(&sorted[i])
	}
}
