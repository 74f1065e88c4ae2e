package hostlog

import (
	"bytes"
	"net/netip"

	"github.com/gatehouse-sec/gatehouse/internal/event"
)

// Messages hold names that strangers choose: a user name may contain " from 192.0.2.1 port 22". So the address is read from
// the end of a message, where only the program writes.

// sshd reads OpenSSH's messages (auth.c, auth2.c, session.c, packet.c of its source).
func (r *Reader) sshd(msg []byte, rec *event.Record) {
	if rest, ok := bytes.CutPrefix(msg, []byte("message repeated ")); ok {
		n, rest := word(rest)
		r.set(rec, fRepeat, n)
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
			r.attempt("failed_password", rest, rec)
		}
	case 'A':
		if rest, ok := bytes.CutPrefix(msg, []byte("Accepted ")); ok {
			r.attempt("accepted", rest, rec)
		}
	case 'I':
		if rest, ok := cutEither(msg, "Invalid user ", "Illegal user "); ok {
			r.action(rec, "invalid_user")
			r.userFrom(rest, rec)
		}
	case 'i':
		if rest, ok := bytes.CutPrefix(msg, []byte("input_userauth_request: invalid user ")); ok {
			r.action(rec, "invalid_user")
			r.set(rec, fUser, bytes.TrimSuffix(rest, []byte(" [preauth]")))
		}
	case 'C', 'D', 'R':
		r.disconnect(msg, rec)
	case 'B', 'b':
		r.protocol(msg, rec)
	case 'm':
		if rest, ok := bytes.CutPrefix(msg, []byte("maximum authentication attempts exceeded for ")); ok {
			r.action(rec, "max_attempts")
			rest = bytes.TrimSuffix(bytes.TrimSuffix(rest, []byte(" [preauth]")), []byte(" ssh2"))
			r.userFrom(bytes.TrimPrefix(rest, []byte("invalid user ")), rec)
		}
	case 'U':
		if bytes.HasPrefix(msg, []byte("Unable to negotiate with ")) {
			r.protocol(msg, rec)
		} else if rest, ok := bytes.CutPrefix(msg, []byte("User ")); ok {
			if i := bytes.LastIndex(rest, []byte(" not allowed because ")); i > 0 {
				r.action(rec, "auth_failure")
				r.userFrom(rest[:i], rec)
			}
		}
	default:
		r.pam(msg, rec)
	}
}

func cutEither(msg []byte, a, b string) ([]byte, bool) {
	if rest, ok := bytes.CutPrefix(msg, []byte(a)); ok {
		return rest, true
	}
	return bytes.CutPrefix(msg, []byte(b))
}

// attempt reads "METHOD for [invalid user ]USER from ADDRESS port N ssh2[: key]".
func (r *Reader) attempt(action string, b []byte, rec *event.Record) {
	method, rest := word(b)
	rest, ok := bytes.CutPrefix(rest, []byte("for "))
	if !ok {
		return
	}
	r.action(rec, action)
	r.set(rec, fMethod, method)
	if before, ok := bytes.CutSuffix(rest, []byte(" ssh2")); ok { // nearly always
		rest = before
	} else if i := bytes.LastIndex(rest, []byte(" ssh2: ")); i > 0 {
		if _, key := word(rest[i+7:]); key != nil {
			r.set(rec, fKey, key)
		}
		rest = rest[:i]
	}
	rest = bytes.TrimSuffix(rest, []byte(" ssh1"))
	for _, p := range [...]string{"invalid user ", "illegal user "} {
		rest = bytes.TrimPrefix(rest, []byte(p))
	}
	r.userFrom(rest, rec)
}

// userFrom reads "USER from ADDRESS[ port N]" from its end.
func (r *Reader) userFrom(b []byte, rec *event.Record) {
	rest, port := cutPort(b)
	if port == nil {
		rest = b
	}
	r.set(rec, fSrcPort, port)
	i := bytes.LastIndexByte(rest, ' ') - len(" from") // nearly always
	if i < 0 || string(rest[i:i+len(" from ")]) != " from " {
		i = bytes.LastIndex(rest, []byte(" from "))
	}
	switch {
	case i >= 0:
		r.set(rec, fUser, rest[:i])
		r.peer(rest[i+6:], rec)
	case bytes.HasPrefix(rest, []byte("from ")): // an empty name
		r.peer(rest[5:], rec)
	default:
		r.set(rec, fUser, rest)
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
func (r *Reader) peer(b []byte, rec *event.Record) {
	b = bytes.TrimSuffix(b, []byte(":"))
	if isAddr(b) {
		r.set(rec, fSrcIP, b)
	} else {
		r.set(rec, fRhost, b)
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
func (r *Reader) disconnect(msg []byte, rec *event.Record) {
	preauth := bytes.HasSuffix(msg, []byte(" [preauth]"))
	rest := bytes.TrimSuffix(msg, []byte(" [preauth]"))
	if after, ok := bytes.CutPrefix(rest, []byte("Did not receive identification string from ")); ok {
		r.action(rec, "no_identification")
		addr, port := cutPort(after)
		r.set(rec, fSrcPort, port)
		r.peer(addr, rec)
		return
	}
	for _, p := range [...]string{"Connection closed by ", "Connection reset by ", "Disconnected from ", "Disconnecting ", "Received disconnect from "} {
		after, ok := bytes.CutPrefix(rest, []byte(p))
		if !ok {
			continue
		}
		if preauth {
			r.action(rec, "disconnect_preauth")
		}
		if p[0] != 'C' {
			if i := bytes.Index(after, []byte(": ")); i > 0 {
				after = after[:i]
			}
		}
		if p[0] == 'R' { // "port 4242:11"
			if i := bytes.LastIndex(after, []byte(":1")); i > 0 {
				after = after[:i]
			}
		}
		r.closedBy(after, rec)
		return
	}
}

// protocol reads the messages about what does not speak SSH, or no SSH that sshd does: mostly scanners.
func (r *Reader) protocol(msg []byte, rec *event.Record) {
	rest := bytes.TrimSuffix(msg, []byte(" [preauth]"))
	if i := bytes.LastIndex(rest, []byte(": invalid format")); i > 0 {
		rest = rest[:i]
	}
	if after, ok := bytes.CutPrefix(rest, []byte("Unable to negotiate with ")); ok {
		rest, _, _ = bytes.Cut(after, []byte(": "))
	} else if after, ok := bytes.CutPrefix(rest, []byte("banner exchange: Connection from ")); ok {
		rest = after
	} else if i := bytes.LastIndex(rest, []byte(" from ")); i > 0 && bytes.HasPrefix(rest, []byte("Bad protocol version identification ")) {
		rest = rest[i+len(" from "):]
	} else {
		return
	}
	r.action(rec, "bad_protocol")
	addr, port := cutPort(rest)
	r.set(rec, fSrcPort, port)
	r.peer(addr, rec)
}

// closedBy reads "[authenticating user |invalid user |user ]NAME ADDRESS port N".
func (r *Reader) closedBy(b []byte, rec *event.Record) {
	rest, port := cutPort(b)
	r.set(rec, fSrcPort, port)
	i := bytes.LastIndexByte(rest, ' ')
	r.peer(rest[i+1:], rec)
	if i < 0 {
		return
	}
	for _, p := range [...]string{"authenticating user ", "invalid user ", "user "} {
		if name, ok := bytes.CutPrefix(rest[:i+1], []byte(p)); ok {
			r.set(rec, fUser, bytes.TrimSpace(name))
			return
		}
	}
}
