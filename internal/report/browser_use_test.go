package report_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// lowContrast lists the texts of a page that have less than the contrast that WCAG 2.2 asks for (1.4.3, level AA), leaving
// out what can't be used now, as the standard does. Bars are drawn in colours too, but say nothing that no text says.
const lowContrast = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const rgba = (css) => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = css;
		canvas.fillRect(0, 0, 1, 1);
		const d = canvas.getImageData(0, 0, 1, 1).data;
		return [d[0], d[1], d[2], d[3] / 255];
	};
	const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
	const light = (c) => {
		const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = (e) => {
		let stack = [];
		for (; e; e = e.parentElement) stack.push(rgba(getComputedStyle(e).backgroundColor));
		return stack.reverse().reduce((below, c) => over(c, below), [255, 255, 255, 1]);
	};
	const opacity = (e) => { let o = 1; for (; e; e = e.parentElement) o *= +getComputedStyle(e).opacity; return o; };
	const out = new Set();
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; (n = walk.nextNode());) {
		const e = n.parentElement;
		if (!n.data.trim() || !e.checkVisibility() || e.closest(":disabled, script, .unseen")) continue;
		const style = getComputedStyle(e), bg = behind(e), fg = rgba(style.color);
		const shown = over([fg[0], fg[1], fg[2], fg[3] * opacity(e)], bg);
		const a = light(shown), b = light(bg);
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
		if (ratio < (large ? 3 : 4.5)) out.add(e.tagName + "." + e.className + " " + ratio.toFixed(2) + ": " + n.data.trim().slice(0, 30));
	}
	return [...out];
})()`

// nameless lists what can be used on a page and has no name that a screen reader could say.
const nameless = `[...document.querySelectorAll("a, button, input, summary, [tabindex='0'], [role=dialog]")].filter((e) => {
	const by = e.getAttribute("aria-labelledby");
	return e.checkVisibility() && !(e.getAttribute("aria-label") || (by && document.getElementById(by)?.textContent) || e.textContent).trim();
}).map((e) => e.outerHTML.slice(0, 80))`

func TestBrowserAccessible(t *testing.T) {
	t.Parallel()
	b := browse(t, sample())
	b.want(rows + ` === 10`)
	for _, theme := range []string{"light", "dark"} {
		b.do(chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.theme = "` + theme + `"`))
		for severity := range 5 { // only its findings, and the first of them open
			b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector("[data-severity='%d']").click(); document.querySelector("#findings .title").click()`, severity)))
			b.want(`document.getAnimations().every((a) => a.playState === "finished")`)
			for _, bad := range eval[[]string](b, lowContrast) {
				t.Errorf("%s, severity %d: too little contrast: %s", theme, severity, bad)
			}
			for _, bad := range eval[[]string](b, nameless) {
				t.Errorf("severity %d: without a name: %s", severity, bad)
			}
			b.keys(kb.Escape)
			b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("clear").click()`))
		}
	}
}

// Nothing moves under the reader's hand: not as the page appears, and the table not as filters come and go.
func TestBrowserStaysStill(t *testing.T) {
	t.Parallel()
	b := browse(t, many(2000))
	b.want(rows + ` >= 150`)
	shift := `new Promise((done) => new PerformanceObserver((l) => done(l.getEntries().reduce((n, e) => n + e.value, 0))).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => done(0), 300))`
	moved, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](shift, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if moved > 0.05 {
		t.Errorf("the page shifted by %.3f as it appeared", moved)
	}
	top := `document.getElementById("findings").getBoundingClientRect().top + scrollY`
	before := eval[float64](b, top)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("[data-severity='4']").click(); document.querySelector(".entity").click()`))
	b.want(`document.querySelectorAll(".chip").length === 2`)
	if after := eval[float64](b, top); after != before {
		t.Errorf("filters moved the table by %g", after-before)
	}
}

// The focus stays on what was used, although all is drawn anew; arrows move within the table and nowhere else.
func TestBrowserFocus(t *testing.T) {
	t.Parallel()
	b := browse(t, sample())
	b.want(rows + ` === 10`)
	for _, of := range []string{".link", ".cell", ".entity"} {
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("`+of+`")[1].focus()`), chromedp.KeyEvent(kb.Enter))
		b.want(`document.activeElement === document.querySelector("` + of + `[aria-pressed=true]")`)
		b.keys(kb.Enter)
		b.want(rows + ` === 10`)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`), chromedp.KeyEvent(kb.ArrowDown))
	b.want(`document.querySelector("tr[aria-selected=true]") === null`)
	b.keys("j", kb.ArrowDown, kb.ArrowDown, kb.ArrowUp)
	b.want(`document.querySelector("tr[aria-selected=true]").rowIndex === 2`)
	b.keys(kb.Enter)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#detail [aria-label='Next finding']").click()`))
	b.want(`document.querySelector("tr[aria-selected=true]").rowIndex === 3 && document.activeElement.id === "detail"`)
}

// On a narrow screen nothing is wider than it, and the facets are there when they are asked for.
func TestBrowserNarrow(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{390, 768, 1280} {
		b := browse(t, hostile())
		b.do(chromedp.EmulateViewport(width, 900), chromedp.Reload())
		b.want(rows + ` === 2`)
		if over := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("at a width of %d the page is %d too wide", width, over)
		}
		open := fmt.Sprint(width > 1000)
		b.want(`String(document.getElementById("facets").open) === "` + open + `" && document.querySelector(".facets summary").checkVisibility() !== ` + open)
		b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("facets").open = true; document.querySelector(".title").click()`))
		if over := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("at a width of %d the open page is %d too wide", width, over)
		}
	}
}
