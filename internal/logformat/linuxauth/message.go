package linuxauth

import (
	"bytes"
	"net/netip"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// Messages hold names that strangers choose: a user name may contain " from 192.0.2.1 port 22". So the address is read from
// the end of a message, where only the program writes.

func (d *decoder) action(rec *event.Record, name string) {
	if s := d.slots[fAction]; s >= 0 {
		rec.Set(s, actions[name])
	}
}

// actions are the texts of the field action.
var actions = func() map[string][]byte { //nolint:gochecknoglobals // a constant table
	m := map[string][]byte{}
	for _, a := range []string{
		"failed_password", "invalid_user", "accepted", "disconnect_preauth", "max_attempts", "session_opened", "session_closed",
		"auth_failure", "sudo", "sudo_denied", "su", "su_failed", "user_added", "user_deleted", "group_added",
		"group_member_added", "password_changed", "cron", "no_identification",
	} {
		m[a] = []byte(a)
	}
	return m
}()

// sshd reads OpenSSH's messages (auth.c, auth2.c, session.c, packet.c of its source).
func (d *decoder) sshd(msg []byte, rec *event.Record) {
	if rest, ok := bytes.CutPrefix(msg, []byte("message repeated ")); ok {
		n, rest := word(rest)
		d.set(rec, fRepeat, n)
		if rest, ok = bytes.CutPrefix(rest, []byte("times: [ ")); ok {
			msg = bytes.TrimSuffix(rest, []byte("]"))
		}
	}
	msg = bytes.TrimPrefix(msg, []byte("error: "))
	if len(msg) == 0 {
		return
	}
	switch msg[0] {
	case 'F':
		if rest, ok := bytes.CutPrefix(msg, []byte("Failed ")); ok {
			d.attempt("failed_password", rest, rec)
		}
	case 'A':
		if rest, ok := bytes.CutPrefix(msg, []byte("Accepted ")); ok {
			d.attempt("accepted", rest, rec)
		}
	case 'I':
		if rest, ok := cutEither(msg, "Invalid user ", "Illegal user "); ok {
			d.action(rec, "invalid_user")
			d.userFrom(rest, rec)
		}
	case 'i':
		if rest, ok := bytes.CutPrefix(msg, []byte("input_userauth_request: invalid user ")); ok {
			d.action(rec, "invalid_user")
			d.set(rec, fUser, bytes.TrimSuffix(rest, []byte(" [preauth]")))
		}
	case 'C', 'D', 'R':
		d.disconnect(msg, rec)
	case 'm':
		if rest, ok := bytes.CutPrefix(msg, []byte("maximum authentication attempts exceeded for ")); ok {
			d.action(rec, "max_attempts")
			rest = bytes.TrimSuffix(bytes.TrimSuffix(rest, []byte(" [preauth]")), []byte(" ssh2"))
			d.userFrom(bytes.TrimPrefix(rest, []byte("invalid user ")), rec)
		}
	case 'U':
		if rest, ok := bytes.CutPrefix(msg, []byte("User ")); ok {
			if i := bytes.LastIndex(rest, []byte(" not allowed because ")); i > 0 {
				d.action(rec, "auth_failure")
				d.userFrom(rest[:i], rec)
			}
		}
	default:
		d.pam(msg, rec)
	}
}

func cutEither(msg []byte, a, b string) ([]byte, bool) {
	if rest, ok := bytes.CutPrefix(msg, []byte(a)); ok {
		return rest, true
	}
	return bytes.CutPrefix(msg, []byte(b))
}

// attempt reads "METHOD for [invalid user ]USER from ADDRESS port N ssh2[: key]".
func (d *decoder) attempt(action string, b []byte, rec *event.Record) {
	method, rest := word(b)
	rest, ok := bytes.CutPrefix(rest, []byte("for "))
	if !ok {
		return
	}
	d.action(rec, action)
	d.set(rec, fMethod, method)
	if i := bytes.LastIndex(rest, []byte(" ssh2: ")); i > 0 {
		if _, key := word(rest[i+7:]); key != nil {
			d.set(rec, fKey, key)
		}
		rest = rest[:i]
	}
	rest = bytes.TrimSuffix(rest, []byte(" ssh2"))
	rest = bytes.TrimSuffix(rest, []byte(" ssh1"))
	for _, p := range [...]string{"invalid user ", "illegal user "} {
		rest = bytes.TrimPrefix(rest, []byte(p))
	}
	d.userFrom(rest, rec)
}

// userFrom reads "USER from ADDRESS[ port N]" from its end.
func (d *decoder) userFrom(b []byte, rec *event.Record) {
	rest, port := cutPort(b)
	if port == nil {
		rest = b
	}
	d.set(rec, fSrcPort, port)
	i := bytes.LastIndex(rest, []byte(" from "))
	switch {
	case i >= 0:
		d.set(rec, fUser, rest[:i])
		d.peer(rest[i+6:], rec)
	case bytes.HasPrefix(rest, []byte("from ")): // an empty name
		d.peer(rest[5:], rec)
	default:
		d.set(rec, fUser, rest)
	}
}

// cutPort cuts " port N" off the end.
func cutPort(b []byte) (rest, port []byte) {
	i := bytes.LastIndexByte(b, ' ')
	if i < 5 || string(b[i-5:i]) != " port" {
		return b, nil
	}
	return b[:i-5], b[i+1:]
}

// peer takes the other side for an address or a name.
func (d *decoder) peer(b []byte, rec *event.Record) {
	b = bytes.TrimSuffix(b, []byte(":"))
	if isAddr(b) {
		d.set(rec, fSrcIP, b)
	} else {
		d.set(rec, fRhost, b)
	}
}

func isAddr(b []byte) bool {
	if len(b) < 2 || len(b) > 45 {
		return false
	}
	digits := true
	for _, c := range b {
		digits = digits && (c >= '0' && c <= '9' || c == '.')
	}
	if digits {
		return bytes.Count(b, []byte(".")) == 3
	}
	if bytes.IndexByte(b, ':') < 0 {
		return false
	}
	_, err := netip.ParseAddr(string(b))
	return err == nil
}

// disconnect reads the messages about connections that end, of which those before authentication count.
func (d *decoder) disconnect(msg []byte, rec *event.Record) {
	preauth := bytes.HasSuffix(msg, []byte(" [preauth]"))
	rest := bytes.TrimSuffix(msg, []byte(" [preauth]"))
	if after, ok := bytes.CutPrefix(rest, []byte("Did not receive identification string from ")); ok {
		d.action(rec, "no_identification")
		addr, port := cutPort(after)
		d.set(rec, fSrcPort, port)
		d.peer(addr, rec)
		return
	}
	for _, p := range [...]string{"Connection closed by ", "Connection reset by ", "Disconnected from ", "Disconnecting ", "Received disconnect from "} {
		after, ok := bytes.CutPrefix(rest, []byte(p))
		if !ok {
			continue
		}
		if preauth {
			d.action(rec, "disconnect_preauth")
		}
		if i := bytes.Index(after, []byte(": ")); i > 0 && p[0] != 'C' {
			after = after[:i]
		}
		if i := bytes.LastIndex(after, []byte(":1")); i > 0 && p[0] == 'R' { // "port 4242:11"
			after = after[:i]
		}
		d.closedBy(after, rec)
		return
	}
}

// closedBy reads "[authenticating user |invalid user |user ]NAME ADDRESS port N".
func (d *decoder) closedBy(b []byte, rec *event.Record) {
	rest, port := cutPort(b)
	d.set(rec, fSrcPort, port)
	i := bytes.LastIndexByte(rest, ' ')
	d.peer(rest[i+1:], rec)
	if i < 0 {
		return
	}
	for _, p := range [...]string{"authenticating user ", "invalid user ", "user "} {
		if name, ok := bytes.CutPrefix(rest[:i+1], []byte(p)); ok {
			d.set(rec, fUser, bytes.TrimSpace(name))
			return
		}
	}
}

// pam reads the messages of PAM modules: "pam_unix(sshd:auth): authentication failure; … rhost=ADDRESS user=NAME".
func (d *decoder) pam(msg []byte, rec *event.Record) {
	body := msg
	if bytes.HasPrefix(msg, []byte("pam_")) || bytes.HasPrefix(msg, []byte("PAM ")) {
		if i := bytes.Index(msg, []byte(": ")); i > 0 && msg[3] == '_' {
			body = msg[i+2:]
		}
	}
	switch {
	case bytes.HasPrefix(body, []byte("authentication failure")), bytes.HasPrefix(body, []byte("PAM ")) && bytes.Contains(body, []byte("authentication failure")):
		d.action(rec, "auth_failure")
		d.pairs(body, rec)
	case bytes.HasPrefix(body, []byte("session opened for user ")):
		d.action(rec, "session_opened")
		d.sessionUser(body[len("session opened for user "):], rec)
	case bytes.HasPrefix(body, []byte("session closed for user ")):
		d.action(rec, "session_closed")
		d.sessionUser(body[len("session closed for user "):], rec)
	case bytes.HasPrefix(body, []byte("password changed for ")):
		d.action(rec, "password_changed")
		d.set(rec, fUser, body[len("password changed for "):])
	}
}

func (d *decoder) sessionUser(b []byte, rec *event.Record) {
	name, rest := word(b)
	if i := bytes.IndexByte(name, '('); i > 0 {
		name = name[:i]
	}
	d.set(rec, fUser, name)
	if by, ok := bytes.CutPrefix(rest, []byte("by ")); ok {
		if i := bytes.IndexByte(by, '('); i > 0 {
			d.set(rec, fRuser, by[:i])
		}
	}
}

// pairs reads the key=value pairs of an authentication failure.
func (d *decoder) pairs(b []byte, rec *event.Record) {
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
			d.peer(v, rec)
		default:
			d.set(rec, f.field, v)
		}
	}
}
