package simulate

import (
	"strconv"
	"time"
)

// The company is made up: Kestrel Supply, a shop for outdoor equipment in central Europe, kestrel.example. Those who matter in
// the story have addresses from the documentation ranges (RFC 5737, RFC 3849): the company 198.51.100.0/25 and its partners
// the rest of 198.51.100.0/24, search engines and cloud services 192.0.2.0/24, attackers 203.0.113.0/24. The noise of the
// internet comes from 198.18.0.0/15 (RFC 2544). The crowd of visitors has addresses in blocks that are assigned but not
// announced to the internet, so that no line points at somebody who exists.

// general defines the slots that every kind of log has.
func general() *vocabulary {
	v := newVocabulary()
	for _, n := range []int{4, 8, 12, 16, 17, 32, 40} {
		v.define("hex"+strconv.Itoa(n), func(s *scope, dst []byte) []byte { return s.digits(dst, digits16, n) })
	}
	for _, name := range []string{"uuid", "uuid2", "uuid3"} {
		v.define(name, appendUUID)
	}
	v.define("key", func(s *scope, dst []byte) []byte { return append(s.digits(dst, letters, 9), "EXAMPLE"...) })
	v.define("id17", func(s *scope, dst []byte) []byte { return s.digits(dst, letters, 17) })
	v.define("id16", func(s *scope, dst []byte) []byte { return s.digits(dst, letters, 16) })
	v.define("n5", func(s *scope, dst []byte) []byte { return s.digits(dst, digits10, 5) })
	v.define("port", func(s *scope, dst []byte) []byte { return number(dst, s.between(32768, 60999)) })
	v.define("byte", func(s *scope, dst []byte) []byte { return number(dst, s.between(4, 250)) })
	v.define("few", func(s *scope, dst []byte) []byte { return number(dst, s.between(1, 9)) })
	v.define("pid", func(s *scope, dst []byte) []byte { return number(dst, s.between(900, 99999)) })
	v.define("thousands", func(s *scope, dst []byte) []byte { return number(dst, s.between(1000, 9999)) })
	v.define("time", func(s *scope, dst []byte) []byte { return appendTime(dst, s.now) })
	v.define("day", func(s *scope, dst []byte) []byte { return s.now.AppendFormat(dst, "2006/01/02") })
	v.define("crowd", crowd)
	v.define("noise", func(s *scope, dst []byte) []byte {
		n := uint32(s.heavy(1<<17)) * 2654435761 // spread over the network
		return dotted(dst, 198, 18+int(n>>31), int(n>>23&255), 1+int(n>>15&255)%254)
	})
	v.define("office", func(s *scope, dst []byte) []byte { return dotted(dst, 198, 51, 100, 10+s.heavy(4)) })
	return v
}

// crowd makes an address of somebody out there: a few networks have most of the people, and every tenth has IPv6.
func crowd(s *scope, dst []byte) []byte {
	network := s.heavy(4000)
	if network%10 == 9 {
		dst = append(dst, "2001:db8:"...)
		dst = strconv.AppendUint(dst, uint64(network), 16)
		dst = append(dst, ':')
		dst = strconv.AppendUint(dst, uint64(s.IntN(1<<16)), 16)
		return strconv.AppendUint(append(dst, "::"...), uint64(s.IntN(1<<16)), 16)
	}
	first := [...]int{21, 22, 26, 28, 29, 30, 33, 55}[network&7]
	return dotted(dst, first, network>>3&255, s.heavy(256), s.between(1, 254))
}

func number(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }

func dotted(dst []byte, a, b, c, d int) []byte {
	dst = append(number(dst, a), '.')
	dst = append(number(dst, b), '.')
	dst = append(number(dst, c), '.')
	return number(dst, d)
}

// appendTime appends a time in UTC as RFC 3339 has it, to the second.
func appendTime(dst []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(dst, "2006-01-02T15:04:05Z")
}

func appendUUID(s *scope, dst []byte) []byte {
	for i, n := range [...]int{8, 4, 3, 3, 12} {
		switch i {
		case 0:
		case 2:
			dst = append(dst, "-4"...) // version 4: random
		case 3:
			dst = append(dst, '-', "89ab"[s.IntN(4)])
		default:
			dst = append(dst, '-')
		}
		dst = s.digits(dst, digits16, n)
	}
	return dst
}

// stable makes an identifier that belongs to a name for ever.
func stable(name string, n int) string {
	return string(newRandom(1, name).digits(nil, letters, n))
}
