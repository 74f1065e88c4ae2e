package builtin_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
)

// TestStrangers shows every format what else lies in /var/log and about a host, none of which it may take for its own.
func TestStrangers(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{
		"dpkg.log":                "2026-03-02 10:00:00 startup archives unpack\n2026-03-02 10:00:01 install curl:amd64 <none> 7.88.1-10\n2026-03-02 10:00:01 status half-installed curl:amd64 7.88.1-10\n",
		"apt/history.log":         "\nStart-Date: 2026-03-02  10:00:00\nCommandline: apt-get install -y curl\nRequested-By: ann (1000)\nInstall: curl:amd64 (7.88.1-10)\nEnd-Date: 2026-03-02  10:00:05\n",
		"apt/term.log":            "Log started: 2026-03-02  10:00:00\n(Reading database ... 24131 files and directories currently installed.)\nPreparing to unpack .../curl_7.88.1-10_amd64.deb ...\nLog ended: 2026-03-02  10:00:05\n",
		"alternatives.log":        "update-alternatives 2026-03-02 10:00:00: run with --install /usr/bin/awk awk /usr/bin/mawk 5\nupdate-alternatives 2026-03-02 10:00:00: link group awk updated to point to /usr/bin/mawk\n",
		"unattended-upgrades.log": "2026-03-02 10:00:00,123 INFO Starting unattended upgrades script\n2026-03-02 10:00:01,456 INFO Allowed origins are: origin=Debian,codename=bookworm\n",
		"Xorg.0.log":              "[    12.345] \nX.Org X Server 1.21.1.7\n[    12.346] (==) Log file: \"/var/log/Xorg.0.log\", Time: Mon Mar  2 10:00:00 2026\n[    12.347] (II) xfree86: Adding drm device (/dev/dri/card0)\n",
		"dnf.log":                 "2026-03-02T10:00:00+0000 INFO --- logging initialized ---\n2026-03-02T10:00:00+0000 DDEBUG timer: config: 4 ms\n2026-03-02T10:00:00+0000 DDEBUG Command: dnf install -y curl\n",
		"a Rust program":          "2026-03-02T10:00:00.123456Z  INFO app::server: listening\n2026-03-02T10:00:01Z WARN app: slow\n",
		"cloud-init.log":          "2026-03-02 10:00:00,123 - util.py[DEBUG]: Cloud-init v. 23.1 running 'init' at Mon, 02 Mar 2026 10:00:00 +0000.\n",
		"boot.log":                "[  OK  ] Started Getty on tty1.\n[FAILED] Failed to start Apache.\n",
		"dmesg":                   "[    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n[    0.000000] Command line: BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet\n",
		"postgresql.log":          "2026-03-02 10:00:00.123 UTC [81] LOG:  database system is ready to accept connections\n2026-03-02 10:00:01.123 UTC [82] FATAL:  password authentication failed for user \"ann\"\n",
		"mysql/error.log":         "2026-03-02T10:00:00.123456Z 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 8.0.36) starting as process 81\n",
		"fontconfig.log":          "/usr/share/fonts: caching, new cache contents: 0 fonts, 1 dirs\n/var/cache/fontconfig: cleaning cache directory\n",
		"journal file":            "LPKSHHRH\x00\x00\x00\x00\x1d\x00\x00\x00\x01" + strings.Repeat("\x00\x01\x08\x00MESSAGE=x\x00_PID=1\x00", 100),
		"lastlog":                 strings.Repeat("\x00", 4096),
		"sa (sysstat)":            "\x96\xd5\x75\x21\x0c\x05\x06\x00" + strings.Repeat("\x00\x01", 512),
		"README":                  "You are looking for the traditional text log files in /var/log, and they are\ngone?\n",
		"passwd":                  "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n",
		"os-release":              "PRETTY_NAME=\"Debian GNU/Linux 12\"\nVERSION_ID=\"12\"\nID=debian\n",
		"crontab":                 "SHELL=/bin/sh\n17 * * * * root cd / && run-parts --report /etc/cron.hourly\n",
		"audit.rules":             "-D\n-b 8192\n-w /etc/passwd -p wa -k identity\n-a always,exit -F arch=b64 -S execve -k exec\n",
		"ausearch -i":             "type=PROCTITLE msg=audit(03/02/2026 10:00:00.123:81) : proctitle=cat /etc/shadow \n",
		"mail":                    "From ann@example.net Mon Mar  2 10:00:00 2026\nSubject: x\nTo: bob@example.net\n\nhello\n",
		"csv":                     "time,host,message\n2026-03-02T10:00:00Z,web1,hello\n",
		"html":                    "<!doctype html>\n<html><body><p>GET / HTTP/1.1</p></body></html>\n",
		"a shell script":          "#!/bin/sh\nset -e\nA=1 B=2 C=3 exec \"$0\"\n",
	} {
		for _, f := range builtin.Formats() {
			if sure := f.Sniff([]byte(log)); sure > 0 {
				t.Errorf("%s: %s claims it with %d", name, f.Info().Name, sure)
			}
		}
	}
}
