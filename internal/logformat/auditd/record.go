package auditd

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/timestamp"
)

// header is what stands before a record's pairs.
type header struct {
	node   []byte
	kind   []byte // SYSCALL, EXECVE
	time   []byte
	serial []byte
	id     []byte // time and serial as they stand there
	body   []byte // the pairs
}

var errShape = logformat.Errorf("not an audit record: type=… msg=audit(TIME:SERIAL): is expected")

// maxPrefix is how much a relay may put before a record.
const maxPrefix = 512

// parseHeader reads "[anything ][node=HOST ]type=TYPE [msg=]audit(SECONDS.MILLIS:SERIAL): ".
func parseHeader(line []byte) (header, error) {
	var h header
	at := bytes.Index(line[:min(len(line), maxPrefix)], []byte("type="))
	if at < 0 || at > 0 && line[at-1] != ' ' {
		return h, errShape
	}
	kind, rest := word(line[at+len("type="):])
	rest = bytes.TrimPrefix(rest, []byte("msg="))
	rest, ok := bytes.CutPrefix(rest, []byte("audit("))
	if !ok || len(kind) == 0 {
		return h, errShape
	}
	end := bytes.IndexByte(rest, ')')
	if end < 0 {
		return h, errShape
	}
	h.id = rest[:end]
	h.time, h.serial, ok = bytes.Cut(h.id, []byte(":"))
	if _, timed := timestamp.Epoch(h.time); !ok || !timed || !decimal(h.serial) {
		return h, errShape
	}
	h.body = bytes.TrimPrefix(rest[end+1:], []byte(":"))
	h.kind = typeName(kind)
	if at > 0 {
		h.node = nodeOf(line[:at])
	}
	return h, nil
}

// nodeOf finds the host in what stands before a record: node=HOST, or the host of a syslog line.
func nodeOf(prefix []byte) []byte {
	if _, after, ok := bytes.Cut(prefix, []byte("node=")); ok {
		node, _ := word(after)
		return node
	}
	skip := 3 // Jan  2 15:04:05
	if pri := bytes.IndexByte(prefix, '>'); prefix[0] == '<' && pri > 0 {
		prefix = bytes.TrimPrefix(prefix[pri+1:], []byte("1 ")) // RFC 5424's version
	}
	if len(prefix) > 0 && prefix[0] >= '0' && prefix[0] <= '9' {
		skip = 1
	}
	for range skip {
		_, prefix = word(bytes.TrimLeft(prefix, " "))
	}
	host, _ := word(prefix)
	if n := len(host); n == 0 || host[n-1] == ':' {
		return nil
	}
	return host
}

// typeName names the types that the kernel prints as numbers when it has no auditd to give records to (linux/audit.h).
func typeName(kind []byte) []byte {
	if kind[0] < '0' || kind[0] > '9' {
		return kind
	}
	if name, ok := typeNames[string(kind)]; ok {
		return name
	}
	return kind
}

//nolint:gochecknoglobals // a constant table
var typeNames = map[string][]byte{
	"1300": []byte("SYSCALL"), "1302": []byte("PATH"), "1305": []byte("CONFIG_CHANGE"), "1306": []byte("SOCKADDR"),
	"1307": []byte("CWD"), "1309": []byte("EXECVE"), "1318": []byte("OBJ_PID"), "1319": []byte("TTY"), "1320": []byte("EOE"),
	"1325": []byte("NETFILTER_CFG"), "1326": []byte("SECCOMP"), "1327": []byte("PROCTITLE"), "1330": []byte("KERN_MODULE"),
	"1334": []byte("BPF"), "1400": []byte("AVC"), "1403": []byte("MAC_POLICY_LOAD"), "1404": []byte("MAC_STATUS"),
	"1700": []byte("ANOM_PROMISCUOUS"), "1701": []byte("ANOM_ABEND"), "1006": []byte("LOGIN"),
}

// separator stands between what the kernel wrote and what auditd added to it (log_format = ENRICHED).
const separator = 0x1d

// pairs steps through key=value pairs. Words that are no pair are passed over.
type pairs struct {
	rest       []byte
	key, value []byte
	quoted     bool // value stood in double quotes, so that it is no hexadecimal
}

func (p *pairs) next() bool {
	for {
		i := 0
		for i < len(p.rest) && (p.rest[i] == ' ' || p.rest[i] == separator || p.rest[i] == ',') {
			i++
		}
		start := i
		for i < len(p.rest) && p.rest[i] != '=' && p.rest[i] != ' ' && p.rest[i] != separator {
			i++
		}
		if i == len(p.rest) {
			return false
		}
		if p.rest[i] != '=' {
			p.rest = p.rest[i:]
			continue
		}
		p.key = bytes.TrimLeft(p.rest[start:i], "('") // PAM's records of old: (hostname=…, addr=…, res=success)
		p.take(p.rest[i+1:])
		if len(p.key) > 0 {
			return true
		}
	}
}

// take reads the value at the start of b.
func (p *pairs) take(b []byte) {
	p.quoted = false
	if len(b) == 0 {
		p.value, p.rest = nil, nil
		return
	}
	switch b[0] {
	case '"':
		if end := bytes.IndexByte(b[1:], '"'); end >= 0 {
			p.value, p.rest, p.quoted = b[1:end+1], b[end+2:], true
			return
		}
	case '\'': // msg='…', which a program wrote: its pairs are the record's
		p.value, p.rest = nil, b[1:]
		return
	case '{': // SADDR={ … }, which says what saddr says
		if end := bytes.IndexByte(b, '}'); end >= 0 {
			p.value, p.rest = nil, b[end+1:]
			return
		}
	}
	end := 0
	for end < len(b) && b[end] != ' ' && b[end] != separator {
		end++
	}
	p.value, p.rest = b[:end], b[end:]
	p.value = bytes.TrimRight(p.value, "',") // the last pair within msg='…'
	if n := len(p.value); n > 0 && p.value[n-1] == ')' && p.value[0] != '(' {
		p.value = p.value[:n-1]
	}
}

// word cuts the first word off.
func word(b []byte) (first, rest []byte) {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}

func decimal(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}
