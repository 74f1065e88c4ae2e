// Package linuxauth reads what Linux hosts log of sign-ins and privileges, and any other syslog: RFC 3164 with its many
// dialects, rsyslog's ISO times, RFC 5424.
package linuxauth

import (
	"bytes"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/hostlog"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Linux authentication logs and syslog.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Finisher = (*decoder)(nil)
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "linux-auth", Title: "Linux auth log and syslog",
	Fields: append([]logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when it was logged, as it was written"},
	}, hostlog.Fields()...),
	Classes:  hostlog.Classes(),
	Entities: hostlog.Entities(),
	Actor:    hostlog.Actor(),
	Needs:    []string{"time"},
}

// Sniff recognises lines that begin with a syslog time, a host and a tag.
func (Format) Sniff(head []byte) int {
	good, all := 0, 0
	d := Format{}.decoder(logformat.NewPlan("time", "program", "host"), logformat.File{})
	rec := event.NewRecord(3)
	for line := range bytes.Lines(head) {
		if all == 20 {
			break
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		all++
		rec.Reset()
		rec.Raw = line
		if d.line(line, rec) == nil && rec.First(1) != nil && !level(rec.Text(2)) {
			if _, ok := d.Time(rec); ok {
				good++
			}
		}
	}
	if good*2 <= all {
		return 0
	}
	return 80
}

// level reports whether what stands in a host's place is a level: the log of some other program.
func level(host []byte) bool {
	switch string(bytes.ToUpper(host)) {
	case "TRACE", "SUBDEBUG", "DDEBUG", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL":
		return true
	}
	return false
}

// NewDecoder returns a decoder.
func (f Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := f.decoder(plan, file)
	d.parse = d.line
	return d
}

func (Format) decoder(plan *logformat.Plan, file logformat.File) *decoder {
	return &decoder{zone: file.Zone, latest: file.ModTime, time: plan.Slot("time"), reader: hostlog.NewReader(plan)}
}

type decoder struct {
	framer lines.Framer
	parse  func([]byte, *event.Record) error
	time   int // slot
	reader hostlog.Reader
	zone   *time.Location
	latest time.Time // when the file was last written; zero if unknown

	day     [6]byte // the last month and day without a year that was read
	dayTime int64
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.parse)
}

func (d *decoder) stamp(text []byte, rec *event.Record) {
	if d.time >= 0 && len(text) > 0 {
		rec.Set(d.time, text)
	}
}

var errShape = logformat.Errorf("not a syslog line: a time, a host and a program are expected")

// line takes a line's header apart and gives the message to what knows the program.
func (d *decoder) line(line []byte, rec *event.Record) error {
	if line[0] == '-' && bytes.HasPrefix(line, []byte("-- ")) { // journalctl's own lines: "-- Boot 3f… --", "-- No entries --"
		return logformat.ErrSkip
	}
	rest := line
	if rest[0] == '<' {
		if i := bytes.IndexByte(rest[:min(len(rest), 6)], '>'); i > 1 {
			rest = rest[i+1:]
			if len(rest) > 2 && rest[0] == '1' && rest[1] == ' ' {
				return d.rfc5424(rest[2:], rec)
			}
		}
	}
	if stamp, rest, ok := ctime(rest); ok {
		return d.own(stamp, rest, rec)
	}
	stamp, rest := header(rest)
	if stamp == nil {
		return errShape
	}
	d.stamp(stamp, rec)
	host, rest := word(rest)
	if n := len(host); n > 0 && (host[n-1] == ':' || bytes.IndexByte(host, '[') > 0) { // no host, the tag follows at once
		host, rest = nil, afterStamp(line, stamp)
	}
	d.reader.Host(host, rec)
	d.tagged(rest, rec)
	return nil
}

// ctime cuts off a time in the form of C's ctime, "Mon Jan  2 15:04:05 2006 ", without its day of the week.
func ctime(b []byte) (stamp, rest []byte, ok bool) {
	const width = len("Mon Jan  2 15:04:05 2006")
	if len(b) <= width || b[3] != ' ' || b[7] != ' ' || b[10] != ' ' || b[13] != ':' || b[19] != ' ' || b[20] != '2' || b[width] != ' ' {
		return nil, nil, false
	}
	if _, ok := timestamp.Month(b[4:7]); !ok {
		return nil, nil, false
	}
	return b[4:width], b[width+1:], true
}

// own reads the logs that two programs write by themselves: vsftpd ("[pid 3] [ann] OK LOGIN: …") and clamd ("-> …").
func (d *decoder) own(stamp, rest []byte, rec *event.Record) error {
	if msg, ok := bytes.CutPrefix(rest, []byte("-> ")); ok {
		d.stamp(stamp, rec)
		d.reader.Read([]byte("clamd"), nil, msg, rec)
		return nil
	}
	if after, ok := bytes.CutPrefix(rest, []byte("[pid ")); ok {
		if pid, msg, ok := bytes.Cut(after, []byte("] ")); ok {
			d.stamp(stamp, rec)
			d.reader.Read([]byte("vsftpd"), pid, msg, rec)
			return nil
		}
	}
	return errShape
}

// afterStamp returns what follows the time in a line.
func afterStamp(line, stamp []byte) []byte {
	i := bytes.Index(line, stamp) + len(stamp)
	return bytes.TrimLeft(line[i:], " ")
}

