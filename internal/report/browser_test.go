package report_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/gatehouse-sec/gatehouse/internal/report"
)

// tab is a page in a real browser, with what it wrote to its console.
type tab struct {
	t       *testing.T
	ctx     context.Context //nolint:containedctx // to chromedp the context is the tab
	console func(yield func(chromedp.ConsoleMessage, error) bool)
}

// browse opens a report in a browser; the test is skipped where there is none.
func browse(t *testing.T, r *report.Report) *tab {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("chromium is absent")
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(written(t, report.HTML, r)), 0o644); err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.WindowSize(1400, 1000))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(stop)
	ctx, stopBrowser := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(stopBrowser)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log(err)
		}
		closeTab()
	})
	b := &tab{t: t, ctx: ctx, console: chromedp.Console(ctx)}
	watch := page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.breaches = []; document.addEventListener("securitypolicyviolation", (e) => breaches.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));`,
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, watch); err != nil {
		t.Fatal(err)
	}
	at := url.URL{Scheme: "file", Path: path}
	b.do(chromedp.Navigate(at.String()))
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) keys(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// slash presses the key / as a keyboard does: a page that takes the key for itself keeps it from being typed.
func (b *tab) slash() {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: "/", Code: "Slash"}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = "/"
		}
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
			b.t.Fatal(err)
		}
	}
}

func eval[T any](b *tab, expr string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expr))
	if err != nil {
		b.t.Fatalf("%s: %v", expr, err)
	}
	return v
}

// want fails unless a condition comes to hold within some seconds.
func (b *tab) want(cond string) {
	b.t.Helper()
	wait := fmt.Sprintf(`new Promise((done) => {
		const until = performance.now() + 8000;
		const look = () => { if (%s) done(true); else if (performance.now() > until) done(false); else setTimeout(look, 20); };
		look();
	})`, cond)
	ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise))
	if err != nil || !ok {
		b.t.Errorf("never came to hold: %s (%v)", cond, err)
	}
}

// messages returns everything that was written to the console up to now, and the breaches of the page's policy.
func (b *tab) messages() (out []string) {
	b.t.Helper()
	out = eval[[]string](b, `breaches`)
	const end = "end of the test's console"
	eval[*bool](b, `console.log(`+"`"+end+"`"+`), null`)
	for m, err := range b.console {
		if err != nil {
			b.t.Fatal(err)
		}
		if strings.Contains(m.Text, end) {
			return out
		}
		out = append(out, m.String())
	}
	return out
}

const rows = `document.querySelectorAll("#findings tbody tr").length`

func TestBrowser(t *testing.T) {
	t.Parallel()
	b := browse(t, sample())
	b.want(rows + ` === 10`)
	first := `document.querySelector("#findings tbody .title").textContent`

	// Searching, from the keyboard; in titles, and in the text of events.
	b.slash()
	b.keys("s", "e", "c", "r", "e", "t")
	b.want(rows + ` === 1 && ` + first + `.startsWith("Many secrets")`)
	eval[bool](b, `(document.getElementById("search").select(), true)`)
	b.keys("i", "n", "v", "a", "l", "i", "d", " ", "A", "D", "M", "I", "N")
	b.want(rows + ` === 3`)
	b.want(`document.getElementById("shown").textContent === "3 of 10 findings"`)
	eval[bool](b, `(document.getElementById("search").select(), true)`)
	b.keys("z", "z", "z")
	b.want(`!document.getElementById("none").hidden`)
	b.do(chromedp.Click(chromedp.ID("clear")))
	b.want(rows + ` === 10`)

	// Moving and opening.
	detail := `document.getElementById("detail")`
	b.do(chromedp.KeyEvent(kb.Escape))
	b.keys("j", "j")
	b.want(`document.querySelector("tr[aria-selected=true]").rowIndex === 2`)
	b.keys(kb.Enter)
	b.want(`!` + detail + `.hidden && ` + detail + `.querySelector("h2").textContent === "CloudTrail trail stopped"`)
	b.want(detail + `.contains(document.activeElement) || document.activeElement === ` + detail)
	b.want(detail + `.querySelector("pre").textContent.includes('"eventName": "ConsoleLogin"')`)
	b.want(detail + `.querySelector("mark").textContent === ":11"`)
	b.keys("k")
	b.want(detail + `.querySelector("h2").textContent.startsWith("Root user")`)
	b.keys(kb.Escape)
	b.want(detail + `.hidden && document.activeElement.textContent.startsWith("Root user")`)

	// Filters, each by a button.
	b.do(chromedp.Click(chromedp.CSS(`[data-severity="4"]`)))
	b.want(rows + ` === 3 && document.querySelector("[data-severity='4']").getAttribute("aria-pressed") === "true"`)
	b.do(chromedp.Click(chromedp.CSS(`.chip`)))
	b.want(rows + ` === 10`)
	b.do(chromedp.Click(chromedp.CSS(`.cell`)))
	b.want(rows + ` === 1 && ` + first + `.startsWith("Known scanner")`)
	b.do(chromedp.Click(chromedp.CSS(`.cell[aria-pressed="true"]`)))
	b.do(chromedp.Click(chromedp.CSS(`.entity[title="10.0.0.5"]`)))
	b.want(rows + ` === 3`)
	b.do(chromedp.Click(chromedp.CSS(`.chip`)))

	// The time, from the keyboard: the first bar, then one more.
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("chart").focus()`))
	b.keys(kb.Home, kb.Enter)
	b.want(rows + ` === 1 && document.querySelector(".chip").textContent.startsWith("2026-03-02 10:00")`)
	b.keys(kb.Escape)
	b.want(rows + ` === 10`)

	// Order.
	b.do(chromedp.Click(chromedp.CSS(`[data-sort="count"]`)))
	b.want(first + `.startsWith("SSH brute force") && document.querySelector("th.c-count").getAttribute("aria-sort") === "descending"`)
	b.do(chromedp.Click(chromedp.CSS(`[data-sort="count"]`)))
	b.want(`document.querySelector("th.c-count").getAttribute("aria-sort") === "ascending"`)

	// Light and dark.
	before := eval[string](b, `getComputedStyle(document.body).backgroundColor`)
	b.do(chromedp.Click(chromedp.ID("theme")))
	if after := eval[string](b, `getComputedStyle(document.body).backgroundColor`); after == before {
		t.Errorf("the background stays %s", after)
	}
	if m := b.messages(); len(m) > 0 {
		t.Errorf("on the console: %q", m)
	}
	// Were the policy broken, messages would say so.
	eval[bool](b, `(document.body.insertAdjacentHTML("beforeend", "<b style='color:red' onclick='1'>x</b>"), true)`)
	b.want(`breaches.length > 0`)
}

