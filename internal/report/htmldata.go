package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/attack"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// rawBudget is how many bytes of events a page holds. Findings get theirs in order of severity; those behind get one event
// of at most shortRaw bytes.
const (
	rawBudget = 24 << 20
	shortRaw  = 400
)

// The data that the page's script works on. Rules are listed once, as thousands of findings may share them.
type (
	htmlData struct {
		Rules     []htmlRule    `json:"rules"`
		Findings  []htmlFinding `json:"findings"`
		Tactics   []htmlItem    `json:"tactics"` // in the order of the matrix
		Histogram []htmlBar     `json:"histogram"`
	}
	htmlRule struct {
		ID             string      `json:"id"`
		Title          string      `json:"title"`
		Description    string      `json:"description"`
		Correlation    string      `json:"correlation"`
		Tactics        []htmlItem  `json:"tactics"`
		Techniques     []htmlItem  `json:"techniques"`
		Places         []htmlPlace `json:"places"`
		References     []string    `json:"references"`
		FalsePositives []string    `json:"falsePositives"`
		Next           string      `json:"next"`
		File           string      `json:"file"`
	}
	htmlItem struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	// htmlPlace is a cell of the matrix.
	htmlPlace struct {
		Tactic    string `json:"tactic"`
		Technique string `json:"technique"`
		Name      string `json:"name"`
	}
	htmlFinding struct {
		Rule        int            `json:"r"`
		Severity    int            `json:"s"`
		Fingerprint string         `json:"fingerprint"`
		First       *int64         `json:"first"` // ms since 1970
		Last        *int64         `json:"last"`
		Count       int            `json:"count"`
		Key         []string       `json:"key"`
		Who         string         `json:"who"`
		Entities    [][3]any       `json:"entities"`
		Evidence    []htmlEvidence `json:"evidence"`
		Format      string         `json:"format"`
		Notes       []string       `json:"notes"`
	}
	htmlEvidence struct {
		File string `json:"file"`
		Line int    `json:"line,omitempty"`
		Time *int64 `json:"time"`
		Raw  string `json:"raw"`
		Cut  bool   `json:"cut,omitempty"`
		Rule string `json:"rule,omitempty"`
	}
	htmlBar struct {
		Start int64  `json:"t"`
		Width int64  `json:"w"`
		Count [5]int `json:"c"`
	}
)

// pageData returns the data as JSON that is safe inside a script element (encoding/json escapes <, > and &), and how many
// findings show less of their events than there is.
func pageData(r *Report, findings []finding.Finding) (data []byte, shortened int, err error) {
	d := htmlData{Rules: []htmlRule{}, Findings: []htmlFinding{}, Histogram: []htmlBar{}}
	index := map[string]int{}
	left := rawBudget
	for i := range findings {
		f := &findings[i]
		// Rules of two files may have the same id.
		id := f.Rule.ID + "\x00" + f.Rule.File + "\x00" + f.Rule.Title
		at, ok := index[id]
		if !ok {
			at = len(d.Rules)
			index[id] = at
			d.Rules = append(d.Rules, htmlRuleOf(&f.Rule))
		}
		h, cut := htmlFindingOf(f, at, &left)
		if cut {
			shortened++
		}
		d.Findings = append(d.Findings, h)
	}
	for _, t := range attack.Tactics() {
		d.Tactics = append(d.Tactics, htmlItem(t))
	}
	d.Tactics = append(d.Tactics, otherTactics(d.Rules)...)
	for _, b := range wide(r.Summary.Histogram) {
		d.Histogram = append(d.Histogram, htmlBar{b.Start.UnixMilli(), b.Width.Milliseconds(), b.Count})
	}
	data, err = json.Marshal(&d)
	return data, shortened, err
}

// otherTactics are those places' tactics that ATT&CK's Enterprise matrix does not have.
func otherTactics(rules []htmlRule) (out []htmlItem) {
	seen := map[string]bool{}
	for _, t := range attack.Tactics() {
		seen[t.ID] = true
	}
	for _, r := range rules {
		for _, p := range r.Places {
			if !seen[p.Tactic] {
				seen[p.Tactic] = true
				name := p.Tactic
				for _, t := range r.Tactics {
					if t.ID == p.Tactic {
						name = t.Name
					}
				}
				if name == "" {
					name = "No tactic"
				}
				out = append(out, htmlItem{p.Tactic, name})
			}
		}
	}
	return out
}

func htmlRuleOf(r *finding.Rule) htmlRule {
	h := htmlRule{
		ID: visible(r.ID), Title: shown(r.Title), Description: shown(r.Description), Correlation: visible(r.Correlation), Next: shown(r.Next),
		File: visible(r.File), Tactics: []htmlItem{}, Techniques: []htmlItem{}, Places: []htmlPlace{}, References: allShown(r.References),
		FalsePositives: allShown(r.FalsePositives),
	}
	placed := map[string]bool{}
	for _, t := range r.Techniques {
		h.Techniques = append(h.Techniques, htmlItem{visible(t.ID), shown(t.Name)})
		for _, p := range placesOf(t.ID, r.Tactics) {
			placed[p] = true
			h.Places = append(h.Places, htmlPlace{visible(p), visible(t.ID), cmp.Or(attack.Name(t.ID), shown(t.Name))})
		}
	}
	for _, t := range r.Tactics {
		h.Tactics = append(h.Tactics, htmlItem{visible(t.ID), shown(t.Name)})
		if !placed[t.ID] && len(r.Techniques) == 0 {
			h.Places = append(h.Places, htmlPlace{Tactic: visible(t.ID)})
		}
	}
	return h
}

func htmlFindingOf(f *finding.Finding, rule int, left *int) (h htmlFinding, shortened bool) {
	h = htmlFinding{
		Rule: rule, Severity: int(min(f.Severity, finding.Critical)), Fingerprint: visible(f.Fingerprint), First: optionalMillis(f.First), Last: optionalMillis(f.Last),
		Count: f.Count, Key: allShown(f.Key), Who: joinWho(f), Entities: [][3]any{}, Evidence: []htmlEvidence{},
		Format: visible(f.Format), Notes: allShown(f.Notes),
	}
	if h.First != nil && h.Last == nil {
		h.Last = h.First
	}
	for _, e := range f.Entities {
		h.Entities = append(h.Entities, [3]any{visible(e.Kind), visible(e.Value), e.Count})
	}
	for i, e := range f.Evidence {
		v := htmlEvidence{File: visible(e.File), Line: e.Line, Time: optionalMillis(e.Time), Raw: visibleText(e.Raw), Cut: e.Truncated, Rule: shown(e.Rule)}
		if *left < len(e.Raw) {
			shortened = true
			if i > 0 {
				break
			}
			if len(e.Raw) > shortRaw {
				v.Raw, v.Cut = visibleText(excerpt(e.Raw, shortRaw)), true
			}
		} else {
			*left -= len(e.Raw)
		}
		h.Evidence = append(h.Evidence, v)
	}
	return h, shortened
}

// shown is a text of a log or a rule as a page shows it: on one line, and with what is not seen made visible.
func shown(s string) string { return visible(oneLine(s)) }

func allShown(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = shown(s)
	}
	return out
}

func joinWho(f *finding.Finding) string {
	return strings.Join(who(f, 1), " · ")
}

func optionalMillis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// inWords writes the width of a bar.
func inWords(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= u.unit && d%u.unit == 0 {
			if n := int(d / u.unit); n > 1 {
				return fmt.Sprintf("%d %ss", n, u.name)
			}
			return "a " + u.name
		}
	}
	return d.String()
}
