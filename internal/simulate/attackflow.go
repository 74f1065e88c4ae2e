package simulate

import "time"

// flowAttacks begin with a host that was taken over, and can be seen in the flow log only. The beacon does not use port 443:
// among thousands of honest connections there nothing but their evenness would give it away.
func flowAttacks(v *vocabulary) []*attack {
	n := network{v: v}
	v.define("nextport", inTurn(v, series("", 1, 1200)...))
	v.define("nexthost", inTurn(v, series("10.20.6.", 10, 240)...))
	// A handshake of TLS, a short request, and the acknowledgements of the answer.
	v.define("beaconpackets", func(s *scope, dst []byte) []byte { return number(dst, s.between(8, 13)) })
	v.define("beaconbytes", func(s *scope, dst []byte) []byte { return number(dst, s.between(1300, 2300)) })
	const taken = "10.20.5.77"
	do := func(l *line, times int, gap time.Duration, even bool) step {
		return step{text: l.good, times: times, gap: gap, even: even}
	}
	return []*attack{{
		start: 19*time.Hour + 10*time.Minute,
		label: Label{
			Name: "Port sweep", Techniques: []string{"T1046"}, Entities: []Entity{from(taken), {"dest_ip", "10.20.8.15"}},
			Rules: []string{"66c27866-298e-4ad5-b86c-0b891c8796ab"},
		},
		steps: []step{do(n.flow(taken, "10.20.8.15", "<port>", "<nextport>", "6", "1", "44", "REJECT"), 1000, 150*time.Millisecond, false)},
	}, {
		start: 19*time.Hour + 30*time.Minute,
		label: Label{
			Name: "Host sweep", Techniques: []string{"T1018", "T1046"}, Entities: []Entity{from(taken)},
			Rules: []string{"5f70e2ee-66a0-4b76-9b0a-bda81ec4d44d"},
		},
		steps: []step{do(n.flow(taken, "<nexthost>", "<port>", "445", "6", "1", "44", "REJECT"), 200, 300*time.Millisecond, false)},
	}, {
		start: 14 * time.Hour,
		label: Label{
			Name: "Beaconing", Techniques: []string{"T1071", "T1571"}, Entities: []Entity{from(taken), {"dest_ip", "203.0.113.200"}},
			Rules: []string{"ccb4c87d-3b6f-405f-a125-f1c256d2e59b"},
		},
		steps: []step{do(n.flow(taken, "203.0.113.200", "<port>", "8443", "6", "<beaconpackets>", "<beaconbytes>", "ACCEPT"), 280, 2*time.Minute, true)},
	}, {
		start: 20 * time.Hour,
		label: Label{
			Name: "Large egress", Techniques: []string{"T1048"}, Entities: []Entity{from(taken), {"dest_ip", "203.0.113.201"}},
			Rules: []string{"2b4d2a65-bc32-40e8-9860-67f9668e266e"},
		},
		steps: []step{do(n.flow(taken, "203.0.113.201", "51544", "443", "6", "2<n5>", "4<n5>000", "ACCEPT"), 40, time.Minute, true)},
	}}
}
