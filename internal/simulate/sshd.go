package simulate

import "time"

// sshd is the auth.log of some hosts, in the form of RFC 3164, which has no year and no zone.
func sshd(r random) (*vocabulary, []*actor) {
	h := hosts{v: general(), random: r}
	v := h.v
	v.define("ip", nil)
	v.define("stamp", func(s *scope, dst []byte) []byte { return s.now.AppendFormat(dst, time.Stamp) })
	v.define("hostname", mostlyFirst(v, words(`web-1 web-2 bastion-1 db-1 build-1 web-3 mail-1`)...))
	v.define("user", mostlyFirst(v, words(`deploy ann ben carla dev emma felix grace hugo ansible backup`)...))
	v.define("guess", mostlyFirst(v, words(`root admin user test ubuntu oracle postgres git guest ftpuser deploy mysql hadoop jenkins nagios pi support
		minecraft www tomcat dev administrator es elastic sysadmin centos ec2-user debian steam teamspeak zabbix ansible vagrant docker odoo redis operator`)...))
	v.define("fingerprint", func(s *scope, dst []byte) []byte { return s.digits(append(dst, "SHA256:"...), letters, 43) })
	v.define("loginsession", func(s *scope, dst []byte) []byte { return number(dst, s.between(100, 99999)) })
	h.machines()
	h.upgrades()
	h.people()
	h.internet()
	return v, h.actors
}

// hosts is what the actors of the auth.log are made with.
type hosts struct {
	v *vocabulary
	random
	actors []*actor
}

// said is a line of a program of the host.
func (h *hosts) said(program, text string) *line {
	return &line{good: h.v.compile("<stamp> <hostname> " + program + ": " + text)}
}

func (h *hosts) sshd(text string) *line { return h.said("sshd[<pid>]", text) }

// session is what sshd and PAM say when somebody signs in with a key.
func (h *hosts) session() []*line {
	return []*line{
		h.sshd("Accepted publickey for <user> from <ip> port <port> ssh2: ED25519 <fingerprint>"),
		h.sshd("pam_unix(sshd:session): session opened for user <user>(uid=100<few>) by <user>(uid=0)"),
		h.said("systemd-logind[712]", "New session <loginsession> of user <user>."),
	}
}

func (h *hosts) ended() []*line {
	return []*line{
		h.sshd("Received disconnect from <ip> port <port>:11: disconnected by user"),
		h.sshd("Disconnected from user <user> <ip> port <port>"),
		h.sshd("pam_unix(sshd:session): session closed for user <user>"),
		h.said("systemd-logind[712]", "Session <loginsession> logged out. Waiting for processes to exit."),
		h.said("systemd-logind[712]", "Removed session <loginsession>."),
	}
}

