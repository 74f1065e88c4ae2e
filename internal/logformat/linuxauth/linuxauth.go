// Package linuxauth reads what Linux hosts log of sign-ins and privileges, and any other syslog: RFC 3164 with its many
// dialects, rsyslog's ISO times, RFC 5424.
package linuxauth

import (
	"bytes"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/lines"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// Format is Linux authentication logs and syslog.
type Format struct{}

var _ logformat.Format = Format{}

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Classes, as indexes into info.Classes.
const (
	classOther = iota
	classSSHD
	classSudo
	classAuth
	classCron
)

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "linux-auth", Title: "Linux auth log and syslog",
	Fields: []logformat.Field{
		{Name: "time", Type: logformat.Time, Doc: "when it was logged, as it was written"},
		{Name: "host", Doc: "host that logged it"},
		{Name: "program", Doc: "program that logged it: sshd, sudo, CRON"},
		{Name: "pid", Type: logformat.Integer, Doc: "its process id"},
		{Name: "message", Doc: "the message"},
		{Name: "action", Doc: "what the message tells: failed_password, invalid_user, accepted, disconnect_preauth, max_attempts, session_opened, session_closed, auth_failure, sudo, sudo_denied, su, su_failed, user_added, user_deleted, group_added, group_member_added, password_changed, cron"},
		{Name: "user", Doc: "the account it is about"},
		{Name: "src_ip", Type: logformat.IP, Doc: "address of the other side"},
		{Name: "src_port", Type: logformat.Integer, Doc: "its port"},
		{Name: "rhost", Doc: "the other side, where it is given by name"},
		{Name: "ruser", Doc: "user that asked (su, PAM)"},
		{Name: "method", Doc: "how the user proved who they are: password, publickey"},
		{Name: "tty", Doc: "terminal"},
		{Name: "pwd", Doc: "sudo: working folder"},
		{Name: "runas", Doc: "sudo: account that the command runs as"},
		{Name: "command", Doc: "sudo, cron: the command"},
		{Name: "uid", Type: logformat.Integer, Doc: "useradd: id of the account"},
		{Name: "gid", Type: logformat.Integer, Doc: "useradd, groupadd: id of the group"},
		{Name: "group", Doc: "usermod, gpasswd, groupadd: the group"},
		{Name: "home", Doc: "useradd: home folder"},
		{Name: "shell", Doc: "useradd: shell"},
		{Name: "key_fingerprint", Doc: "sshd: fingerprint of the key"},
		{Name: "repeat", Type: logformat.Integer, Doc: "times that the message was repeated"},
	},
	Classes: []logformat.Class{
		classOther: {Name: "syslog", Sources: []logformat.Source{{Product: "linux", Service: "syslog"}, {Product: "linux"}}},
		classSSHD:  {Name: "sshd", Sources: []logformat.Source{{Product: "linux", Service: "sshd"}, {Product: "linux", Service: "auth"}, {Product: "linux", Service: "syslog"}}},
		classSudo:  {Name: "sudo", Sources: []logformat.Source{{Product: "linux", Service: "sudo"}, {Product: "linux", Service: "auth"}, {Product: "linux", Service: "syslog"}}},
		classAuth:  {Name: "auth", Sources: []logformat.Source{{Product: "linux", Service: "auth"}, {Product: "linux", Service: "syslog"}}},
		classCron:  {Name: "cron", Sources: []logformat.Source{{Product: "linux", Service: "cron"}, {Product: "linux", Service: "syslog"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"src_ip", "rhost"}},
		{Kind: logformat.Principal, Fields: []string{"user", "ruser"}},
		{Kind: logformat.Host, Fields: []string{"host"}},
	},
	Actor: []string{"src_ip", "rhost", "user", "host"},
	Needs: []string{"time"},
}

// Sniff recognises lines that begin with a syslog time, a host and a tag.
func (Format) Sniff(head []byte) int {
	good, all := 0, 0
	d := Format{}.decoder(logformat.NewPlan("time", "program"), logformat.File{})
	rec := event.NewRecord(2)
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
		if d.line(line, rec) == nil && rec.First(1) != nil {
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

// NewDecoder returns a decoder.
func (f Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := f.decoder(plan, file)
	d.parse = d.line
	return d
}

func (Format) decoder(plan *logformat.Plan, file logformat.File) *decoder {
	d := &decoder{zone: file.Zone, latest: file.ModTime}
	for i, name := range [...]string{
		"time", "host", "program", "pid", "message", "action", "user", "src_ip", "src_port", "rhost", "ruser", "method", "tty",
		"pwd", "runas", "command", "uid", "gid", "group", "home", "shell", "key_fingerprint", "repeat",
	} {
		d.slots[i] = plan.Slot(name)
	}
	return d
}

// Fields, as indexes into decoder.slots, in the order of the list in decoder.
const (
	fTime = iota
	fHost
	fProgram
	fPID
	fMessage
	fAction
	fUser
	fSrcIP
	fSrcPort
	fRhost
	fRuser
	fMethod
	fTTY
	fPwd
	fRunas
	fCommand
	fUID
	fGID
	fGroup
	fHome
	fShell
	fKey
	fRepeat
	fieldCount
)

type decoder struct {
	framer lines.Framer
	parse  func([]byte, *event.Record) error
	slots  [fieldCount]int
	zone   *time.Location
	latest time.Time // when the file was last written; zero if unknown

	day     [6]byte // the last month and day without a year that was read
	dayTime int64
}

// Next decodes one line.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	return d.framer.Next(buf, last, rec, d.parse)
}

func (d *decoder) set(rec *event.Record, field int, text []byte) {
	if s := d.slots[field]; s >= 0 && len(text) > 0 {
		rec.Set(s, text)
	}
}

var errShape = logformat.Errorf("not a syslog line: a time, a host and a program are expected")

// line takes a line's header apart and gives the message to what knows the program.
func (d *decoder) line(line []byte, rec *event.Record) error {
	rest := line
	if rest[0] == '<' {
		if i := bytes.IndexByte(rest[:min(len(rest), 6)], '>'); i > 1 {
			rest = rest[i+1:]
			if len(rest) > 2 && rest[0] == '1' && rest[1] == ' ' {
				return d.rfc5424(rest[2:], rec)
			}
		}
	}
	stamp, rest := header(rest)
	if stamp == nil {
		return errShape
	}
	d.set(rec, fTime, stamp)
	host, rest := word(rest)
	if n := len(host); n > 0 && (host[n-1] == ':' || bytes.IndexByte(host, '[') > 0) { // no host, the tag follows at once
		host, rest = nil, afterStamp(line, stamp)
	}
	d.set(rec, fHost, host)
	d.tagged(rest, rec)
	return nil
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
	if b[15] != ' ' {
		return nil, nil
	}
	if _, ok := timestamp.Month(b[:3]); !ok {
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
	d.set(rec, fTime, part[0])
	d.set(rec, fHost, part[1])
	if len(b) > 0 && b[0] == '[' {
		b = structured(b)
	} else if len(b) > 0 && b[0] == '-' {
		b = bytes.TrimPrefix(b[1:], []byte(" "))
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	d.program(part[2], part[3], b, rec)
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
	colon := bytes.Index(b, []byte(": "))
	if colon < 0 {
		if colon = len(b) - 1; colon < 0 || b[colon] != ':' {
			d.program(nil, nil, b, rec)
			return
		}
	}
	tag, msg := b[:colon], b[min(colon+2, len(b)):]
	var pid []byte
	if i := bytes.IndexByte(tag, '['); i > 0 && tag[len(tag)-1] == ']' {
		tag, pid = tag[:i], tag[i+1:len(tag)-1]
	}
	if bytes.IndexByte(tag, ' ') >= 0 {
		d.program(nil, nil, b, rec)
		return
	}
	d.program(tag, pid, msg, rec)
}

// program sets the record's class by the program and reads its message.
func (d *decoder) program(name, pid, msg []byte, rec *event.Record) {
	if i := bytes.IndexByte(name, '('); i > 0 { // sshd(pam_unix), an old way to name the PAM module
		name = name[:i]
	}
	if i := bytes.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	d.set(rec, fProgram, name)
	d.set(rec, fPID, pid)
	d.set(rec, fMessage, msg)
	switch string(name) {
	case "sshd", "sshd-session", "sshd-auth":
		rec.Class = classSSHD
		d.sshd(msg, rec)
	case "sudo":
		rec.Class = classSudo
		d.sudo(msg, rec)
	case "CRON", "cron", "crond":
		rec.Class = classCron
		d.cron(msg, rec)
	case "su", "su-l", "runuser", "login", "passwd", "chpasswd", "chage", "useradd", "userdel", "usermod", "groupadd", "groupdel",
		"gpasswd", "newusers", "polkitd", "pkexec", "systemd-logind", "gdm", "gdm-password", "vsftpd", "ftpd", "dovecot", "lightdm", "unix_chkpwd":
		rec.Class = classAuth
		d.account(string(name), msg, rec)
	default:
		if bytes.HasPrefix(msg, []byte("pam_")) || bytes.HasPrefix(msg, []byte("authentication failure")) {
			rec.Class = classAuth
			d.pam(msg, rec)
		}
	}
}

// Time returns a record's time. One without a year is the latest such time that is not a day after the file was last
// written; where that is unknown it is of 1970.
func (d *decoder) Time(rec *event.Record) (int64, bool) {
	b := rec.Text(d.slots[fTime])
	if len(b) < 15 {
		return 0, false
	}
	if b[0] >= '0' && b[0] <= '9' {
		return timestamp.DateTime(b, d.zone)
	}
	ns, _, ok := timestamp.Clock(b[7:15])
	if !ok {
		return 0, false
	}
	if len(b) == 20 {
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
