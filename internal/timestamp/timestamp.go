// Package timestamp reads the times that logs write, without allocating. Every function returns nanoseconds since
// 1970-01-01 UTC, and false for what is not such a time. Years from 1678 to 2261 fit.
package timestamp

import "time"

// RFC3339 reads 2006-01-02T15:04:05Z, with any number of digits of a second's fraction and with Z or an offset (RFC 3339,
// section 5.6). A space or an underscore may stand for the T, as ISO 8601 dialects have it, and the offset may lack its
// colon. Without an offset the time is UTC.
func RFC3339(b []byte) (int64, bool) {
	day, rest, ok := date(b)
	if !ok || len(rest) == 0 || rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ' && rest[0] != '_' {
		return 0, false
	}
	ns, rest, ok := clock(rest[1:])
	if !ok {
		return 0, false
	}
	off, ok := zone(rest)
	return day + ns - off, ok
}

// DateTime reads 2006-01-02 15:04:05 with an optional fraction, at the place loc unless it names an offset itself; nil is UTC.
func DateTime(b []byte, loc *time.Location) (int64, bool) {
	ns, ok := RFC3339(b)
	if !ok || loc == nil || loc == time.UTC || hasZone(b) {
		return ns, ok
	}
	return Local(ns, loc), true
}

// Local takes a time that was read as if it were UTC for a time at the place loc.
func Local(ns int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC {
		return ns
	}
	t := time.Unix(0, ns).UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc).UnixNano()
}

func hasZone(b []byte) bool {
	if len(b) < 19 {
		return false
	}
	for _, c := range b[19:] {
		if c == 'Z' || c == 'z' || c == '+' || c == '-' {
			return true
		}
	}
	return false
}

// CLF reads the NCSA common log format's 02/Jan/2006:15:04:05 +0000.
func CLF(b []byte) (int64, bool) {
	if len(b) < 26 || b[2] != '/' || b[6] != '/' || b[11] != ':' || b[20] != ' ' {
		return 0, false
	}
	d, ok1 := two(b[0], b[1])
	m, ok2 := Month(b[3:6])
	y, ok3 := four(b[7], b[8], b[9], b[10])
	ns, rest, ok4 := clock(b[12:20])
	off, ok5 := zone(b[21:26])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || len(rest) != 0 || len(b) > 26 || d < 1 || d > daysIn(y, m) {
		return 0, false
	}
	return DayOf(y, m, d) + ns - off, true
}

// Epoch reads a count since 1970 in seconds, milliseconds, microseconds or nanoseconds, told apart by its size: what would
// be a second after the year 5138 is taken for a smaller unit. Seconds may have a fraction.
func Epoch(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 32 {
		return 0, false
	}
	var n, frac int64
	i := 0
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		if n > (1<<63-10)/10 {
			return 0, false
		}
		n = n*10 + int64(b[i]-'0')
	}
	if i == 0 {
		return 0, false
	}
	unit := int64(time.Second)
	for n >= 100_000_000_000 && unit > 1 && n/(int64(time.Second)/unit) >= 100_000_000_000 {
		unit /= 1000
	}
	if i < len(b) {
		if b[i] != '.' {
			return 0, false
		}
		scale := unit
		for i++; i < len(b); i++ {
			if b[i] < '0' || b[i] > '9' {
				return 0, false
			}
			scale /= 10
			frac += int64(b[i]-'0') * scale
		}
	}
	if n > (1<<63-1-frac)/unit {
		return 0, false
	}
	return n*unit + frac, true
}

// Any reads whatever of the above it is.
func Any(b []byte) (int64, bool) {
	if ns, ok := RFC3339(b); ok {
		return ns, true
	}
	if ns, ok := Epoch(b); ok {
		return ns, true
	}
	if ns, ok := CLF(b); ok {
		return ns, true
	}
	if day, rest, ok := date(b); ok && len(rest) == 0 {
		return day, true
	}
	return 0, false
}

