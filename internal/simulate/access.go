package simulate

import (
	"strings"
	"time"
)

// access is the web server's log in the combined format.
func access(r random) (*vocabulary, []*actor) {
	w := site{v: general(), random: r}
	v := w.v
	v.define("ip", nil)
	v.define("agent", nil)
	v.define("when", func(s *scope, dst []byte) []byte { return s.now.AppendFormat(dst, "02/Jan/2006:15:04:05 -0700") })
	v.define("bytes", func(s *scope, dst []byte) []byte { return number(dst, 200+s.heavy(180_000)) })
	v.define("short", func(s *scope, dst []byte) []byte { return number(dst, s.between(146, 980)) })
	v.define("version", oneOf(v, words("2.0 2.0 2.0 2.0 2.0 2.0 2.0 1.1")...))
	v.define("item", func(s *scope, dst []byte) []byte { return number(dst, 1000+s.heavy(9000)) })
	v.define("page", func(s *scope, dst []byte) []byte { return number(dst, 1+s.heavy(40)) })
	v.define("term", mostlyFirst(v, words(`tent rain+jacket headlamp sleeping+bag boots trekking+poles stove water+filter backpack+40l gaiters
		women%27s+fleece dry+bag kids+boots compass ice+axe carabiner m%C3%BCtze`)...))
	v.define("oddterm", mostlyFirst(v, words(`O%27Neill+jacket Levi%27s tent+%3E+3kg+or+1+person drop+leaf+table+camping select+size+from+XL+to+XXL
		%22dry+bag%22+-red 50%25+off update+set+stove sleep+(system) 1=1 union+jack+cup bash+guard cat+hole+trowel id+holder r%26r a..b..c`)...))
	v.define("category", mostlyFirst(v, words(`tents jackets boots packs sleeping cooking lights climbing kids sale`)...))
	v.define("asset", mostlyFirst(v, words(`/assets/app.4f1c22ab.js /assets/app.9d03e1c7.css /assets/vendor.b81d77e0.js /assets/logo.svg /assets/fonts/inter.woff2 /assets/hero.webp /favicon.ico`)...))
	v.define("browser", mostlyFirst(v, chrome, safari, firefox,
		`Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1`,
		`Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36`,
		`Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0`,
		`Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1`,
		`Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36`))
	v.define("scanner", mostlyFirst(v, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.0.0 Safari/537.36", "-",
		"Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)", "Go-http-client/1.1", "python-requests/2.31.0", "curl/7.88.1", "Mozilla/5.0 zgrab/0.x", "Expanse, a Palo Alto Networks company, searches across the global IPv4 space"))
	v.define("source", mostlyFirst(v, "https://www.google.com/", "-", "https://shop.kestrel.example/", "https://www.bing.com/", "https://duckduckgo.com/", "https://news.kestrel.example/winter-sale?utm_source=mail&utm_medium=email"))
	w.visitors()
	w.robots()
	w.machines()
	w.internet()
	return v, w.actors
}

// site is what the actors of the web log are made with.
type site struct {
	v *vocabulary
	random
	actors []*actor
}

// hit is a request and its answer, in the combined format.
func (w *site) hit(request, status, referer string) *line {
	size := "<bytes>"
	switch {
	case status == "304" || status == "204":
		size = "0"
	case strings.HasSuffix(request, "/healthz"):
		size = "2"
	case status[0] != '2':
		size = "<short>"
	}
	return &line{good: w.v.compile(`<ip> - - [<when>] "` + request + ` HTTP/<version>" ` + status + ` ` + size + ` "` + referer + `" "<agent>"`)}
}

// or gives a line another way to come out.
func (l *line) or(other *line, rate float64) *line {
	l.bad, l.badRate = append(l.bad, other.good), rate
	return l
}

// visitors walk through the shop: a page, what belongs to it, the next page.
func (w *site) visitors() {
	const here = "https://shop.kestrel.example/"
	for range 60 {
		a := &actor{
			bind: binds(w.v, "ip", "<crowd>", "agent", "<browser>"), hold: holds(w.v, "ip", "agent", "category", "version"),
			open: []*line{w.hit("GET /", "200", "<source>"), w.hit("GET /assets/app.4f1c22ab.js", "200", here), w.hit("GET /assets/app.9d03e1c7.css", "200", here)},
			bout: [2]int{1, 45}, gap: 3 * time.Second, pause: 7 * time.Minute, rhythm: public(),
		}
		a.lines.add(20, w.hit("GET <asset>", "200", here).or(w.hit("GET <asset>", "304", here), .3))
		a.lines.add(14, w.hit("GET /images/<item>-800.webp", "200", here))
		a.lines.add(9, w.hit("GET /p/<item>", "200", here+"c/<category>").or(w.hit("GET /p/<item>", "404", "https://www.google.com/"), .02))
		a.lines.add(7, w.hit("GET /c/<category>?page=<page>&sort=price", "200", here))
		a.lines.add(5, w.hit("GET /search?q=<term>&page=<few>", "200", here))
		a.lines.add(6, w.hit("GET /api/v1/products/<item>/stock", "200", here+"p/<item>").or(w.hit("GET /api/v1/products/<item>/stock", "500", here), .003))
		a.lines.add(2, w.hit("POST /api/v1/cart", "201", here+"p/<item>"))
		a.lines.add(.6, w.hit("POST /login", "302", here+"login").or(w.hit("POST /login", "401", here+"login"), .12))
		a.lines.add(.5, w.hit("POST /checkout", "303", here+"cart"))
		a.lines.add(.7, w.hit("GET /apple-touch-icon-precomposed.png", "404", "-"))
		a.lines.add(.7, w.hit("GET /old-shop/article.php?id=<item>", "404", "https://www.google.com/").or(w.hit("GET /old-shop/", "301", "-"), .5))
		a.lines.add(.2, w.hit("GET /account/orders", "403", here))
		a.lines.add(.2, w.hit("GET /blog/how-to-select-a-tent-from-our-union-of-brands", "200", here))
		a.lines.add(.5, w.hit("GET /search?q=<oddterm>", "200", here))
		a.lines.add(.3, w.hit("GET /login?next=%2Faccount%2Forders%3Fpage%3D2", "200", here))
		a.lines.add(.3, w.hit("GET /share?url=https%3A%2F%2Fshop.kestrel.example%2Fp%2F<item>&via=mail", "302", here+"p/<item>"))
		a.lines.add(.2, w.hit("GET /unsubscribe?token=<hex40>", "200", "-"))
		w.actors = append(w.actors, a)
	}
}

