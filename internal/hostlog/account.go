package hostlog

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// pam reads the messages of PAM modules: "pam_unix(sshd:auth): authentication failure; … rhost=ADDRESS user=NAME".
func (r *Reader) pam(msg []byte, rec *event.Record) {
	body := msg
	if begins(msg, "pam_") {
		if i := colon(msg); i > 0 {
			body = msg[i+2:]
		}
	}
	switch {
	case begins(body, "authentication failure"), begins(body, "PAM ") && bytes.Contains(body, []byte("authentication failure")):
		r.action(rec, authFailure)
		r.details(rec, (*Reader).pairs, body)
	case begins(body, "session opened for user "):
		r.action(rec, sessionOpened)
		r.details(rec, (*Reader).sessionUser, body[len("session opened for user "):])
	case begins(body, "session closed for user "):
		r.action(rec, sessionClosed)
		r.details(rec, (*Reader).sessionUser, body[len("session closed for user "):])
	case begins(body, "password changed for "):
		r.action(rec, passwordChanged)
		r.set(rec, fUser, body[len("password changed for "):])
	}
}

// colon returns where the first ": " is, -1 if there is none. Nearly always it ends the first word.
func colon(b []byte) int {
	if i := bytes.IndexByte(b, ' '); i > 0 && b[i-1] == ':' {
		return i - 1
	}
	return bytes.Index(b, []byte(": "))
}

func (r *Reader) sessionUser(b []byte, rec *event.Record) {
	name, rest := word(b)
	if i := bytes.IndexByte(name, '('); i > 0 {
		name = name[:i]
	}
	r.set(rec, fUser, name)
	if by, ok := cut(rest, "by "); ok {
		if i := bytes.IndexByte(by, '('); i > 0 {
			r.set(rec, fRuser, by[:i])
		}
	}
}

// pairs reads the key=value pairs of an authentication failure.
func (r *Reader) pairs(b []byte, rec *event.Record) {
	for _, f := range [...]struct {
		key   string
		field int
	}{{" rhost=", fRhost}, {" user=", fUser}, {" ruser=", fRuser}, {" tty=", fTTY}} {
		i := bytes.LastIndex(b, []byte(f.key))
		if i < 0 {
			continue
		}
		v, _ := word(b[i+len(f.key):])
		switch {
		case len(v) == 0:
		case f.field == fRhost:
			r.peer(v, rec)
		default:
			r.set(rec, f.field, v)
		}
	}
}

// sudo reads "USER : [problem ; ]TTY=… ; PWD=… ; USER=… ; COMMAND=…" (sudo's logging.c).
func (r *Reader) sudo(msg []byte, rec *event.Record) {
	i := bytes.Index(msg, []byte(" : "))
	if i < 0 || bytes.HasPrefix(bytes.TrimSpace(msg), []byte("pam_")) {
		r.pam(bytes.TrimSpace(msg), rec)
		return
	}
	r.set(rec, fUser, bytes.TrimSpace(msg[:i]))
	rest := msg[i+3:]
	denied := false
	for len(rest) > 0 {
		var part []byte
		if begins(rest, "COMMAND=") {
			r.set(rec, fCommand, rest[len("COMMAND="):])
			break
		}
		if i := bytes.Index(rest, []byte(" ; ")); i >= 0 {
			part, rest = rest[:i], rest[i+3:]
		} else {
			part, rest = rest, nil
		}
		key, value, ok := bytes.Cut(part, []byte("="))
		if !ok {
			denied = true
			continue
		}
		switch string(key) {
		case "TTY":
			r.set(rec, fTTY, value)
		case "PWD":
			r.set(rec, fPwd, value)
		case "USER":
			r.set(rec, fRunas, value)
		case "GROUP":
			r.set(rec, fGroup, value)
		}
	}
	if denied {
		r.action(rec, sudoDenied)
	} else {
		r.action(rec, sudoRun)
	}
}

