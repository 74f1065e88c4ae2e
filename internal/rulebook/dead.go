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

// Dead returns the detection rules that no format can match: none provides the log source, or none that does has any field
// the rule asks for.
func (b *Book) Dead(formats []logformat.Format) []Dead {
	var out []Dead
	for _, r := range b.Set.Rules {
		if r.Detection == nil {
			continue
		}
		if reason := dead(r, formats); reason != "" {
			out = append(out, Dead{r, reason})
		}
	}
	return out
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