// robots are the search engines and the like.
func (w *site) robots() {
	for _, bot := range []struct {
		agent, ip string
		pause     time.Duration
	}{
		{`Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/131.0.6778.69 Safari/537.36`, "192.0.2.<byte>", 4 * time.Minute},
		{`Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36`, "192.0.2.<byte>", 9 * time.Minute},
		{`Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)`, "192.0.2.<byte>", 15 * time.Minute},
		{`Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)`, "192.0.2.<byte>", 20 * time.Minute},
		{`facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)`, "192.0.2.<byte>", 25 * time.Minute},
	} {
		a := &actor{
			bind: binds(w.v, "ip", bot.ip, "agent", bot.agent, "version", "1.1"), hold: holds(w.v, "ip"),
			open: []*line{w.hit("GET /robots.txt", "200", "-")}, bout: [2]int{5, 60}, gap: 6 * time.Second, pause: bot.pause,
		}
		a.lines.add(8, w.hit("GET /p/<item>", "200", "-").or(w.hit("GET /p/<item>", "404", "-"), .08))
		a.lines.add(3, w.hit("GET /c/<category>?page=<page>", "200", "-"))
		a.lines.add(.5, w.hit("GET /sitemap.xml", "200", "-"))
		a.lines.add(.3, w.hit("GET /old-shop/article.php?id=<item>", "404", "-"))
		w.actors = append(w.actors, a)
	}
}

// machines are the load balancer's health check, the uptime probe, the app's own webhooks.
func (w *site) machines() {
	for _, m := range []struct {
		agent, ip, request, status string
		pause                      time.Duration
	}{
		{"ELB-HealthChecker/2.0", "10.20.1.17", "GET /healthz", "200", 15 * time.Second},
		{"ELB-HealthChecker/2.0", "10.20.2.91", "GET /healthz", "200", 15 * time.Second},
		{"Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "198.51.100.240", "GET /", "200", time.Minute},
		{"Go-http-client/2.0", "198.51.100.155", "POST /webhooks/payments", "204", 3 * time.Minute},
		{"kestrel-stock-sync/3.2 python-requests/2.32.3", "10.20.7.40", "GET /api/v1/products?since=<item>&limit=500", "200", time.Minute},
	} {
		w.actors = append(w.actors, &actor{
			bind: binds(w.v, "ip", m.ip, "agent", m.agent, "version", "1.1"), open: []*line{w.hit(m.request, m.status, "-")}, pause: m.pause, even: true,
		})
	}
}

// internet is what asks every web server in the world for the same few things, from everywhere, and gets nothing.
func (w *site) internet() {
	a := &actor{
		bind: binds(w.v, "ip", "<noise>", "agent", "<scanner>", "version", "1.1"), hold: holds(w.v, "ip", "agent"),
		bout: [2]int{1, 3}, gap: 2 * time.Second, pause: 3 * time.Minute,
	}
	for _, path := range words(`/.env /.git/config /wp-login.php /xmlrpc.php /phpmyadmin/index.php /actuator/health /boaform/admin/formLogin /owa/auth/logon.aspx
		/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php /solr/admin/info/system?wt=json /HNAP1 /.well-known/security.txt /api/.env
		/cgi-bin/luci/;stok=/locale?form=country&operation=write&country=$(id) /remote/login?lang=en /server-status /config.json /sitemap.xml /robots.txt /`) {
		status := "404"
		if path == "/" || path == "/robots.txt" || path == "/sitemap.xml" {
			status = "200"
		}
		a.lines.add(1, w.hit("GET "+path, status, "-"))
	}
	a.lines.add(3, &line{good: w.v.compile(`<ip> - - [<when>] "\x16\x03\x01\x00\xEE\x01\x00\x00\xEA\x03\x03" 400 150 "-" "-"`)})
	w.actors = append(w.actors, a)
}
