package simulate

import "time"

// flowHeader names the columns: the default format, version 2
// (https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html).
const flowHeader = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"

// vpcflow is the flow log of the production network 10.20.0.0/16.
func vpcflow(r random) (*vocabulary, []*actor) {
	n := network{v: general(), random: r}
	v := n.v
	v.define("source", nil)
	v.define("target", nil)
	v.define("web", func(s *scope, dst []byte) []byte { return dotted(dst, 10, 20, 1, 10+s.heavy(6)) })
	v.define("app", func(s *scope, dst []byte) []byte { return dotted(dst, 10, 20, 4+s.IntN(3), 20+s.heavy(120)) })
	v.define("eni", func(s *scope, dst []byte) []byte { return s.digits(append(dst, "eni-0"...), digits16, 16) })
	v.define("packets", func(s *scope, dst []byte) []byte { return number(dst, 3+s.heavy(400)) })
	v.define("bytes", func(s *scope, dst []byte) []byte { return number(dst, 300+s.heavy(700_000)) })
	v.define("begin", func(s *scope, dst []byte) []byte { return number(dst, int(s.now.Unix())) })
	v.define("end", func(s *scope, dst []byte) []byte { return number(dst, int(s.now.Unix())+s.between(10, 59)) })
	v.define("knocked", mostlyFirst(v, words(`23 22 445 3389 80 8080 443 5060 6379 2375 1433 3306 5900 8443 9200 27017 2323 5555 37215 81 8088 11211 123 161`)...))
	n.inside()
	n.outside()
	return v, n.actors
}

// network is what the actors of the flow log are made with.
type network struct {
	v *vocabulary
	random
	actors []*actor
}

// flow is a record of one direction.
func (n *network) flow(from, to, fromPort, toPort, protocol, packets, bytes, action string) *line {
	return &line{good: n.v.compile("2 " + production + " <eni> " + from + " " + to + " " + fromPort + " " + toPort + " " + protocol +
		" " + packets + " " + bytes + " <begin> <end> " + action + " OK")}
}

// both are the two directions of an accepted connection over TCP.
func (n *network) both(port string) []*line {
	return []*line{
		n.flow("<source>", "<target>", "<port>", port, "6", "<packets>", "<thousands>", "ACCEPT"),
		n.flow("<target>", "<source>", port, "<port>", "6", "<packets>", "<bytes>", "ACCEPT"),
	}
}

func (n *network) add(bind map[slot]template, pause time.Duration, beat *rhythm, flows ...*line) {
	n.actors = append(n.actors, &actor{
		bind: bind, hold: holds(n.v, "source", "target", "port"), open: flows, gap: 5 * time.Millisecond, pause: pause, rhythm: beat,
	})
}

// inside is the company's own traffic.
func (n *network) inside() {
	between := func(source, target string) map[slot]template { return binds(n.v, "source", source, "target", target) }
	n.add(between("<web>", "<app>"), 2*time.Second, public(), n.both("8080")...)
	n.add(between("<app>", "10.20.8.15"), 3*time.Second, public(), n.both("5432")...)
	n.add(between("<app>", "10.20.8.40"), 4*time.Second, public(), n.both("6379")...)
	n.add(between("<app>", "10.20.0.2"), 4*time.Second, nil, n.flow("<source>", "<target>", "<port>", "53", "17", "2", "156", "ACCEPT"),
		n.flow("<target>", "<source>", "53", "<port>", "17", "2", "312", "ACCEPT"))
	n.add(between("<app>", "169.254.169.123"), 64*time.Second, nil, n.flow("<source>", "<target>", "123", "123", "17", "1", "76", "ACCEPT"))
	n.add(between("<app>", "192.0.2.<byte>"), 5*time.Second, public(), n.both("443")...)
	n.add(between("10.20.7.40", "<app>"), 15*time.Second, nil, n.both("9100")...)
	n.add(between("10.20.4.11", "<app>"), 5*time.Minute, nil, n.both("22")...)
	n.add(between("10.20.9.12", "10.20.8.15"), 20*time.Minute, office(), n.both("5432")...)
	// The nightly backup is large, and goes to S3.
	n.add(between("10.20.8.15", "192.0.2.77"), 3*time.Hour, nil,
		n.flow("<source>", "<target>", "<port>", "443", "6", "1<thousands>", "1<thousands>0000", "ACCEPT"))
	// A late answer of a connection that is no longer known is refused, between honest hosts too.
	n.add(between("<app>", "<web>"), 90*time.Second, nil, n.flow("<source>", "<target>", "8080", "<port>", "6", "1", "40", "REJECT"))
}

// outside is the public: visitors of the site, and what scans the whole internet.
func (n *network) outside() {
	n.add(binds(n.v, "source", "<crowd>", "target", "<web>"), 1200*time.Millisecond, public(), n.both("443")...)
	n.add(binds(n.v, "source", "<crowd>", "target", "<web>"), 20*time.Second, public(), n.both("80")...)
	n.add(binds(n.v, "source", "<office>", "target", "10.20.4.10"), 6*time.Minute, office(), n.both("22")...)
	n.add(binds(n.v, "source", "<noise>", "target", "<web>"), 3*time.Second, nil,
		n.flow("<source>", "<target>", "<port>", "<knocked>", "6", "1", "40", "REJECT"))
	n.add(binds(n.v, "source", "<noise>", "target", "<app>"), 12*time.Second, nil,
		n.flow("<source>", "<target>", "<port>", "<knocked>", "6", "1", "44", "REJECT"))
	n.actors = append(n.actors, &actor{pause: 40 * time.Second, open: []*line{{good: n.v.compile("2 " + production + " <eni> - - - - - - - <begin> <end> - NODATA")}}})
}
