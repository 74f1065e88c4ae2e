package sigma

import (
	"bytes"
	"math"
	"strings"
)

// weigh guesses how often values pass the term's test, from its form alone.
func (t *term) weigh() {
	if t.kind != byOp {
		t.chance = 0.6
		return
	}
	switch t.atom.Op {
	case Equal:
		t.chance = equalChance(t.text)
	case NumberEqual:
		t.chance = max(0.1, equalChance(t.text)) // a status, a port: some stand in every other event
	case Contains:
		t.chance = literalChance(t.text)
	case StartsWith, EndsWith:
		t.chance = 0.7 * literalChance(t.text)
	case Glob, Regexp:
		for _, n := range t.needles {
			t.chance += literalChance(n)
		}
		t.chance, t.burden = t.chance/2, 5*t.chance
		if len(t.needles) == 0 {
			t.chance, t.burden = 0.2, 5
		}
	case CIDR:
		t.chance, t.burden = 0.05, 0.1
	default:
		t.chance, t.burden = 0.3, 0.2
	}
}

// equalChance knows the values that are in nearly every record of their kind. Of others, short ones are the more common.
func equalChance(text []byte) float64 {
	switch s := string(text); {
	case s == "200" || s == "get" || s == "success" || s == "awsapicall":
		return 0.8
	case s == "true" || s == "false":
		return 0.4
	case bytes.HasSuffix(text, []byte(".amazonaws.com")): // a service, of which each call is an event
		return 0.05
	case len(s) <= 3:
		return 0.15
	case len(s) <= 5:
		return 0.08
	}
	return 0.004
}

// literalChance guesses how many values hold a literal: the fewer the longer it is, but for parts of what nearly all hold.
func literalChance(text []byte) float64 {
	if len(text) > 2 && strings.Contains(commonText, string(text)) {
		return 0.8
	}
	return max(0.0001, 0.6*math.Pow(0.2, float64(len(text)-1)))
}

// commonText is what stands in many values of logs' fields: ARNs, hosts, user agents and the folders of web sites.
const commonText = ":arn:aws:iam::\narn:aws:sts::\n:assumed-role/\n.amazonaws.com\nhttps://www.\nhttp://www.\n" +
	"mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/\nsafari/537.36\n" +
	"/images/\n/image/\n/img/\n/media/\n/files/\n/static/\n/assets/\n/cache/\n/css/\n/js/\n/api/\nindex.html\nindex.php\n" +
	"(x11; linux x86_64)\ngecko/20100101 firefox/\naws-cli/\nboto3/\nbotocore/\naws-sdk-\npython/\nlinux/"
