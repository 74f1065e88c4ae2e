package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// visible makes a text safe to show on a terminal: what would move the cursor, change colours, turn the direction of
// writing or is otherwise not seen is written as an escape (\x1b, \u202e), and bytes that are not UTF-8 as \xff.
func visible(s string) string { return escaped(s, false) }

// visibleText is visible for a text of several lines, whose line ends and tabs stay.
func visibleText(s string) string { return escaped(s, true) }

func escaped(s string, lines bool) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] >= 0x20 && s[i] < 0x7f
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == ' ', unicode.IsGraphic(r) && !unicode.Is(unicode.Zs, r), lines && (r == '\n' || r == '\t'):
			b.WriteRune(r)
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	return b.String()
}

// oneLine makes each run of white space one space.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// columns is how many columns of a terminal a text takes.
func columns(s string) int { return ansi.StringWidth(s) }

// cut shortens a text to so many columns.
func cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(s, width, "…")
}

// cutMiddle shortens a text to so many columns from its middle, as is right for paths and ARNs, whose ends tell most.
func cutMiddle(s string, width int) string {
	have := columns(s)
	if have <= width {
		return s
	}
	if width < 5 {
		return cut(s, width)
	}
	head := (width - 1) / 2
	tail := width - 1 - head
	return ansi.Truncate(s, head, "") + "…" + ansi.TruncateLeft(s, have-tail, "")
}

// wrap breaks a text into lines of at most so many columns, at spaces where there are any.
func wrap(s string, width int) []string {
	width = max(width, 10)
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		n := columns(word)
		if used > 0 && used+1+n > width {
			lines = append(lines, line)
			line, used = "", 0
		}
		for n > width { // a word of its own line, and longer than one
			head := ansi.Truncate(word, width, "")
			lines = append(lines, head)
			word = word[len(head):]
			n = columns(word)
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += n
	}
	return append(lines, line)
}

// pad fills a text up to so many columns.
func pad(s string, width int) string {
	if n := width - columns(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}

// grouped writes a number with its thousands apart: 1,234,567.
func grouped[T int | int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural writes a number of things: "1 finding", "2 findings".
func plural[T int | int64](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}
