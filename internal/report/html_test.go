package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/report"
)

var samples = flag.String("samples", "", "a folder to write sample pages to, to be looked at")

func TestHTML(t *testing.T) {
	t.Parallel()
	golden(t, "report.html", []byte(shortened(written(t, report.HTML, sample()))))
}

// shortened leaves out of a page what stands in files of its own, and the hashes of these.
func shortened(page string) string {
	page = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(page, "<style>…</style>")
	page = regexp.MustCompile(`(?s)<script>.*?</script>`).ReplaceAllString(page, "<script>…</script>")
	return regexp.MustCompile(`sha256-[^ ]*?&#39;`).ReplaceAllString(page, "sha256-…&#39;")
}

// The page's policy names exactly the style and the script that are in it, and neither can be ended early.
func TestHTMLPolicy(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*report.Report{"sample": sample(), "hostile": hostile(), "empty": {}} {
		page := written(t, report.HTML, r)
		for _, tag := range []string{"style", "script"} {
			all := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(page, -1)
			if len(all) != 1 {
				t.Fatalf("%s: %d elements %s, want 1", name, len(all), tag)
			}
			sum := sha256.Sum256([]byte(all[0][1]))
			hash := strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;")
			if !strings.Contains(page, tag+"-src &#39;sha256-"+hash+"&#39;") {
				t.Errorf("%s: the policy does not name the %s", name, tag)
			}
		}
		if !strings.Contains(page, "default-src &#39;none&#39;") {
			t.Errorf("%s: the policy allows more than it must", name)
		}
		if m := regexp.MustCompile(`(?i)<[^>]*\s(style|on[a-z]+|src)=`).FindString(outsideScripts(page)); m != "" {
			t.Errorf("%s: an attribute that the policy forbids: %s", name, m)
		}
		if strings.Contains(strings.ToLower(outsideScripts(page)), "href=\"javascript:") {
			t.Errorf("%s: a link that runs a script", name)
		}
	}
}

func outsideScripts(page string) string {
	return regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>`).ReplaceAllString(page, "")
}

// Nothing from a log or a rule becomes an element.
func TestHTMLHostile(t *testing.T) {
	t.Parallel()
	page := written(t, report.HTML, hostile())
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("%d script elements, want 2", n)
	}
	if strings.Contains(page, "<img") {
		t.Error("an image came through")
	}
}

func TestHTMLShowsWhatWasNotRead(t *testing.T) {
	t.Parallel()
	page := outsideScripts(written(t, report.HTML, sample()))
	for _, want := range []string{"Not everything was read", "gzip: unexpected end", "logs/README.bin", "17 records could not be read", "12 matched events have no readable time"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// A page stays of a size that a browser opens, and says what it leaves out.
func TestHTMLIsBounded(t *testing.T) {
	t.Parallel()
	r := many(5000)
	for i := range r.Findings {
		for k := range r.Findings[i].Evidence {
			r.Findings[i].Evidence[k].Raw = strings.Repeat("x", 8<<10)
		}
	}
	page := written(t, report.HTML, r)
	if n := len(page); n > 48<<20 {
		t.Errorf("the page has %d bytes", n)
	}
	if !strings.Contains(page, "To keep this page small, ") {
		t.Error("the page does not say that it is shortened")
	}
}

// TestSamples writes pages to be looked at: go test -run TestSamples -samples DIR.
func TestSamples(t *testing.T) {
	t.Parallel()
	if *samples == "" {
		t.Skip("no -samples")
	}
	empty := sample()
	empty.Findings, empty.Summary.Histogram = nil, nil
	for name, r := range map[string]*report.Report{"sample": sample(), "many": many(5000), "hostile": hostile(), "empty": empty} {
		if err := os.WriteFile(filepath.Join(*samples, name+".html"), []byte(written(t, report.HTML, r)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