// header cuts the time off: "Jan  2 15:04:05", with a year before or behind the day's time in some dialects, or ISO 8601.
func header(b []byte) (stamp, rest []byte) {
	if len(b) < 16 {
		return nil, nil
	}
	if b[0] >= '0' && b[0] <= '9' {
		i := bytes.IndexByte(b, ' ')
		if i < 19 {
			return nil, nil
		}
		if _, ok := timestamp.RFC3339(b[:i]); !ok {
			return nil, nil
		}
		return b[:i], b[i+1:]
	}
	if b[3] != ' ' || b[6] != ' ' || b[9] != ':' || b[12] != ':' {
		return nil, nil
	}
	if _, ok := timestamp.Month(b[:3]); !ok {
		return nil, nil
	}
	if b[15] == '.' { // a fraction, as journalctl -o short-precise has it
		if i := bytes.IndexByte(b[16:], ' '); i > 0 && i <= 9 {
			return b[:16+i], b[17+i:]
		}
	}
	if b[15] != ' ' {
		return nil, nil
	}
	rest = b[16:]
	if len(rest) > 5 && rest[0] == '2' && rest[1] == '0' && rest[4] == ' ' { // Jan  2 15:04:05 2006
		return b[:20], rest[5:]
	}
	return b[:15], rest
}

// rfc5424 takes TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG apart (RFC 5424, section 6).
func (d *decoder) rfc5424(b []byte, rec *event.Record) error {
	var part [5][]byte
	for i := range part {
		part[i], b = word(b)
		if len(part[i]) == 1 && part[i][0] == '-' {
			part[i] = nil
		}
	}
	if _, ok := timestamp.RFC3339(part[0]); !ok && part[0] != nil {
		return errShape
	}
	d.stamp(part[0], rec)
	d.reader.Host(part[1], rec)
	if len(b) > 0 && b[0] == '[' {
		b = structured(b)
	} else if len(b) > 0 && b[0] == '-' {
		b = bytes.TrimPrefix(b[1:], []byte(" "))
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	d.reader.Read(part[2], part[3], b, rec)
	return nil
}

// structured returns what follows the structured data.
func structured(b []byte) []byte {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case ']':
			if !quoted && (i+1 == len(b) || b[i+1] != '[') {
				return bytes.TrimPrefix(b[i+1:], []byte(" "))
			}
		}
	}
	return nil
}

// tagged takes "program[pid]: message" apart.
func (d *decoder) tagged(b []byte, rec *event.Record) {
	tag, msg, ok := cutTag(b)
	if !ok {
		d.reader.Read(nil, nil, b, rec)
		return
	}
	var pid []byte
	if n := len(tag); n > 0 && tag[n-1] == ']' {
		if i := bytes.IndexByte(tag, '['); i > 0 {
			tag, pid = tag[:i], tag[i+1:n-1]
		}
	}
	if bytes.IndexByte(tag, ' ') >= 0 {
		d.reader.Read(nil, nil, b, rec)
		return
	}
	d.reader.Read(tag, pid, msg, rec)
}

// cutTag cuts off what stands before a colon and a space. Nearly always it is the first word.
func cutTag(b []byte) (tag, msg []byte, ok bool) {
	end := bytes.IndexByte(b, ' ')
	if end <= 0 || b[end-1] != ':' {
		end = bytes.Index(b, []byte(": ")) + 1
	}
	if end <= 0 {
		if end = len(b); end == 0 || b[end-1] != ':' {
			return nil, nil, false
		}
	}
	return b[:end-1], b[min(end+1, len(b)):], true
}

// Finish fills in what may wait.
func (d *decoder) Finish(rec *event.Record) { d.reader.Finish(rec) }

// Time returns a record's time. One without a year is the latest such time that is not a day after the file was last
// written; where that is unknown it is of 1970.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	b := rec.Text(d.time)
	if len(b) < 15 {
		return 0, false
	}
	if b[0] >= '0' && b[0] <= '9' {
		return timestamp.DateTime(b, d.zone)
	}
	ns, rest, ok := timestamp.Clock(b[7:])
	if !ok {
		return 0, false
	}
	if len(rest) == 5 {
		day, ok := d.dayOf(b, year4(b[16:]))
		return timestamp.Local(day+ns, d.zone), ok
	}
	if string(d.day[:]) != string(b[:6]) {
		day, ok := d.yearless(b)
		if !ok {
			return 0, false
		}
		copy(d.day[:], b)
		d.dayTime = day
	}
	return timestamp.Local(d.dayTime+ns, d.zone), true
}

func year4(b []byte) int {
	y := 0
	for _, c := range b[:4] {
		y = y*10 + int(c-'0')
	}
	return y
}

func (d *decoder) dayOf(b []byte, year int) (int64, bool) {
	m, ok := timestamp.Month(b)
	day := int(b[5] - '0')
	if b[4] != ' ' {
		day += 10 * int(b[4]-'0')
	}
	if !ok || day < 1 || day > 31 || b[5] < '0' || b[5] > '9' {
		return 0, false
	}
	return timestamp.DayOf(year, m, day), true
}

func (d *decoder) yearless(b []byte) (int64, bool) {
	if d.latest.IsZero() {
		return d.dayOf(b, 1970)
	}
	bound := d.latest.Add(24 * time.Hour)
	ns, ok := d.dayOf(b, bound.Year())
	if ok && ns > bound.UnixNano() {
		ns, ok = d.dayOf(b, bound.Year()-1)
	}
	return ns, ok
}

// word cuts the first word off.
func word(b []byte) (first, rest []byte) {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}
