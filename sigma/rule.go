package sigma

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// Rule is one Sigma document: a detection rule, a correlation or a filter.
type Rule struct {
	Title, ID, Name, Status, Description, License, Author, Date, Modified, Taxonomy string

	References, FalsePositives, Fields, Tags, Scope []string

	Related   []Related
	Level     Level
	LogSource LogSource

	// One of the three is set.
	Detection   *Detection
	Correlation *Correlation
	Filter      *Filter

	Custom map[string]yaml.Node // keys that the specification does not know
	File   string
	Line   int // where the document begins in File
}

// Related names another rule and how this one relates to it.
type Related struct{ ID, Type string }

// Level is a rule's level of severity.
type Level uint8

// The levels of the Sigma specification, lowest first.
const (
	Informational Level = iota // also what a rule without a level counts as
	Low
	Medium
	High
	Critical
)

// LogSource says which logs a rule is for; an empty field restricts nothing.
type LogSource struct{ Category, Product, Service, Definition string }

// Applies reports whether a rule with log source l is for logs of the source s.
func (l LogSource) Applies(s LogSource) bool {
	return (l.Category == "" || l.Category == s.Category) &&
		(l.Product == "" || l.Product == s.Product) &&
		(l.Service == "" || l.Service == s.Service)
}

// Detection is the logic of a detection rule.
type Detection struct {
	Expr Expr
	// Conditions are the rule's condition expressions as written; more than one are alternatives.
	Conditions []string
}

// Filter is a filter document: its Detection narrows the rules that it names.
type Filter struct {
	Rules     []string // ids or names
	Any       bool     // applies to every rule of its log source
	Detection *Detection
}

// Correlation is the logic of a correlation rule.
type Correlation struct {
	Type     CorrelationType
	Rules    []string // ids or names of the rules whose matches are correlated
	Generate bool     // those rules also report by themselves
	GroupBy  []string
	Timespan time.Duration
	Aliases  map[string]map[string]string // alias → rule name or id → field
	// Condition: all comparisons must hold. For temporal types it is empty, meaning that every rule must have matched,
	// or compares the number of different rules that matched.
	Condition  []Comparison
	Fields     []string // value_count, value_sum, …: the fields counted or summed
	Percentile float64  // value_percentile: which, 0 to 100
	Expr       string   // extended temporal condition over rule names ("a and not b"), where given
}

// CorrelationType says what a correlation rule computes over the matches of one group within its timespan.
type CorrelationType uint8

// The types of the correlation rules specification.
const (
	EventCount CorrelationType = iota
	ValueCount
	Temporal
	TemporalOrdered
	ValueSum
	ValueAvg
	ValuePercentile
)

// Comparison compares what a correlation computed with a bound.
type Comparison struct {
	Op    Op // Equal, NotEqual, Less, LessEqual, Greater or GreaterEqual
	Bound float64
}

// ParseError says where and why a document is no usable rule.
type ParseError struct {
	File string
	Line int
	Err  error
	// Unsupported: the document is well formed and asks for what can't be had here (a placeholder without a value).
	Unsupported bool
}

func (e *ParseError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }
func (e *ParseError) Unwrap() error { return e.Err }
