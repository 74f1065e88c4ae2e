package sigma

import (
	"strconv"
	"time"
	"unsafe"
)

// parseNumber reads a decimal number: an optional sign, digits with an optional point, an optional exponent. Unlike
// strconv.ParseFloat it takes no hexadecimal, no "inf" and no "nan", and nothing is allocated for a text that is none.
func parseNumber(b []byte) (float64, bool) {
	const maxDigits = 400
	if len(b) == 0 || len(b) > maxDigits || !isDecimal(b) {
		return 0, false
	}
	if len(b) <= 15 {
		var n int64
		for _, c := range b {
			if c < '0' || c > '9' {
				n = -1
				break
			}
			n = n*10 + int64(c-'0')
		}
		if n >= 0 {
			return float64(n), true
		}
	}
	f, err := strconv.ParseFloat(unsafe.String(&b[0], len(b)), 64) //nolint:gosec // the text is not kept: an error that has it is dropped
	return f, err == nil
}

func isDecimal(b []byte) bool {
	i := 0
	run := func() int {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i - from
	}
	if b[0] == '+' || b[0] == '-' {
		i++
	}
	digits := run()
	if i < len(b) && b[i] == '.' {
		i++
		digits += run()
	}
	if digits == 0 {
		return false
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if run() == 0 {
			return false
		}
	}
	return i == len(b)
}

// parseTime reads a point in time: "2006-01-02T15:04:05.999Z" (RFC 3339) and its relatives (a space for the T, slashes in
// the date, a zone without colon or none, which means UTC, no seconds, the date alone), "02/Jan/2006:15:04:05 -0700" (the
// Common Log Format), and seconds since 1970, or milli-, micro- or nanoseconds if the number is too large for those.
func parseTime(b []byte) (time.Time, bool) {
	if n, ok := parseNumber(b); ok {
		return epoch(n)
	}
	c := clock{b: b, ok: true}
	if len(b) > 3 && (b[2] == '/' && b[3] > '9') {
		c.clf()
	} else {
		c.iso()
	}
	if !c.ok || len(c.b) > 0 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || c.hour > 24 || c.minute > 59 ||
		c.second > 60 {
		return time.Time{}, false
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, time.UTC)
	if t.Day() != c.day && c.hour < 24 && c.second < 60 { // 31 February
		return time.Time{}, false
	}
	return t.Add(-time.Duration(c.zone) * time.Minute), true
}

// epoch returns the time of a number of seconds since 1970, or of smaller units if as seconds it would lie past the year
// 5138.
func epoch(n float64) (time.Time, bool) {
	const past = 1e11
	if n < 0 || n >= past*1e9 {
		return time.Time{}, false
	}
	for n >= past {
		n /= 1000
	}
	return time.Unix(int64(n), 0).UTC(), true
}

// clock reads a time from the start of b.
type clock struct {
	b                                      []byte
	ok                                     bool
	year, month, day, hour, minute, second int
	zone                                   int // minutes east of UTC
}

func (c *clock) iso() {
	c.year = c.digits(4)
	sep := c.one("-/")
	c.month = c.digits(2)
	if c.one("-/") != sep {
		c.ok = false
	}
	c.day = c.digits(2)
	if len(c.b) == 0 {
		return
	}
	c.one("Tt ")
	c.time()
}

func (c *clock) clf() {
	c.day = c.digits(2)
	c.one("/")
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	if !c.ok || len(c.b) < 3 {
		c.ok = false
		return
	}
	for m := range 12 {
		if equalLower(c.b[:3], []byte(names[3*m:3*m+3])) {
			c.month = m + 1
		}
	}
	c.b = c.b[3:]
	c.one("/")
	c.year = c.digits(4)
	c.one(":")
	c.time()
}

func (c *clock) time() {
	c.hour = c.digits(2)
	c.one(":")
	c.minute = c.digits(2)
	if c.peek(':') {
		c.one(":")
		c.second = c.digits(2)
		if c.peek('.') || c.peek(',') {
			c.one(".,")
			c.digits(1)
			for c.ok && len(c.b) > 0 && c.b[0] >= '0' && c.b[0] <= '9' {
				c.b = c.b[1:]
			}
		}
	}
	if len(c.b) > 1 && c.b[0] == ' ' {
		c.b = c.b[1:]
	}
	switch {
	case len(c.b) == 0:
	case len(c.b) == 1:
		c.one("Zz")
	case string(c.b) == "UTC" || string(c.b) == "GMT":
		c.b = nil
	default:
		sign := 1
		if c.one("+-") == '-' {
			sign = -1
		}
		c.zone = 60 * c.digits(2)
		if c.peek(':') {
			c.one(":")
		}
		if len(c.b) > 0 {
			c.zone += c.digits(2)
		}
		c.zone *= sign
	}
}

func (c *clock) peek(b byte) bool { return len(c.b) > 0 && c.b[0] == b }

// one takes one byte out of set.
func (c *clock) one(set string) byte {
	if c.ok && len(c.b) > 0 {
		for i := range len(set) {
			if b := c.b[0]; b == set[i] {
				c.b = c.b[1:]
				return b
			}
		}
	}
	c.ok = false
	return 0
}

// digits takes n digits.
func (c *clock) digits(n int) int {
	if !c.ok || len(c.b) < n {
		c.ok = false
		return 0
	}
	v := 0
	for _, d := range c.b[:n] {
		if d < '0' || d > '9' {
			c.ok = false
			return 0
		}
		v = v*10 + int(d-'0')
	}
	c.b = c.b[n:]
	return v
}

// partOf returns a part of a time in UTC. A week is that of ISO 8601.
func partOf(t time.Time, p TimePart) int {
	switch p {
	case Minute:
		return t.Minute()
	case Hour:
		return t.Hour()
	case Day:
		return t.Day()
	case Week:
		_, week := t.ISOWeek()
		return week
	case Month:
		return int(t.Month())
	default:
		return t.Year()
	}
}
