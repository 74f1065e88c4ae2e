package sigma

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// attribute takes one of the keys that describe a rule (Sigma rules specification, "Components").
func (r *Rule) attribute(k, v *yaml.Node) error {
	if t := r.text(k.Value); t != nil {
		if v.Kind != yaml.ScalarNode {
			return errAt(v, "%s is a text", k.Value)
		}
		*t = scalar(v)
		return nil
	}
	switch k.Value {
	case "references":
		r.References = list(v)
	case "falsepositives":
		r.FalsePositives = list(v)
	case "fields":
		r.Fields = list(v)
	case "tags":
		r.Tags = list(v)
	case "scope":
		r.Scope = list(v)
	case "level":
		return parseLevel(v, &r.Level)
	case "logsource":
		return parseLogSource(v, &r.LogSource)
	case "related":
		return parseRelated(v, &r.Related)
	case "generate": // of a correlation
	default:
		if r.Custom == nil {
			r.Custom = map[string]yaml.Node{}
		}
		r.Custom[k.Value] = *v
	}
	return nil
}

// text returns where the text of a key goes; nil if the key has none.
func (r *Rule) text(key string) *string {
	switch key {
	case "title":
		return &r.Title
	case "id":
		return &r.ID
	case "name":
		return &r.Name
	case "status":
		return &r.Status
	case "description":
		return &r.Description
	case "license":
		return &r.License
	case "author":
		return &r.Author
	case "date":
		return &r.Date
	case "modified":
		return &r.Modified
	case "taxonomy":
		return &r.Taxonomy
	}
	return nil
}

func parseLevel(n *yaml.Node, into *Level) error {
	if isNull(n) {
		return nil
	}
	for l, name := range levelNames {
		if strings.EqualFold(name, scalar(n)) {
			*into = Level(l)
			return nil
		}
	}
	return errAt(n, "level %q is none of %s", n.Value, strings.Join(levelNames[:], ", "))
}

func parseLogSource(n *yaml.Node, into *LogSource) error {
	if n.Kind != yaml.MappingNode {
		return errAt(n, "logsource is a map of category, product and service")
	}
	for k, v := range pairs(n) {
		switch k.Value {
		case "category", "product", "service", "definition":
			if v.Kind != yaml.ScalarNode {
				return errAt(v, "%s of a logsource is a text", k.Value)
			}
		}
	}
	*into = LogSource{
		Category: strings.ToLower(scalar(lookup(n, "category"))), Product: strings.ToLower(scalar(lookup(n, "product"))),
		Service: strings.ToLower(scalar(lookup(n, "service"))), Definition: scalar(lookup(n, "definition")),
	}
	return nil
}

func (l LogSource) empty() bool { return l.Category == "" && l.Product == "" && l.Service == "" }

func parseRelated(n *yaml.Node, into *[]Related) error {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return errAt(n, "related is a list of maps with id and type")
	}
	for _, c := range n.Content {
		r := Related{ID: scalar(lookup(c, "id")), Type: scalar(lookup(c, "type"))}
		if r.ID == "" {
			return errAt(c, "related is a list of maps with id and type")
		}
		*into = append(*into, r)
	}
	return nil
}

var levelNames = [...]string{"informational", "low", "medium", "high", "critical"} //nolint:gochecknoglobals // a constant table

func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return "unknown"
}
