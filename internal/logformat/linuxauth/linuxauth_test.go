package linuxauth_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/linuxauth"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/logformattest"
)

func TestMessages(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]map[string]string{
		"Mar  2 10:00:00 web1 sshd[81]: Failed password for invalid user bob from 203.0.113.9 port 4711 ssh2":                                                       {"action": "failed_password", "user": "bob", "src_ip": "203.0.113.9", "src_port": "4711", "method": "password", "host": "web1", "pid": "81"},
		"Mar  2 10:00:00 web1 sshd[81]: Failed password for a from 198.51.100.1 port 22 from 203.0.113.9 port 4711 ssh2":                                            {"user": "a from 198.51.100.1 port 22", "src_ip": "203.0.113.9"},
		"Mar  2 10:00:00 web1 sshd[81]: Invalid user  from 203.0.113.9 port 4711":                                                                                   {"action": "invalid_user", "src_ip": "203.0.113.9", "user": ""},
		"Mar  2 10:00:00 web1 sshd[81]: Accepted publickey for ann from 2001:db8::1 port 4711 ssh2: ED25519 SHA256:abc":                                             {"action": "accepted", "user": "ann", "src_ip": "2001:db8::1", "method": "publickey", "key_fingerprint": "SHA256:abc"},
		"Mar  2 10:00:00 web1 sshd[81]: Connection closed by authenticating user root 203.0.113.9 port 4711 [preauth]":                                              {"action": "disconnect_preauth", "user": "root", "src_ip": "203.0.113.9"},
		"Mar  2 10:00:00 web1 sshd[81]: error: maximum authentication attempts exceeded for root from 203.0.113.9 port 1 ssh2 [preauth]":                            {"action": "max_attempts", "user": "root", "src_ip": "203.0.113.9"},
		"Mar  2 10:00:00 web1 sshd[81]: message repeated 5 times: [ Failed password for root from 203.0.113.9 port 4711 ssh2]":                                      {"action": "failed_password", "repeat": "5", "src_ip": "203.0.113.9"},
		"Mar  2 10:00:00 web1 sshd[81]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=dsl.example.net  user=root":         {"action": "auth_failure", "rhost": "dsl.example.net", "user": "root", "src_ip": ""},
		"2026-03-02T10:00:00.123456+01:00 web1 sudo:      bob : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/sh -c 'a ; b'": {"action": "sudo_denied", "user": "bob", "runas": "root", "command": "/bin/sh -c 'a ; b'"},
		"<86>1 2026-03-02T10:00:00Z web1 sshd 81 - [x y=\"]\"] Accepted password for ann from 203.0.113.9 port 1 ssh2":                                              {"program": "sshd", "action": "accepted", "user": "ann"},
		"Mar  2 10:00:00 web1 sshd[ 81]: Received disconnect from 203.0.113.9 port 4711:11: Bye Bye [preauth]":                                                      {"action": "disconnect_preauth", "src_ip": "203.0.113.9", "src_port": "4711", "pid": " 81"},
		"Mar  2 10:00:00 web1 sshd[81]: Disconnecting invalid user bob 203.0.113.9 port 4711: Too many authentication failures [preauth]":                           {"action": "disconnect_preauth", "user": "bob", "src_ip": "203.0.113.9"},
		"Mar  2 10:00:00 web1 sshd[81]: Connection reset by 203.0.113.9 port 4711":                                                                                  {"action": "", "src_ip": "203.0.113.9", "src_port": "4711"},
		"Mar  2 10:00:00 web1 sshd[81]: Unable to negotiate with 203.0.113.9 port 4711: no matching host key type found. Their offer: ssh-dss [preauth]":            {"action": "bad_protocol", "src_ip": "203.0.113.9", "src_port": "4711"},
		"Mar  2 10:00:00 web1 sshd[81]: Received disconnect from 203.0.113.9 port 4711:2: Too many authentication failures [preauth]":                               {"action": "disconnect_preauth", "src_ip": "203.0.113.9", "src_port": "4711"},
		"Mar  2 10:00:00 web1 sshd[81]: Received disconnect from 2001:db8::1 port 4711:14: No supported methods [preauth]":                                          {"action": "disconnect_preauth", "src_ip": "2001:db8::1", "src_port": "4711"},
		"Mar  2 10:00:00 web1 sshd[81]: Received disconnect from 2001:db8::1: 11: Bye Bye [preauth]":                                                                {"action": "disconnect_preauth", "src_ip": "2001:db8::1"},
		"Mar  2 10:00:00 web1 sshd[81]: banner exchange: Connection from 203.0.113.9 port 4711: could not read protocol version":                                    {"action": "bad_protocol", "src_ip": "203.0.113.9", "src_port": "4711"},
		"Mar  2 10:00:00 web1 sshd[81]: banner exchange: Connection from 203.0.113.9 port 4711: invalid format":                                                     {"action": "bad_protocol", "src_ip": "203.0.113.9", "src_port": "4711"},
		"Mar  2 10:00:00 web1 sshd[81]: Bad protocol version identification 'GET / from x' from 203.0.113.9 port 4711":                                              {"action": "bad_protocol", "src_ip": "203.0.113.9", "src_port": "4711"},
		"Mar  2 10:00:00 web1 sshd[81]: User bob from 203.0.113.9 not allowed because not listed in AllowUsers":                                                     {"action": "auth_failure", "user": "bob", "src_ip": "203.0.113.9"},
		"Mar  2 10:00:00 web1 sshd(pam_unix)[81]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=203.0.113.9  user=root":                   {"program": "sshd", "action": "auth_failure", "user": "root", "src_ip": "203.0.113.9"},
		"Mar  2 10:00:00 web1 /usr/sbin/cron[81]: (bob) REPLACE (bob)":                                                                                              {"program": "cron", "action": "cron_edited", "user": "bob"},
		"Mar  2 10:00:00 web1 useradd[9]: new user: name=bob, UID=1005, GID=1005, home=/home/bob, shell=/bin/bash, from=/dev/pts/0":                                 {"action": "user_added", "user": "bob", "uid": "1005", "shell": "/bin/bash"},
		"Mar  2 10:00:00 web1 CRON[9]: (root) CMD (run-parts /etc/cron.hourly)":                                                                                     {"action": "cron", "user": "root", "command": "run-parts /etc/cron.hourly"},
		"Mar  2 10:00:00 web1 su[9]: FAILED SU (to root) bob on pts/1":                                                                                              {"action": "su_failed", "user": "root", "ruser": "bob"},
	} {
		var fields []string
		for f := range want {
			fields = append(fields, f)
		}
		recs, bad := logformattest.All(t, linuxauth.Format{}, []byte(line+"\n"), 1<<20, fields...)
		if len(recs) != 1 || bad != 0 {
			t.Errorf("%d records, %d bad: %s", len(recs), bad, line)
			continue
		}
		got := map[string]string{}
		for f := range want {
			got[f] = ""
			if vs := recs[0].Values[f]; len(vs) > 0 {
				got[f] = vs[0]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", line, diff)
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	logformattest.Golden(t, linuxauth.Format{})
}

// TestFinish leaves who a message is about until it is asked for, and then takes nothing from the message before.
func TestFinish(t *testing.T) {
	t.Parallel()
	plan := logformat.NewPlan("action")
	user, peer := plan.AddLater("user"), plan.AddLater("src_ip")
	dec := linuxauth.Format{}.NewDecoder(plan, logformat.File{})
	finisher, ok := dec.(logformat.Finisher)
	if !ok {
		t.Fatal("nothing waits")
	}
	rec := event.NewRecord(len(plan.Fields))
	next := func(line string) {
		t.Helper()
		rec.Reset()
		if _, err := dec.Next([]byte(line), true, rec); err != nil {
			t.Fatal(err)
		}
	}
	next("Mar  2 10:00:00 web1 sshd[81]: Invalid user bob from 203.0.113.9 port 4711")
	if rec.First(user) != nil || rec.First(peer) != nil || string(rec.Text(plan.Slot("action"))) != "invalid_user" {
		t.Errorf("at first: user %q of %q, action %q", rec.Text(user), rec.Text(peer), rec.Text(plan.Slot("action")))
	}
	finisher.Finish(rec)
	if string(rec.Text(user)) != "bob" || string(rec.Text(peer)) != "203.0.113.9" {
		t.Errorf("finished: user %q of %q", rec.Text(user), rec.Text(peer))
	}
	next("Mar  2 10:00:01 web1 sshd[81]: Invalid user ann from 203.0.113.9 port 4711") // which no rule matches
	next("Mar  2 10:00:02 web1 kernel: Invalid user")
	finisher.Finish(rec)
	if rec.First(user) != nil || rec.First(peer) != nil {
		t.Errorf("the next message: user %q of %q", rec.Text(user), rec.Text(peer))
	}
}

// TestYear gives lines without a year the year that the file's time implies, over New Year too.
func TestYear(t *testing.T) {
	t.Parallel()
	plan := logformat.NewPlan("time")
	dec := linuxauth.Format{}.NewDecoder(plan, logformat.File{ModTime: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
	rec := event.NewRecord(1)
	for line, want := range map[string]string{
		"Dec 31 23:59:59 web1 a: b\n": "2025-12-31T23:59:59Z",
		"Jan  1 00:00:01 web1 a: b\n": "2026-01-01T00:00:01Z",
		"Jan  2 23:00:00 web1 a: b\n": "2026-01-02T23:00:00Z",
	} {
		rec.Reset()
		if _, err := dec.Next([]byte(line), true, rec); err != nil {
			t.Fatal(err)
		}
		ns, ok := dec.Time(rec)
		if got := time.Unix(0, ns).UTC().Format(time.RFC3339); !ok || got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

// TestCorpus compares counts with a plain search.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"loghub/OpenSSH_2k.log", "loghub/Linux_2k.log", "elastic/auth_7k.log"} {
		log, err := os.ReadFile("../../../../shared/corpus/logs/" + name)
		if err != nil {
			t.Skip("corpus/logs is absent")
		}
		recs, bad := logformattest.All(t, linuxauth.Format{}, log, 1<<20, "action", "src_ip", "rhost")
		if n := bytes.Count(bytes.TrimRight(log, "\n"), []byte("\n")) + 1; len(recs) != n || bad != 0 {
			t.Errorf("%s: %d records and %d bad of %d lines", name, len(recs), bad, n)
		}
		failed := 0
		for _, r := range recs {
			if a := r.Values["action"]; len(a) > 0 && a[0] == "failed_password" {
				failed++
				if len(r.Values["src_ip"])+len(r.Values["rhost"]) == 0 {
					t.Errorf("%s: a failed password from nowhere", name)
				}
			}
		}
		want := 0
		for line := range bytes.Lines(log) {
			if i := bytes.Index(line, []byte(": Failed ")); i > 0 && bytes.Contains(line[i:], []byte(" for ")) || bytes.Contains(line, []byte("[ Failed password for")) {
				want++
			}
		}
		if failed != want {
			t.Errorf("%s: %d failed passwords, a plain search finds %d", name, failed, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("Mar  2 10:00:00 web1 sshd[81]: Failed password for invalid user bob from 203.0.113.9 port 4711 ssh2\n"))
	f.Add([]byte("<86>1 2026-03-02T10:00:00Z web1 sshd 81 - [x y=\"]\"] Accepted password for ann from 203.0.113.9 port 1 ssh2\n"))
	logformattest.Fuzz(f, linuxauth.Format{})
}