// cron reads "(USER) CMD (command)", and crontab's "(USER) REPLACE (USER)".
func (r *Reader) cron(msg []byte, rec *event.Record) {
	if len(msg) == 0 || msg[0] != '(' {
		r.pam(msg, rec)
		return
	}
	user, rest, ok := bytes.Cut(msg[1:], []byte(") "))
	if !ok {
		return
	}
	r.set(rec, fUser, user)
	switch verb, _ := word(rest); string(verb) {
	case "CMD":
		r.action(rec, cronRun)
	case "REPLACE", "DELETE", "END": // END EDIT
		r.action(rec, cronEdited)
		return
	default:
		return
	}
	if i := bytes.IndexByte(rest, '('); i >= 0 {
		r.set(rec, fCommand, bytes.TrimSuffix(rest[i+1:], []byte(")")))
	}
}

// account reads the messages of the programs that manage accounts and switch between them.
func (r *Reader) account(program string, msg []byte, rec *event.Record) {
	if begins(msg, "pam_") || begins(msg, "authentication failure") || begins(msg, "session ") {
		r.pam(msg, rec)
		return
	}
	switch program {
	case "su", "su-l":
		r.su(msg, rec)
		return
	case "login":
		r.login(msg, rec)
		return
	case "systemd-logind":
		if i := bytes.Index(msg, []byte(" of user ")); i > 0 && begins(msg, "New session ") {
			r.action(rec, logindSession)
			user, _ := word(msg[i+len(" of user "):])
			r.set(rec, fUser, bytes.TrimSuffix(user, []byte(".")))
		}
		return
	}
	r.shadow(msg, rec)
}

// shadow reads the messages of the shadow suite (useradd.c, usermod.c, gpasswd.c, passwd.c, chage.c of its source). Names
// are in quotes in some of them.
func (r *Reader) shadow(msg []byte, rec *event.Record) {
	for _, m := range [...]struct {
		prefix, within string // the message begins with the one and holds the other
		action         action
		field          int // of what stands between the two; -1: the message has pairs of which name= is this one
		pairs          int
	}{
		{prefix: "new user: ", action: userAdded, field: -1, pairs: fUser},
		{prefix: "new group: ", action: groupAdded, field: -1, pairs: fGroup},
		{prefix: "delete user ", action: userDeleted, field: fUser},
		{prefix: "group ", within: " removed", action: groupDeleted, field: fGroup},
		{prefix: "removed group ", within: " owned by ", action: groupDeleted, field: fGroup},
		{prefix: "change user ", within: " password", action: passwordChanged, field: fUser},
		{prefix: "change user ", within: " ", action: userChanged, field: fUser},
		{prefix: "change group ", within: " ", action: groupChanged, field: fGroup},
		{prefix: "lock user ", within: " password", action: userLocked, field: fUser},
		{prefix: "unlock user ", within: " password", action: userUnlocked, field: fUser},
		{prefix: "password for ", within: " changed", action: passwordChanged, field: fUser},
		{prefix: "changed password expiry for ", action: passwordAging, field: fUser},
	} {
		rest, ok := bytes.CutPrefix(msg, []byte(m.prefix))
		if !ok {
			continue
		}
		if m.field < 0 {
			r.action(rec, m.action)
			r.list(rest, m.pairs, rec)
			return
		}
		name := rest
		if m.within != "" {
			i := bytes.Index(rest, []byte(m.within))
			if i <= 0 {
				continue
			}
			name = rest[:i]
		}
		r.action(rec, m.action)
		r.set(rec, m.field, unquoted(name))
		if by, ok := bytes.CutPrefix(rest[len(name):], []byte(" changed by ")); ok {
			r.set(rec, fRuser, unquoted(by))
		}
		return
	}
	r.member(msg, rec)
}

func unquoted(name []byte) []byte { return bytes.Trim(name, "'`\"‘’") }

