package auditd

import (
	"encoding/binary"
	"net/netip"
	"strconv"
)

// escaped reports whether a field's value is hexadecimal unless it is quoted: the kernel and libaudit write strings that
// hold a space, a quote or a byte that is no printable ASCII so (kernel/audit.c, audit_log_untrustedstring).
func escaped(key []byte) bool {
	switch string(key) {
	case "comm", "exe", "name", "cwd", "proctitle", "key", "path", "dir", "acct", "cmd", "data", "ocomm", "grp", "watch",
		"profile", "file", "vm", "root_dir":
		return true
	}
	return false
}

// unsettable reports whether 4294967295, which is -1, in a field means that there is no such id.
func unsettable(key []byte) bool {
	switch string(key) {
	case "auid", "ses", "uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid", "ouid", "ogid", "oauid", "oses",
		"old-auid", "old-ses", "AUID", "UID", "OAUID", "OLD-AUID":
		return true
	}
	return false
}

func unset(value []byte) bool {
	return string(value) == "4294967295" || string(value) == "-1" || string(value) == "unset"
}

// nothing reports whether a value says that there is none.
func nothing(value []byte) bool {
	switch string(value) {
	case "", "?", "(null)", "(none)":
		return true
	}
	return false
}

// unhex appends what a text in hexadecimal stands for, whose letters are upper case; false if it is none.
func unhex(to, text []byte) ([]byte, bool) {
	if len(text) == 0 || len(text)%2 != 0 {
		return to, false
	}
	start := len(to)
	for i := 0; i < len(text); i += 2 {
		hi, ok1 := digit(text[i])
		lo, ok2 := digit(text[i+1])
		if !ok1 || !ok2 {
			return to[:start], false
		}
		to = append(to, hi<<4|lo)
	}
	return to, true
}

func digit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// address is what a SOCKADDR record's saddr holds.
type address struct {
	family []byte
	ip     netip.Addr
	port   uint16
	path   []byte
}

// Address families' names, as ausearch has them.
//
//nolint:gochecknoglobals // constants
var (
	famLocal   = []byte("local")
	famInet    = []byte("inet")
	famInet6   = []byte("inet6")
	famNetlink = []byte("netlink")
)

// Address families (linux/socket.h).
const (
	afLocal   = 1
	afInet    = 2
	afInet6   = 10
	afNetlink = 16
)

// socketAddress reads a struct sockaddr: the family in the order of bytes of the host, which is taken to be little-endian,
// as on x86 and ARM; port and address in network order.
func socketAddress(b []byte) (a address, ok bool) {
	if len(b) < 2 {
		return a, false
	}
	switch binary.LittleEndian.Uint16(b) {
	case afInet:
		if len(b) < 8 {
			return a, false
		}
		a.family, a.port, a.ip = famInet, binary.BigEndian.Uint16(b[2:]), netip.AddrFrom4([4]byte(b[4:8]))
	case afInet6:
		if len(b) < 24 {
			return a, false
		}
		a.family, a.port, a.ip = famInet6, binary.BigEndian.Uint16(b[2:]), netip.AddrFrom16([16]byte(b[8:24])).Unmap()
	case afLocal:
		a.family, a.path = famLocal, localPath(b[2:])
	case afNetlink:
		a.family = famNetlink
	default:
		a.family = strconv.AppendUint(nil, uint64(binary.LittleEndian.Uint16(b)), 10)
	}
	return a, true
}

// localPath returns the path of a local socket: up to the first NUL, or behind it in the abstract namespace.
func localPath(b []byte) []byte {
	start := 0
	if len(b) > 0 && b[0] == 0 {
		start = 1
	}
	end := start
	for end < len(b) && b[end] != 0 {
		end++
	}
	return b[start:end]
}
