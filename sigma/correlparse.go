package sigma

import (
	"fmt"
	"math"
	"slices"
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
		if err := c.set(generate, "generate", generate); err != nil {
			return nil, err
		}
	}
	typed := false
	for k, v := range pairs(n) {
		if err := c.set(k, k.Value, v); err != nil {
			return nil, err
		}
		typed = typed || k.Value == "type"
	}
	if !typed {
		return nil, errAt(n, "a correlation needs a type: one of %s", strings.Join(correlationTypes[:], ", "))
	}
	if len(c.Rules) == 0 {
		c.Rules = namesIn(c.Expr) // an extended condition says which
	}
	if err := c.check(n); err != nil {
		return nil, err
	}
	return c, c.checkExpr(lookup(n, "condition"))
}

// set takes one key of the section, which stands at a node.
func (c *Correlation) set(at *yaml.Node, key string, v *yaml.Node) (err error) {
	switch key {
	case "type":
		return c.setType(v)
	case "rules":
		c.Rules, err = texts(v, "rules")
	case "group-by":
		c.GroupBy, err = texts(v, "group-by")
	case "generate":
		if c.Generate, err = boolean(v); err != nil {
			return errAt(v, "generate: %w", err)
		}
	case "timespan", "timeframe":
		if c.Timespan, err = parseTimespan(scalar(v)); err != nil {
			return errAt(v, "%w", err)
		}
	case "aliases":
		return c.setAliases(v)
	case "condition":
		return c.setCondition(v)
	default:
		return errAt(at, "correlation has no key %q%s", key, didYouMean(key, correlationKeys[:]))
	}
	return err
}

var correlationKeys = [...]string{ //nolint:gochecknoglobals // a constant table
	"type", "rules", "group-by", "generate", "timespan", "aliases", "condition",
}

// median is the percentile that a correlation without one computes.
const median = 50

// setType reads the type. The least and the greatest value, which the specification's JSON schema has types for, and the
// median, which pySigma has one for, are percentiles.
func (c *Correlation) setType(v *yaml.Node) error {
	if p, ok := map[string]float64{"value_min": 0, "value_median": median, "value_max": 100}[scalar(v)]; ok {
		c.Type = ValuePercentile
		return c.setPercentile(v, p)
	}
	for i, name := range correlationTypes {
		if name == scalar(v) {
			c.Type = CorrelationType(i)
			return nil
		}
	}
	return errAt(v, "there is no correlation type %q%s", v.Value, didYouMean(v.Value, correlationTypes[:]))
}

// setPercentile takes the percentile from the type or from the condition; one of them says it.
func (c *Correlation) setPercentile(v *yaml.Node, p float64) error {
	if c.Percentile >= 0 {
		return errAt(v, "value_min, value_median and value_max take no percentile; write type: value_percentile")
	}
	c.Percentile = p
	return nil
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
	return 0, fmt.Errorf("timespan %q is not a number followed by s, m, h, d, w, M or y", s)
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
			if of[rule.Value] = scalar(field); of[rule.Value] == "" {
				return errAt(field, "alias %q names no field for rule %q", k.Value, rule.Value)
			}
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
	ops := map[string]Op{"eq": Equal, "neq": NotEqual, "lt": Less, "lte": LessEqual, "gt": Greater, "gte": GreaterEqual}
	for k, v := range pairs(n) {
		switch k.Value {
		case "field":
			var err error
			if c.Fields, err = texts(v, "field"); err != nil {
				return err
			}
			continue
		case "percentile":
			p, err := strconv.ParseFloat(scalar(v), 64)
			if err != nil || !(p >= 0 && p <= 100) {
				return errAt(v, "percentile %q is no number from 0 to 100", v.Value)
			}
			if err := c.setPercentile(v, p); err != nil {
				return err
			}
			continue
		}
		op, ok := ops[k.Value]
		if !ok {
			return errAt(k, "the condition of a correlation has no key %q, only eq, neq, lt, lte, gt, gte, field and percentile", k.Value)
		}
		bound, err := strconv.ParseFloat(scalar(v), 64)
		if err != nil || math.IsNaN(bound) || math.IsInf(bound, 0) {
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
	case !temporal && c.Type != ValueCount && c.Type != EventCount && len(c.Fields) > 1:
		return errAt(n, "a correlation of type %s works over one field, not %d", c.Type, len(c.Fields))
	case c.Type == EventCount && len(c.Fields) > 0:
		return errAt(n, "event_count counts events; to count the values of a field use value_count")
	}
	switch {
	case c.Type != ValuePercentile:
		c.Percentile = 0
	case c.Percentile < 0:
		c.Percentile = median
	}
	return nil
}

// namesIn returns the rules that an extended condition names, each once.
func namesIn(condition string) []string {
	var out []string
	for _, word := range conditionTokens(condition) {
		switch strings.ToLower(word) {
		case "and", "or", "not", "(", ")", "|":
			continue
		}
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// checkExpr reports what is wrong with an extended condition: it must be one over the correlation's rules.
func (c *Correlation) checkExpr(at *yaml.Node) error {
	if c.Expr == "" {
		return nil
	}
	rules := map[string]Expr{}
	for _, name := range c.Rules {
		rules[name] = &Atom{}
	}
	if _, err := (&conditionParser{noun: "rule", names: c.Rules, selections: rules}).parse(c.Expr); err != nil {
		return errAt(at, "%w", err)
	}
	return nil
}
