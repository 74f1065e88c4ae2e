// Package hostlog reads what the programs of a Linux host log of sign-ins, privileges and accounts: the messages of sshd,
// sudo, su, PAM, useradd and its kin, cron, login, vsftpd. However a message came, in a syslog line or from the journal, it
// is the same message.
package hostlog

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Classes, as indexes into what Classes returns.
const (
	classOther = iota
	classSSHD
	classSudo
	classAuth
	classCron
	classFTP
	classAntivirus
	classGuacamole
)

// Fields lists the fields of a message, after that of its time, which formats have each in their own way.
func Fields() []logformat.Field {
	return []logformat.Field{
		{Name: "host", Doc: "host that logged it"},
		{Name: "program", Doc: "program that logged it: sshd, sudo, CRON"},
		{Name: "pid", Type: logformat.Integer, Doc: "its process id"},
		{Name: "message", Doc: "the message"},
		{Name: "action", Doc: "what the message tells: failed_password, invalid_user, accepted, disconnect_preauth, max_attempts, no_identification, bad_protocol, session_opened, session_closed, logind_session, auth_failure, login, sudo, sudo_denied, su, su_failed, user_added, user_changed, user_deleted, user_locked, user_unlocked, group_added, group_changed, group_deleted, group_member_added, group_member_removed, password_changed, password_aging, cron, cron_edited"},
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
	}
}

// Classes lists the kinds of message by the program that logged them.
func Classes() []logformat.Class {
	services := func(names ...string) []logformat.Source {
		var list []logformat.Source
		for _, n := range append(names, "syslog") {
			list = append(list, logformat.Source{Product: "linux", Service: n})
		}
		return list
	}
	return []logformat.Class{
		classOther:     {Name: "syslog", Sources: services()},
		classSSHD:      {Name: "sshd", Sources: services("sshd", "auth")},
		classSudo:      {Name: "sudo", Sources: services("sudo", "auth")},
		classAuth:      {Name: "auth", Sources: services("auth")},
		classCron:      {Name: "cron", Sources: services("cron")},
		classFTP:       {Name: "vsftpd", Sources: services("vsftpd", "auth")},
		classAntivirus: {Name: "clamav", Sources: services("clamav")},
		classGuacamole: {Name: "guacamole", Sources: services("guacamole")},
	}
}

// Entities lists the fields that name what a message is about.
func Entities() []logformat.Entity {
	return []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"src_ip", "rhost"}},
		{Kind: logformat.Principal, Fields: []string{"user", "ruser"}},
		{Kind: logformat.Host, Fields: []string{"host"}},
	}
}

// Actor lists the fields of who did what a message tells.
func Actor() []string { return []string{"src_ip", "rhost", "user", "host"} }

// Fields, as indexes into Reader.slots, in the order of the list in NewReader.
const (
	fHost = iota
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

// Reader fills in the fields of messages. It keeps nothing from one to the next but what is yet to be read of the last.
type Reader struct {
	slots [fieldCount]int
	// patient says that who a message is about and where they came from may be left to Finish. Most messages match no rule,
	// and there are many of them where a host is on the internet.
	patient bool
	waiting details // of the message that was read last
}

// details is what is yet to be read of a message, and how.
type details struct {
	read reading
	text []byte
}

// reading is a method of Reader that fills in a record from a part of a message.
type reading func(r *Reader, text []byte, rec *event.Record)

// NewReader returns a reader that fills the plan's fields. Whoever reads with it has to be a logformat.Finisher.
func NewReader(plan *logformat.Plan) Reader {
	var r Reader
	for i, f := range Fields() {
		r.slots[i] = plan.Slot(f.Name)
	}
	r.patient = true
	for _, f := range [...]int{fUser, fSrcIP, fSrcPort, fRhost, fRuser, fMethod, fTTY, fKey} {
		r.patient = r.patient && (r.slots[f] < 0 || plan.Later(r.slots[f]))
	}
	return r
}

// details has the rest of a message read: now, or by Finish.
func (r *Reader) details(rec *event.Record, read reading, text []byte) {
	if r.patient {
		r.waiting = details{read, text}
		return
	}
	read(r, text, rec)
}

// Finish fills in what Read left out of the record.
func (r *Reader) Finish(rec *event.Record) {
	if w := r.waiting; w.read != nil {
		r.waiting = details{}
		w.read(r, w.text, rec)
	}
}

func (r *Reader) set(rec *event.Record, field int, text []byte) {
	if s := r.slots[field]; s >= 0 && len(text) > 0 {
		rec.Set(s, text)
	}
}

func (r *Reader) action(rec *event.Record, a action) {
	if s := r.slots[fAction]; s >= 0 {
		rec.Set(s, actions[a])
	}
}

// Host sets the host that logged a message.
func (r *Reader) Host(name []byte, rec *event.Record) { r.set(rec, fHost, name) }

// Read sets the record's class by the program that logged a message, and reads the message.
func (r *Reader) Read(name, pid, msg []byte, rec *event.Record) {
	r.waiting = details{}
	name = plain(name)
	r.set(rec, fProgram, name)
	r.set(rec, fPID, pid)
	r.set(rec, fMessage, msg)
	switch string(name) {
	case "sshd", "sshd-session", "sshd-auth":
		rec.Class = classSSHD
		r.sshd(msg, rec)
	case "sudo":
		rec.Class = classSudo
		r.sudo(msg, rec)
	case "CRON", "cron", "crond", "CROND", "crontab", "anacron", "fcron", "run-crons":
		rec.Class = classCron
		r.cron(msg, rec)
	case "su", "su-l", "runuser", "login", "passwd", "chpasswd", "chage", "useradd", "userdel", "usermod", "groupadd", "groupdel",
		"gpasswd", "newusers", "polkitd", "pkexec", "systemd-logind", "gdm", "gdm-password", "ftpd", "dovecot", "lightdm", "unix_chkpwd":
		rec.Class = classAuth
		r.account(string(name), msg, rec)
	case "vsftpd":
		rec.Class = classFTP
		r.ftp(msg, rec)
	case "clamd", "clamav", "clamscan", "clamav-daemon", "clamonacc", "freshclam":
		rec.Class = classAntivirus
	case "guacd", "guacamole":
		rec.Class = classGuacamole
	default:
		if begins(msg, "pam_") || begins(msg, "authentication failure") {
			rec.Class = classAuth
			r.pam(msg, rec)
		}
	}
}

// plain returns a program's name without its folder and without a PAM module, as "sshd(pam_unix)" has it in old logs.
func plain(name []byte) []byte {
	from := 0
	for i, c := range name {
		switch {
		case c == '/':
			from = i + 1
		case c == '(' && name[0] != '(':
			return name[from:i]
		}
	}
	return name[from:]
}

// begins is bytes.HasPrefix for a prefix that stands in the code, is not empty and differs from what is there in its first
// byte nearly always.
func begins(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && b[0] == prefix[0] && string(b[:len(prefix)]) == prefix
}

// cut is bytes.CutPrefix likewise.
func cut(b []byte, prefix string) (rest []byte, found bool) {
	if !begins(b, prefix) {
		return b, false
	}
	return b[len(prefix):], true
}

// cutEnd is bytes.CutSuffix likewise.
func cutEnd(b []byte, suffix string) (before []byte, found bool) {
	n := len(b) - len(suffix)
	if n < 0 || string(b[n:]) != suffix {
		return b, false
	}
	return b[:n], true
}

// word cuts the first word off.
func word(b []byte) (first, rest []byte) {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}
