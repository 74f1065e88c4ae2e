package rulebook

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

// Dead is a rule that can match no log.
type Dead struct {
	Rule   *sigma.Rule
	Reason string
}

// Dead returns the rules that no format can match: none provides the log source, or none that does has the fields that the
// rule asks for. A correlation can't match if one of the rules that it needs can't, or if no record of such a rule can have
// the fields that it groups by and counts.
func (b *Book) Dead(formats []logformat.Format) []Dead {
	d := &deadness{book: b, formats: formats, known: map[*sigma.Rule]string{}}
	var out []Dead
	for _, r := range b.Set.Rules {
		if reason := d.of(r); reason != "" {
			out = append(out, Dead{r, reason})
		}
	}
	return out
}

// deadness finds out why rules can't match, each once.
type deadness struct {
	book    *Book
	formats []logformat.Format
	known   map[*sigma.Rule]string
}

func (d *deadness) of(r *sigma.Rule) string {
	reason, ok := d.known[r]
	switch {
	case ok:
	case r.Detection != nil:
		reason = dead(r, d.formats)
	default:
		reason = d.correlation(r)
	}
	d.known[r] = reason
	return reason
}

// correlation says why a correlation can't match, "" if it can.
func (d *deadness) correlation(r *sigma.Rule) string {
	c := r.Correlation
	needsAll := (c.Type == sigma.Temporal || c.Type == sigma.TemporalOrdered) && c.Expr == "" && len(c.Condition) == 0
	reason := ""
	for _, name := range c.Rules {
		base := d.book.Set.Lookup(name)
		why := ""
		if d.of(base) != "" {
			why = fmt.Sprintf("its rule %q can't match", base.Title)
		} else if lacks := d.lackingFields(c, base); len(lacks) > 0 {
			why = fmt.Sprintf("what its rule %q matches has no field %s", base.Title, strings.Join(lacks, ", "))
		}
		if why == "" && !needsAll {
			return ""
		}
		if reason == "" {
			reason = why
		}
	}
	return reason
}

// lackingFields returns the fields that a correlation wants of a rule and that no record which it matches can have.
func (d *deadness) lackingFields(c *sigma.Correlation, base *sigma.Rule) []string {
	var lacks []string
	for _, field := range append(slices.Clone(c.GroupBy), c.Fields...) {
		if name := unaliased(c, base, field); !d.provides(base, name) {
			lacks = append(lacks, name)
		}
	}
	return unique(lacks)
}

// unaliased returns what a field of a correlation is called in one of its rules.
func unaliased(c *sigma.Correlation, base *sigma.Rule, field string) string {
	for _, name := range []string{base.Name, base.ID} {
		if alias := c.Aliases[field][name]; name != "" && alias != "" {
			return alias
		}
	}
	return field
}

// provides reports whether some format has a field for a rule; for a correlation, whether one of its rules can give it.
func (d *deadness) provides(r *sigma.Rule, field string) bool {
	if r.Correlation != nil {
		return slices.ContainsFunc(r.Correlation.Rules, func(name string) bool {
			base := d.book.Set.Lookup(name)
			return d.provides(base, unaliased(r.Correlation, base, field))
		})
	}
	for _, f := range d.formats {
		info := f.Info()
		for i := range info.Classes {
			for _, a := range detect.Assign(&info.Classes[i], sigma.LogSource{}, []*sigma.Rule{r}) {
				if _, ok := detect.Native(info, a.Source, field); ok {
					return true
				}
			}
		}
	}
	return false
}

func dead(r *sigma.Rule, formats []logformat.Format) string {
	provided := false
	var missing []string
	for _, f := range formats {
		info := f.Info()
		for i := range info.Classes {
			for _, a := range detect.Assign(&info.Classes[i], sigma.LogSource{}, []*sigma.Rule{r}) {
				provided = true
				lacks := lacking(info, a.Source, r.Detection.Expr)
				if len(lacks) == 0 {
					return ""
				}
				if missing == nil || len(lacks) < len(missing) {
					missing = lacks
				}
			}
		}
	}
	if !provided {
		return "no format provides its log source (" + sourceText(r.LogSource) + ")"
	}
	return "no format has its fields " + strings.Join(missing, ", ")
}

func sourceText(l sigma.LogSource) string {
	var parts []string
	for _, p := range [][2]string{{"product", l.Product}, {"service", l.Service}, {"category", l.Category}} {
		if p[1] != "" {
			parts = append(parts, p[0]+": "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}

// lacking returns the fields without which the expression cannot hold for records of the format; none if it can.
func lacking(info *logformat.Info, s *logformat.Source, e sigma.Expr) []string {
	switch e := e.(type) {
	case *sigma.Atom:
		if e.Field == "" || e.Op == sigma.IsNull {
			return nil
		}
		if _, ok := detect.Native(info, s, e.Field); !ok {
			return []string{e.Field}
		}
	case sigma.And:
		return lackingAny(info, s, e)
	case sigma.SameElement:
		return lackingAny(info, s, e)
	case sigma.Or:
		var all []string
		for _, x := range e {
			lacks := lacking(info, s, x)
			if len(lacks) == 0 {
				return nil
			}
			all = append(all, lacks...)
		}
		return unique(all)
	}
	return nil
}

func lackingAny(info *logformat.Info, s *logformat.Source, xs []sigma.Expr) []string {
	var all []string
	for _, x := range xs {
		all = append(all, lacking(info, s, x)...)
	}
	return unique(all)
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// Source returns the text of the file that a rule stands in.
func (b *Book) Source(r *sigma.Rule) ([]byte, error) {
	for _, f := range b.folders {
		if name, ok := strings.CutPrefix(r.File, path.Clean(f.Name)+"/"); ok || f.Name == "" {
			if f.Name == "" {
				name = r.File
			}
			if data, err := fs.ReadFile(f.FS, name); err == nil {
				return data, nil
			}
		}
	}
	return nil, fmt.Errorf("the file %s is not there any more", r.File)
}