// Date reads 2006-01-02 and returns its first nanosecond and what follows.
func Date(b []byte) (ns int64, rest []byte, ok bool) { return date(b) }

// Clock reads 15:04:05 with an optional fraction, and returns it since midnight and what follows.
func Clock(b []byte) (ns int64, rest []byte, ok bool) { return clock(b) }

func date(b []byte) (int64, []byte, bool) {
	if len(b) < 10 || (b[4] != '-' && b[4] != '/') || b[7] != b[4] {
		return 0, nil, false
	}
	y, ok1 := four(b[0], b[1], b[2], b[3])
	m, ok2 := two(b[5], b[6])
	d, ok3 := two(b[8], b[9])
	if !ok1 || !ok2 || !ok3 || y < 1678 || y > 2261 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, nil, false
	}
	return DayOf(y, m, d), b[10:], true
}

func clock(b []byte) (int64, []byte, bool) {
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return 0, nil, false
	}
	h, ok1 := two(b[0], b[1])
	m, ok2 := two(b[3], b[4])
	s, ok3 := two(b[6], b[7])
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 60 { // 60: a leap second
		return 0, nil, false
	}
	ns := int64(h*3600+m*60+s) * int64(time.Second)
	b = b[8:]
	if len(b) > 1 && (b[0] == '.' || b[0] == ',') && isDigit(b[1]) {
		scale := int64(time.Second)
		i := 1
		for ; i < len(b) && isDigit(b[i]); i++ {
			scale /= 10
			ns += int64(b[i]-'0') * scale
		}
		b = b[i:]
	}
	return ns, b, true
}

// zone reads Z, ±hh:mm, ±hhmm, ±hh, a leading space allowed, or nothing, and returns the offset east of UTC.
func zone(b []byte) (int64, bool) {
	if len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	if len(b) == 0 || len(b) == 1 && (b[0] == 'Z' || b[0] == 'z') || string(b) == "UTC" || string(b) == "GMT" {
		return 0, true
	}
	if b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	var h, m int
	ok1, ok2 := false, true
	switch {
	case len(b) == 6 && b[3] == ':':
		h, ok1 = two(b[1], b[2])
		m, ok2 = two(b[4], b[5])
	case len(b) == 5:
		h, ok1 = two(b[1], b[2])
		m, ok2 = two(b[3], b[4])
	case len(b) == 3:
		h, ok1 = two(b[1], b[2])
	}
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, false
	}
	off := int64(h*60+m) * int64(time.Minute)
	if b[0] == '-' {
		off = -off
	}
	return off, true
}

// DayOf returns the first nanosecond of a day of the Gregorian calendar. The algorithm counts days from 1 March of year 0,
// so that the leap day is a year's last (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil).
func DayOf(y, m, d int) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int64(era*146097+doe-719468) * int64(24*time.Hour)
}

// Month reads Jan to Dec.
func Month(b []byte) (int, bool) {
	if len(b) < 3 {
		return 0, false
	}
	switch string(b[:3]) {
	case "Jan":
		return 1, true
	case "Feb":
		return 2, true
	case "Mar":
		return 3, true
	case "Apr":
		return 4, true
	case "May":
		return 5, true
	case "Jun":
		return 6, true
	case "Jul":
		return 7, true
	case "Aug":
		return 8, true
	case "Sep":
		return 9, true
	case "Oct":
		return 10, true
	case "Nov":
		return 11, true
	case "Dec":
		return 12, true
	}
	return 0, false
}

func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// two reads a number of two digits.
func two(tens, ones byte) (int, bool) {
	return 10*int(tens-'0') + int(ones-'0'), isDigit(tens) && isDigit(ones)
}

// four reads a number of four digits.
func four(a, b, c, d byte) (int, bool) {
	high, ok1 := two(a, b)
	low, ok2 := two(c, d)
	return 100*high + low, ok1 && ok2
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
