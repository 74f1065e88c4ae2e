package linuxauth

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// sudo reads "USER : [problem ; ]TTY=… ; PWD=… ; USER=… ; COMMAND=…" (sudo's logging.c).
func (d *decoder) sudo(msg []byte, rec *event.Record) {
	i := bytes.Index(msg, []byte(" : "))
	if i < 0 || bytes.HasPrefix(bytes.TrimSpace(msg), []byte("pam_")) {
		d.pam(bytes.TrimSpace(msg), rec)
		return
	}
	d.set(rec, fUser, bytes.TrimSpace(msg[:i]))
	rest := msg[i+3:]
	denied := false
	for len(rest) > 0 {
		var part []byte
		if bytes.HasPrefix(rest, []byte("COMMAND=")) {
			d.set(rec, fCommand, rest[len("COMMAND="):])
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
			d.set(rec, fTTY, value)
		case "PWD":
			d.set(rec, fPwd, value)
		case "USER":
			d.set(rec, fRunas, value)
		case "GROUP":
			d.set(rec, fGroup, value)
		}
	}
	if denied {
		d.action(rec, "sudo_denied")
	} else {
		d.action(rec, "sudo")
	}
}

// cron reads "(USER) CMD (command)".
func (d *decoder) cron(msg []byte, rec *event.Record) {
	if len(msg) == 0 || msg[0] != '(' {
		d.pam(msg, rec)
		return
	}
	d.action(rec, "cron")
	user, rest, ok := bytes.Cut(msg[1:], []byte(") "))
	if !ok {
		return
	}
	d.set(rec, fUser, user)
	if i := bytes.IndexByte(rest, '('); i >= 0 {
		d.set(rec, fCommand, bytes.TrimSuffix(rest[i+1:], []byte(")")))
	}
}

// account reads the messages of the programs that manage accounts and switch between them.
func (d *decoder) account(program string, msg []byte, rec *event.Record) {
	switch {
	case bytes.HasPrefix(msg, []byte("pam_")), bytes.HasPrefix(msg, []byte("authentication failure")), bytes.HasPrefix(msg, []byte("session ")):
		d.pam(msg, rec)
	case bytes.HasPrefix(msg, []byte("new user: ")):
		d.action(rec, "user_added")
		d.list(msg[len("new user: "):], fUser, rec)
	case bytes.HasPrefix(msg, []byte("new group: ")):
		d.action(rec, "group_added")
		d.list(msg[len("new group: "):], fGroup, rec)
	case bytes.HasPrefix(msg, []byte("delete user ")):
		d.action(rec, "user_deleted")
		d.set(rec, fUser, bytes.Trim(msg[len("delete user "):], "'`‘’"))
	case bytes.HasPrefix(msg, []byte("add ")) && bytes.Contains(msg, []byte(" to group ")), bytes.HasPrefix(msg, []byte("user ")) && bytes.Contains(msg, []byte(" added by ")):
		d.member(msg, rec)
	case bytes.HasPrefix(msg, []byte("password for ")), bytes.HasPrefix(msg, []byte("password changed")):
		d.action(rec, "password_changed")
	case program == "su" || program == "su-l":
		d.su(msg, rec)
	case bytes.HasPrefix(msg, []byte("FAILED LOGIN")):
		d.action(rec, "auth_failure")
	}
}

// list reads "name=…, UID=…, GID=…, home=…, shell=…".
func (d *decoder) list(b []byte, name int, rec *event.Record) {
	for len(b) > 0 {
		part, rest, _ := bytes.Cut(b, []byte(", "))
		b = rest
		key, value, _ := bytes.Cut(part, []byte("="))
		switch string(key) {
		case "name":
			d.set(rec, name, value)
		case "UID":
			d.set(rec, fUID, value)
		case "GID":
			d.set(rec, fGID, value)
		case "home":
			d.set(rec, fHome, value)
		case "shell":
			d.set(rec, fShell, value)
		}
	}
}

// member reads usermod's "add 'USER' to group 'GROUP'" and gpasswd's "user USER added by X to group GROUP".
func (d *decoder) member(msg []byte, rec *event.Record) {
	d.action(rec, "group_member_added")
	_, rest := word(msg)
	user, _ := word(rest)
	d.set(rec, fUser, bytes.Trim(user, "'"))
	if i := bytes.LastIndex(msg, []byte(" group ")); i > 0 {
		d.set(rec, fGroup, bytes.Trim(msg[i+7:], "'"))
	}
}

// su reads "(to USER) BY on TTY", "Successful su for USER by BY", "FAILED SU (to USER) BY on TTY".
func (d *decoder) su(msg []byte, rec *event.Record) {
	failed := bytes.HasPrefix(msg, []byte("FAILED "))
	if failed {
		d.action(rec, "su_failed")
	} else {
		d.action(rec, "su")
	}
	if i := bytes.Index(msg, []byte("(to ")); i >= 0 {
		user, rest, ok := bytes.Cut(msg[i+4:], []byte(") "))
		if ok {
			d.set(rec, fUser, user)
			by, _ := word(rest)
			d.set(rec, fRuser, by)
		}
		return
	}
	if i := bytes.Index(msg, []byte("su for ")); i >= 0 {
		user, rest := word(msg[i+7:])
		d.set(rec, fUser, user)
		if by, ok := bytes.CutPrefix(rest, []byte("by ")); ok {
			d.set(rec, fRuser, by)
		}
	}
}