// machines sign in by the clock, and cron runs.
func (h *hosts) machines() {
	held := holds(h.v, "ip", "port", "pid", "hostname", "fingerprint", "loginsession")
	for _, m := range []struct {
		user, ip string
		pause    time.Duration
	}{{"ansible", "10.20.4.11", 10 * time.Minute}, {"backup", "10.20.4.30", 30 * time.Minute}, {"deploy", "10.20.4.12", 15 * time.Minute}} {
		a := &actor{
			bind: binds(h.v, "user", m.user, "ip", m.ip), hold: held, open: h.session(), close: h.ended(),
			bout: [2]int{1, 4}, gap: 800 * time.Millisecond, pause: m.pause, even: true,
		}
		a.lines.add(1, h.said("sudo", " <user> : PWD=/home/<user> ; USER=root ; COMMAND=/usr/bin/systemctl status nginx"))
		if m.user == "ansible" {
			a.lines.add(4, h.said("sudo", " ansible : TTY=pts/0 ; PWD=/home/ansible ; USER=root ; COMMAND=/bin/sh -c echo BECOME-SUCCESS-<hex32> ; "+
				"/usr/bin/python3 /home/ansible/.ansible/tmp/ansible-tmp-<thousands>-<pid>/AnsiballZ_setup.py"))
		}
		a.lines.add(1, h.said("sudo", "pam_unix(sudo:session): session opened for user root(uid=0) by <user>(uid=100<few>)"))
		a.lines.add(1, h.said("sudo", "pam_unix(sudo:session): session closed for user root"))
		h.actors = append(h.actors, a)
	}
	for _, host := range words(`web-1 web-2 web-3 bastion-1 db-1 build-1 mail-1`) {
		h.actors = append(h.actors, &actor{
			bind: binds(h.v, "hostname", host), hold: holds(h.v, "pid"), gap: 700 * time.Millisecond, pause: 5 * time.Minute, even: true,
			open: []*line{
				h.said("CRON[<pid>]", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"),
				h.said("CRON[<pid>]", "pam_unix(cron:session): session closed for user root"),
			},
		})
	}
}

// upgrades are packages that install themselves at night, and the accounts that come with them.
func (h *hosts) upgrades() {
	h.actors = append(h.actors, &actor{
		hold: holds(h.v, "hostname", "pid"), gap: 3 * time.Second, pause: 20 * time.Hour,
		open: []*line{
			h.said("groupadd[<pid>]", "new group: name=_chrony, GID=12<few>"),
			h.said("useradd[<pid>]", "new user: name=_chrony, UID=11<few>, GID=12<few>, home=/var/lib/chrony, shell=/usr/sbin/nologin, from=none"),
		},
	})
}

// people come through the bastion with keys; a few have to type their password twice.
func (h *hosts) people() {
	held := holds(h.v, "ip", "port", "pid", "hostname", "fingerprint", "loginsession")
	for _, user := range words(`ann ben carla dev emma felix grace hugo`) {
		a := &actor{
			bind: binds(h.v, "user", user, "ip", "<office>"), hold: held, open: h.session(), close: h.ended(),
			bout: [2]int{0, 10}, gap: 2 * time.Minute, pause: 50 * time.Minute, rhythm: office(),
		}
		for _, command := range rows(`
			/usr/bin/systemctl restart nginx
			/usr/bin/journalctl -u nginx -n 200
			/usr/bin/apt-get update
			/usr/bin/less /var/log/nginx/error.log
			/usr/bin/docker ps
			/usr/bin/tail -f /var/log/syslog
			/usr/bin/curl http://127.0.0.1:8080/healthz
			/usr/bin/curl -sS http://10.20.4.31:9100/metrics
			/usr/bin/wget https://packages.kestrel.example/agent_3.2_amd64.deb
			/usr/bin/tail -n 100 /var/log/auth.log
			/usr/bin/vim /etc/nginx/sites-enabled/shop.conf
			/usr/bin/find /var/log/nginx -name *.gz -mtime +30 -delete
			/usr/sbin/ss -tlnp`) {
			a.lines.add(1, h.said("sudo", "    <user> : TTY=pts/0 ; PWD=/home/<user> ; USER=root ; COMMAND="+command))
		}
		h.actors = append(h.actors, a, &actor{
			bind: binds(h.v, "user", user, "ip", "<office>", "hostname", "bastion-1"), hold: held, close: append(h.session(), h.ended()...),
			open: []*line{h.sshd("Failed password for <user> from <ip> port <port> ssh2")},
			gap:  4 * time.Second, pause: 30 * time.Hour, rhythm: office(),
		})
	}
}

// internet is what knocks at port 22 of every host: a crowd of machines of which each comes back now and then.
func (h *hosts) internet() {
	held := holds(h.v, "ip", "port", "pid", "hostname")
	knock := &actor{bind: binds(h.v, "ip", "<noise>"), hold: held, bout: [2]int{1, 3}, gap: 2 * time.Second, pause: 25 * time.Second}
	knock.lines.add(5, h.sshd("Connection closed by authenticating user root <ip> port <port> [preauth]"))
	knock.lines.add(5, h.sshd("Invalid user <guess> from <ip> port <port>"))
	knock.lines.add(4, h.sshd("Failed password for invalid user <guess> from <ip> port <port> ssh2"))
	knock.lines.add(6, h.sshd("Failed password for root from <ip> port <port> ssh2"))
	knock.lines.add(3, h.sshd("Connection closed by <ip> port <port> [preauth]"))
	knock.lines.add(2, h.sshd("Received disconnect from <ip> port <port>:11: Bye Bye [preauth]"))
	knock.lines.add(1, h.sshd("banner exchange: Connection from <ip> port <port>: invalid format"))
	knock.lines.add(1, h.sshd("Unable to negotiate with <ip> port <port>: no matching key exchange method found. Their offer: diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1 [preauth]"))
	knock.lines.add(.5, h.sshd("error: kex_exchange_identification: Connection closed by remote host"))
	h.actors = append(h.actors, knock)
}
