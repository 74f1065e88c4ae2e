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
	if rest, ok := cut(msg, "message repeated "); ok {
		n, rest := word(rest)
		r.set(rec, fRepeat, n)
		if rest, ok = cut(rest, "times: [ "); ok {
			msg, _ = cutEnd(rest, "]")
		}
	}
	msg, _ = cut(msg, "error: ")
	if len(msg) == 0 {
		return
	}
	switch msg[0] {
	case 'F':
		if rest, ok := cut(msg, "Failed "); ok {
			r.attempt(failedPassword, rest, rec)
		}
	case 'A':
		if rest, ok := cut(msg, "Accepted "); ok {
			r.attempt(accepted, rest, rec)
		}
	case 'I':
		if begins(msg, "Invalid user ") || begins(msg, "Illegal user ") {
			r.action(rec, invalidUser)
			r.details(rec, (*Reader).userFrom, msg[len("Invalid user "):])
		}
	case 'i':
		if rest, ok := cut(msg, "input_userauth_request: invalid user "); ok {
			r.action(rec, invalidUser)
			rest, _ = cutEnd(rest, " [preauth]")
			r.set(rec, fUser, rest)
		}
	case 'C', 'D', 'R':
		r.disconnect(msg, rec)
	case 'B', 'b':
		r.protocol(msg, rec)
	case 'm':
		if rest, ok := cut(msg, "maximum authentication attempts exceeded for "); ok {
			r.action(rec, maxAttempts)
			rest, _ = cutEnd(rest, " [preauth]")
			rest, _ = cutEnd(rest, " ssh2")
			rest, _ = cut(rest, "invalid user ")
			r.details(rec, (*Reader).userFrom, rest)
		}
	case 'U':
		if begins(msg, "Unable to negotiate with ") {
			r.protocol(msg, rec)
		} else if rest, ok := cut(msg, "User "); ok {
			if i := bytes.LastIndex(rest, []byte(" not allowed because ")); i > 0 {
				r.action(rec, authFailure)
				r.details(rec, (*Reader).userFrom, rest[:i])
			}
		}
	default:
		r.pam(msg, rec)
	}
}

func (r *Reader) attempt(a action, b []byte, rec *event.Record) {
	if _, rest := word(b); begins(rest, "for ") {
		r.action(rec, a)
		r.details(rec, (*Reader).methodFor, b)
	}
}

// methodFor reads "METHOD for [invalid user ]USER from ADDRESS port N ssh2[: key]".
func (r *Reader) methodFor(b []byte, rec *event.Record) {
	method, rest := word(b)
	r.set(rec, fMethod, method)
	rest, _ = cut(rest, "for ")
	if before, ok := cutEnd(rest, " ssh2"); ok { // nearly always
		rest = before
	} else if i := bytes.LastIndex(rest, []byte(" ssh2: ")); i > 0 {
		if _, key := word(rest[i+7:]); key != nil {
			r.set(rec, fKey, key)
		}
		rest = rest[:i]
	}
	rest, _ = cutEnd(rest, " ssh1")
	rest, _ = cut(rest, "invalid user ")
	rest, _ = cut(rest, "illegal user ")
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
	case begins(rest, "from "): // an empty name
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
	digits, dots := 0, 0
	for _, c := range b {
		if c >= '0' && c <= '9' {
			digits++
		} else if c == '.' {
			dots++
		}
	}
	if digits+dots == len(b) {
		return dots == 3
	}
	if bytes.IndexByte(b, ':') < 0 {
		return false
	}
	_, err := netip.ParseAddr(string(b))
	return err == nil
}

// disconnect reads the messages about connections that end, of which those before authentication count.
func (r *Reader) disconnect(msg []byte, rec *event.Record) {
	rest, preauth := cutEnd(msg, " [preauth]")
	if after, ok := cut(rest, "Did not receive identification string from "); ok {
		r.action(rec, noIdentification)
		r.details(rec, (*Reader).address, after)
		return
	}
	after, read := ended(rest)
	if read == nil {
		return
	}
	if preauth {
		r.action(rec, disconnectPreauth)
	}
	r.details(rec, read, after)
}

// ended returns what follows the words that tell of a connection's end, and how to read it; nil if it tells of none.
func ended(b []byte) (after []byte, read reading) {
	if after, ok := cut(b, "Connection closed by "); ok {
		return after, (*Reader).closedBy
	}
	if after, ok := cut(b, "Connection reset by "); ok {
		return after, (*Reader).closedBy
	}
	if after, ok := cut(b, "Received disconnect from "); ok {
		return after, (*Reader).received
	}
	if after, ok := cut(b, "Disconnected from "); ok {
		return after, (*Reader).disconnected
	}
	if after, ok := cut(b, "Disconnecting "); ok {
		return after, (*Reader).disconnected
	}
	return nil, nil
}

// received reads "ADDRESS port N:CODE: reason" and, of old versions, "ADDRESS: CODE: reason".
func (r *Reader) received(b []byte, rec *event.Record) {
	b, _, _ = bytes.Cut(b, []byte(": "))
	if _, port := cutPort(b); port != nil {
		number, _, _ := bytes.Cut(port, []byte(":"))
		b = b[:len(b)-len(port)+len(number)]
	}
	r.closedBy(b, rec)
}

// disconnected reads "[kind of user ]NAME ADDRESS port N[: reason]".
func (r *Reader) disconnected(b []byte, rec *event.Record) {
	if i := bytes.Index(b, []byte(": ")); i > 0 {
		b = b[:i]
	}
	r.closedBy(b, rec)
}

// protocol reads the messages about what does not speak SSH, or no SSH that sshd does: mostly scanners.
func (r *Reader) protocol(msg []byte, rec *event.Record) {
	rest, _ := cutEnd(msg, " [preauth]")
	if after, ok := cut(rest, "Unable to negotiate with "); ok {
		r.action(rec, badProtocol)
		r.details(rec, (*Reader).refused, after)
		return
	}
	if after, ok := cut(rest, "banner exchange: Connection from "); ok {
		r.action(rec, badProtocol)
		r.details(rec, (*Reader).refused, after)
	} else if begins(rest, "Bad protocol version identification ") {
		rest, _ = cutEnd(rest, ": invalid format")
		if i := bytes.LastIndex(rest, []byte(" from ")); i > 0 {
			r.action(rec, badProtocol)
			r.details(rec, (*Reader).address, rest[i+len(" from "):])
		}
	}
}

// refused reads "ADDRESS port N: reason".
func (r *Reader) refused(b []byte, rec *event.Record) {
	before, _, _ := bytes.Cut(b, []byte(": "))
	r.address(before, rec)
}

// address reads "ADDRESS[ port N]".
func (r *Reader) address(b []byte, rec *event.Record) {
	addr, port := cutPort(b)
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
