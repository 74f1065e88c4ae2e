package simulate

import "time"

// sshAttacks are on the hosts.
func sshAttacks(v *vocabulary) []*attack {
	h := hosts{v: v}
	v.define("tried", inTurn(v, words(`a.keller b.moreau c.rossi d.patel e.lind f.braun g.okafor h.silva i.costa j.novak k.berg l.fischer
		m.santos n.weiss o.haddad p.vogel q.roux r.marin s.dahl t.nair`)...))
	v.define("bot", inTurn(v, series("203.0.113.", 100, 140)...))
	do := func(bind map[slot]template, l *line, times int, gap time.Duration) step {
		return step{bind: bind, text: l.good, times: times, gap: gap}
	}
	guess := h.sshd("Failed password for <user> from <ip> port <port> ssh2")
	unknown := h.sshd("Failed password for invalid user <user> from <ip> port <port> ssh2")

	intruder := binds(v, "ip", "203.0.113.17", "hostname", "web-1", "user", "deploy", "pid", "48213", "port", "50514")
	spray := binds(v, "ip", "203.0.113.41", "hostname", "bastion-1", "user", "<tried>")
	botnet := binds(v, "ip", "<bot>", "hostname", "bastion-1", "user", "ansible")
	return []*attack{{
		start: 3*time.Hour + 12*time.Minute,
		label: Label{
			Name: "SSH brute force with success", Techniques: []string{"T1110.001", "T1078.003"},
			Entities: []Entity{from("203.0.113.17"), by("deploy"), {"host", "web-1"}},
			Rules: []string{
				"ca27178a-fb8c-4ecd-8ebf-557c462120f3", // sign-in after guessing
				"f68932b1-59b5-4d99-94e3-24dad2897a48", // guessing
			},
		},
		steps: []step{
			do(binds(v, "ip", "203.0.113.17", "hostname", "web-1", "user", "deploy"), guess, 74, 6*time.Second),
			do(intruder, h.sshd("Accepted password for <user> from <ip> port <port> ssh2"), 1, 200*time.Millisecond),
			do(intruder, h.sshd("pam_unix(sshd:session): session opened for user deploy(uid=1004) by deploy(uid=0)"), 1, time.Minute),
			do(intruder, h.sshd("pam_unix(sshd:session): session closed for user deploy"), 1, 0),
		},
	}, {
		start: 3*time.Hour + 25*time.Minute,
		label: Label{
			Name: "Second root account on a host", Techniques: []string{"T1136.001", "T1098.007"},
			Entities: []Entity{by("sysupd"), {"host", "web-1"}},
			Rules: []string{
				"ef5e504d-2282-4780-b89d-94749033098b", // with the rights of root
				"aeb86932-af89-4b98-9b9e-86893c0f901d", // in group sudo
			},
		},
		steps: []step{
			do(intruder, h.said("sudo", "  deploy : TTY=pts/1 ; PWD=/tmp ; USER=root ; COMMAND=/usr/sbin/useradd -o -u 0 -g 0 -M -d /root -s /bin/bash sysupd"), 1, 100*time.Millisecond),
			do(intruder, h.said("useradd[48377]", "new user: name=sysupd, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/1"), 1, 12*time.Second),
			do(intruder, h.said("usermod[48391]", "add 'sysupd' to group 'sudo'"), 1, 0),
		},
	}, {
		start: 10*time.Hour + 40*time.Minute,
		label: Label{
			Name: "SSH password spraying", Techniques: []string{"T1110.003"}, Entities: []Entity{from("203.0.113.41")},
			Rules: []string{"ba216e8e-5403-4f42-aa18-6d57bbc48d87"},
		},
		steps: []step{do(spray, unknown, 20, 65*time.Second)},
	}, {
		start: 21*time.Hour + 5*time.Minute,
		label: Label{
			Name: "Distributed brute force on one account", Techniques: []string{"T1110.001"}, Entities: []Entity{by("ansible")},
			Rules: []string{"d02b41ea-88c9-46a3-a057-2d7a15c0a07e"},
		},
		steps: []step{do(botnet, guess, 80, 15*time.Second)},
	}}
}
