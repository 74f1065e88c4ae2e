package sigma

import (
	"net/netip"
	"regexp"
)

// Expr is a rule's detection logic with all modifiers applied, identifiers resolved and wildcards split: what the parser
// makes and the matcher compiles.
type Expr interface{ expr() }

type (
	// And holds when all its operands hold; an empty And holds.
	And []Expr
	// Or holds when one of its operands holds; an empty Or does not.
	Or []Expr
	// Not holds when its operand does not.
	Not struct{ X Expr }
	// SameElement holds when all its items hold, and those that look into one array hold for one and the same element
	// of it. It is what a selection map with several fields becomes.
	SameElement []Expr
)

func (And) expr()         {}
func (Or) expr()          {}
func (Not) expr()         {}
func (SameElement) expr() {}
func (*Atom) expr()       {}

// Atom is one test of one field (or, as a keyword, of the whole event). It holds when one of the field's values passes.
type Atom struct {
	Field  string // as the rule writes it; "" is a keyword search
	Op     Op
	Cased  bool           // compare case-sensitively; otherwise Text and Glob are to be compared ignoring case
	Text   string         // Equal, Contains, StartsWith, EndsWith: a literal. FieldRef: the other field. Regexp: its source
	Glob   []Piece        // Glob
	Regexp *regexp.Regexp // Regexp, with its flags inside
	Number float64        // Less … GreaterEqual, NumberEqual, TimePart
	Net    netip.Prefix   // CIDR
	Part   TimePart       // TimePart: the part of the field's time that must equal Number (in UTC)
	RefOp  Op             // FieldRef: Equal, Contains, StartsWith or EndsWith
	Line   int            // where the rule says it
}

// Op is the test of an Atom.
type Op uint8

// The tests that an Atom can make.
const (
	Equal         Op = iota // the whole value is Text; "" is the empty string and never an absent field
	NumberEqual             // the value is a number equal to Number, or its text is Text (a rule's 80 matches 80, 80.0 and "80")
	Contains                // a keyword search is Contains with Field ""
	StartsWith              //
	EndsWith                //
	Glob                    // the whole value is matched by the pieces
	Regexp                  // a substring of the value is matched
	Less                    // Less … GreaterEqual: the value is a number (or text of one) that compares so
	LessEqual               //
	Greater                 //
	GreaterEqual            //
	CIDR                    // the value is an IP address in Net
	IsNull                  // the field is absent or null
	Exists                  // the field is there, be it null or empty
	FieldRef                // a value of this field compares by RefOp with a value of the field named Text
	TimePartEqual           // a part of the value, which is a time, equals Number
	NotEqual                // of a Comparison only: an Atom is negated by Not
)

// Piece is a part of a wildcard pattern: a literal, or '*' (Any), or '?' (One).
type Piece struct {
	Kind PieceKind
	Text string
}

// PieceKind tells the parts of a wildcard pattern apart.
type PieceKind uint8

// The parts of a wildcard pattern.
const (
	Literal PieceKind = iota
	Any               // any number of characters, none included
	One               // exactly one character
)

// TimePart is a part of a timestamp.
type TimePart uint8

// The parts of a timestamp that a rule can ask for.
const (
	Minute TimePart = iota
	Hour
	Day // of the month
	Week
	Month
	Year
)
