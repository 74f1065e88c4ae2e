package sigma

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var correlationTypes = [...]string{ //nolint:gochecknoglobals // a constant table
	"event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile",
}

func (t CorrelationType) String() string { return correlationTypes[t] }

// parseCorrelation reads a correlation section (Sigma correlation rules specification, "Correlation section").
func parseCorrelation(n, generate *yaml.Node) (*Correlation, error) {
	if n.Kind != yaml.MappingNode {
		return nil, errAt(n, "correlation is a map of type, rules, timespan and condition")
	}
	c := &Correlation{Timespan: -1, Percentile: -1}
	if generate != nil {
		c.Generate = strings.EqualFold(scalar(generate), "true")
	}
	typed := false
	for k, v := range pairs(n) {
		var err error
		switch k.Value {
		case "type":
			typed = true
			err = c.setType(v)
		case "rules":
			c.Rules = list(v)
		case "group-by":
			c.GroupBy = list(v)
		case "generate":
			c.Generate = strings.EqualFold(scalar(v), "true")
		case "timespan", "timeframe":
			if c.Timespan, err = parseTimespan(scalar(v)); err != nil {
				err = errAt(v, "%w", err)
			}
		case "aliases":
			err = c.setAliases(v)
		case "condition":
			err = c.setCondition(v)
		default:
			err = errAt(k, "correlation has no key %q", k.Value)
		}
		if err != nil {
			return nil, err
		}
	}
	if !typed {
		return nil, errAt(n, "a correlation needs a type")
	}
	return c, c.check(n)
}

func (c *Correlation) setType(v *yaml.Node) error {
	for i, name := range correlationTypes {
		if name == scalar(v) {
			c.Type = CorrelationType(i)
			return nil
		}
	}
	return errAt(v, "there is no correlation type %q%s", v.Value, didYouMean(v.Value, correlationTypes[:]))
}

// parseTimespan reads a number and s, m, h, d, w, M (30 days) or y (365 days).
func parseTimespan(s string) (time.Duration, error) {
	units := map[byte]time.Duration{
		's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
		'M': 30 * 24 * time.Hour, 'y': 365 * 24 * time.Hour,
	}
	if s != "" {
		n, err := strconv.ParseInt(s[:len(s)-1], 10, 32)
		if unit := units[s[len(s)-1]]; err == nil && unit > 0 && n > 0 && n < int64(math.MaxInt64/unit) {
			return time.Duration(n) * unit, nil
		}
	}
	return 0, fmt.Errorf("timespan %q is not a number followed by s, m, h or d", s)
}

func (c *Correlation) setAliases(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return errAt(n, "aliases is a map: alias → rule → field")
	}
	c.Aliases = map[string]map[string]string{}
	for k, v := range pairs(n) {
		if v.Kind != yaml.MappingNode {
			return errAt(v, "alias %q is a map: rule → field", k.Value)
		}
		of := map[string]string{}
		for rule, field := range pairs(v) {
			of[rule.Value] = scalar(field)
		}
		c.Aliases[k.Value] = of
	}
	return nil
}

func (c *Correlation) setCondition(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		if c.Expr = scalar(n); c.Expr == "" {
			return errAt(n, "the condition is empty")
		}
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return errAt(n, "the condition of a correlation is a map like gte: 10")
	}
	ops := map[string]Op{"eq": Equal, "lt": Less, "lte": LessEqual, "gt": Greater, "gte": GreaterEqual}
	for k, v := range pairs(n) {
		switch k.Value {
		case "field":
			c.Fields = list(v)
			continue
		case "percentile":
			p, err := strconv.ParseFloat(scalar(v), 64)
			if err != nil || !(p >= 0 && p <= 100) {
				return errAt(v, "percentile %q is no number from 0 to 100", v.Value)
			}
			c.Percentile = p
			continue
		}
		op, ok := ops[k.Value]
		if !ok {
			return errAt(k, "the condition of a correlation has no key %q", k.Value)
		}
		bound, err := strconv.ParseFloat(scalar(v), 64)
		if err != nil || math.IsNaN(bound) {
			return errAt(v, "%s: %q is no number", k.Value, v.Value)
		}
		c.Condition = append(c.Condition, Comparison{Op: op, Bound: bound})
	}
	return nil
}

// check reports what is missing.
func (c *Correlation) check(n *yaml.Node) error {
	temporal := c.Type == Temporal || c.Type == TemporalOrdered
	switch {
	case len(c.Rules) == 0:
		return errAt(n, "a correlation needs rules")
	case c.Timespan < 0:
		return errAt(n, "a correlation needs a timespan")
	case !temporal && c.Expr != "":
		return errAt(n, "only temporal correlations take a condition over rule names")
	case !temporal && len(c.Condition) == 0:
		return errAt(n, "a correlation of type %s needs a condition like gte: 10", c.Type)
	case !temporal && c.Type != EventCount && len(c.Fields) == 0:
		return errAt(n, "a correlation of type %s needs a field in its condition", c.Type)
	case c.Type == EventCount && len(c.Fields) > 0:
		return errAt(n, "event_count counts events; to count the values of a field use value_count")
	}
	if c.Type == ValuePercentile && c.Percentile < 0 {
		c.Percentile = 50
	}
	return nil
}