func TestBrowserHostile(t *testing.T) {
	t.Parallel()
	r := hostile()
	b := browse(t, r)
	b.want(rows + ` === 2`)
	for i := range 2 {
		b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelectorAll("#findings tbody .title")[%d].click()`, i)))
		b.want(`!document.getElementById("detail").hidden`)
		// Whatever in the pane can be clicked is clicked, but links, which only say where they would go.
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("#detail button:not(.quiet), #detail pre, #detail td").forEach((e) => e.click())`))
		if bad := eval[int](b, `[...document.links].filter((a) => !/^(https?|file):$/.test(a.protocol)).length`); bad != 0 {
			t.Errorf("%d links that are not of the web", bad)
		}
		if bad := eval[int](b, `[...document.querySelectorAll("#detail a")].filter((a) => a.rel !== "noopener noreferrer").length`); bad != 0 {
			t.Errorf("%d links without rel", bad)
		}
		b.keys(kb.Escape)
		b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("clear").click()`))
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("#findings tbody .title")[0].click()`))
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll(".cell, .entity, .chip").forEach((e) => e.click())`))
	if eval[bool](b, `"pwned" in window`) {
		t.Error("a script from a log ran")
	}
	if n := eval[int](b, `document.scripts.length + document.images.length + document.querySelectorAll("iframe, object, embed").length`); n != 2 {
		t.Errorf("%d scripts, images and frames, want the page's 2 scripts", n)
	}
	if eval[bool](b, `/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/.test(document.body.innerText)`) {
		t.Error("a control that is not seen, or that turns the direction of writing, came through")
	}
	if m := b.messages(); len(m) > 0 {
		t.Errorf("on the console: %q", m)
	}
}

// With thousands of findings the page is there at once, and so is each answer.
func TestBrowserMany(t *testing.T) {
	t.Parallel()
	b := browse(t, many(5000))
	b.want(rows + ` >= 150`)
	if n := eval[int](b, rows); n > 1000 {
		t.Errorf("%d rows were drawn, which takes long", n)
	}
	b.slash()
	b.keys("1", "9", "8", ".", "5", "1", ".", "1", "9", ".", "2", "4", "9")
	b.want(rows + ` === 1`)
	if m := b.messages(); len(m) > 0 {
		t.Errorf("on the console: %q", m)
	}
}

// A page that is opened at a finding's address shows it.
func TestBrowserLink(t *testing.T) {
	t.Parallel()
	r := sample()
	b := browse(t, r)
	b.do(chromedp.Evaluate[chromedp.Void](`location.hash = "`+r.Findings[4].Fingerprint+`"`), chromedp.Reload())
	b.want(`document.querySelector("#detail h2")?.textContent === "S3 bucket opened to everyone"`)
}

// TestBrowserSamples takes pictures to be looked at: go test -run TestBrowserSamples -samples DIR.
func TestBrowserSamples(t *testing.T) {
	t.Parallel()
	if *samples == "" {
		t.Skip("no -samples")
	}
	for _, v := range []struct {
		name          string
		report        *report.Report
		width, height int64
		script        string
	}{
		{"light", sample(), 1400, 1750, ``},
		{"dark", many(5000), 1400, 1750, `document.getElementById("theme").click()`},
		{"detail", sample(), 1500, 1300, `document.querySelectorAll("#findings .title")[2].click()`},
		{"detail-dark", sample(), 1500, 1100, `document.getElementById("theme").click(); document.querySelectorAll("#findings .title")[0].click()`},
		{"narrow", sample(), 420, 1900, ``},
		{"narrow-detail", sample(), 420, 1100, `document.querySelectorAll("#findings .title")[0].click()`},
		{"hostile", hostile(), 1400, 1700, `document.querySelectorAll("#findings .title")[0].click()`},
		{"facets", many(40), 390, 2600, `document.getElementById("facets").open = true`},
		{"filtered", many(5000), 1400, 1500, `document.querySelectorAll(".cell")[3].click(); document.querySelector("[data-severity='4']").click(); document.getElementById("chart").focus()`},
	} {
		b := browse(t, v.report)
		b.do(chromedp.EmulateViewport(v.width, v.height))
		b.want(`document.getElementById("shown").textContent !== ""`)
		b.do(chromedp.Evaluate[chromedp.Void](v.script + "; scrollTo(0, 0)"))
		b.want(`document.getAnimations().every((a) => a.playState === "finished")`)
		shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*samples, v.name+".png"), shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