// login reads "FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure", and "ROOT LOGIN on '/dev/tty1'".
func (r *Reader) login(msg []byte, rec *event.Record) {
	if begins(msg, "ROOT LOGIN") {
		r.action(rec, login)
		r.set(rec, fUser, []byte("root"))
		return
	}
	if !begins(msg, "FAILED LOGIN") {
		return
	}
	r.action(rec, authFailure)
	if _, rest, ok := bytes.Cut(msg, []byte(" FOR ")); ok {
		if i := bytes.LastIndex(rest, []byte(", ")); i > 0 {
			rest = rest[:i]
		}
		r.set(rec, fUser, unquoted(rest))
	}
}

// ftp reads vsftpd's `[USER] FAIL LOGIN: Client "ADDRESS"` (vsftpd's logging.c).
func (r *Reader) ftp(msg []byte, rec *event.Record) {
	if begins(msg, "pam_") {
		r.pam(msg, rec)
		return
	}
	i := bytes.LastIndex(msg, []byte(`Client "`))
	if i < 0 {
		return
	}
	rest := msg[i+len(`Client "`):]
	if end := bytes.IndexByte(rest, '"'); end >= 0 {
		r.peer(bytes.TrimPrefix(rest[:end], []byte("::ffff:")), rec)
	}
	if user, verb, ok := bytes.Cut(msg[:i], []byte("] ")); ok && msg[0] == '[' {
		r.set(rec, fUser, user[1:])
		switch {
		case begins(verb, "FAIL LOGIN"):
			r.action(rec, authFailure)
		case begins(verb, "OK LOGIN"):
			r.action(rec, login)
		}
	}
}

// list reads "name=…, UID=…, GID=…, home=…, shell=…".
func (r *Reader) list(b []byte, name int, rec *event.Record) {
	for len(b) > 0 {
		part, rest, _ := bytes.Cut(b, []byte(", "))
		b = rest
		key, value, _ := bytes.Cut(part, []byte("="))
		switch string(key) {
		case "name":
			r.set(rec, name, value)
		case "UID":
			r.set(rec, fUID, value)
		case "GID":
			r.set(rec, fGID, value)
		case "home":
			r.set(rec, fHome, value)
		case "shell":
			r.set(rec, fShell, value)
		}
	}
}

// member reads usermod's "add 'USER' to group 'GROUP'" and gpasswd's "user USER added by X to group GROUP", and the same
// of those who leave one.
func (r *Reader) member(msg []byte, rec *event.Record) {
	verb, rest := word(msg)
	user, rest := word(rest)
	switch string(verb) {
	case "add":
		r.action(rec, memberAdded)
	case "delete":
		r.action(rec, memberRemoved)
	case "user":
		switch {
		case begins(rest, "added by "):
			r.action(rec, memberAdded)
		case begins(rest, "removed by "):
			r.action(rec, memberRemoved)
		default:
			return
		}
	default:
		return
	}
	r.set(rec, fUser, unquoted(user))
	if i := bytes.LastIndex(msg, []byte(" group ")); i > 0 {
		r.set(rec, fGroup, unquoted(msg[i+len(" group "):]))
	}
}

// su reads "(to USER) BY on TTY" of util-linux, "Successful su for USER by BY" of the shadow suite, and the same with
// FAILED before it. The latter's second message, "+ TTY BY:USER", says nothing new.
func (r *Reader) su(msg []byte, rec *event.Record) {
	action := suRun
	if begins(msg, "FAILED ") {
		action = suFailed
	}
	if i := bytes.Index(msg, []byte("(to ")); i >= 0 {
		if user, rest, ok := bytes.Cut(msg[i+len("(to "):], []byte(") ")); ok {
			r.action(rec, action)
			r.set(rec, fUser, user)
			by, _ := word(rest)
			r.set(rec, fRuser, by)
		}
		return
	}
	if i := bytes.Index(msg, []byte("su for ")); i >= 0 {
		user, rest := word(msg[i+len("su for "):])
		r.action(rec, action)
		r.set(rec, fUser, user)
		if by, ok := cut(rest, "by "); ok {
			r.set(rec, fRuser, by)
		}
	}
}
