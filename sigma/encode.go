package sigma

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

func literal(text string) pattern {
	if text == "" {
		return nil
	}
	return pattern{{Kind: Literal, Text: text}}
}

// encode returns a text in one of the encodings of the appendix "Modifiers".
func encode(name, text string, at *yaml.Node) ([]pattern, error) {
	switch name {
	case "wide", "utf16le":
		text = encodeUTF16(text, false)
	case "utf16be":
		text = encodeUTF16(text, true)
	case "utf16":
		text = "\xff\xfe" + encodeUTF16(text, false)
	case "base64":
		text = base64.StdEncoding.EncodeToString([]byte(text))
	case "base64offset":
		const least = 2 // of one byte nothing is left at an offset of one, and "nothing" is found everywhere
		if len(text) < least {
			return nil, errAt(at, "modifier %q needs a text of %d bytes or more", name, least)
		}
		return base64Offsets(text), nil
	}
	return []pattern{literal(text)}, nil
}

func encodeUTF16(s string, bigEndian bool) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		hi, lo := byte(u>>8), byte(u)
		if bigEndian {
			out = append(out, hi, lo)
		} else {
			out = append(out, lo, hi)
		}
	}
	return string(out)
}

// base64Offsets returns how a text looks inside base64 at each of the three offsets it can start at, without the
// characters that depend on what stands around it.
func base64Offsets(s string) []pattern {
	var out []pattern
	for offset := range 3 {
		enc := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", offset) + s))
		start := [...]int{0, 2, 3}[offset]
		end := len(enc) - [...]int{0, 3, 2}[(len(s)+offset)%3]
		out = append(out, literal(enc[start:end]))
	}
	return out
}

// dashes are the characters that Windows takes for the dash before an option.
var dashes = [...]string{"-", "/", "–", "—", "―"} //nolint:gochecknoglobals // a constant table

// maxDashes is how many dashes of one value windash replaces: their number is the exponent of how many texts come of it.
const maxDashes = 5

// windash returns a value with the dashes that begin a word in every form and combination.
func windash(v value) ([]pattern, error) {
	type place struct{ piece, from, to int }
	var places []place
	for i, piece := range v.pat {
		if piece.Kind != Literal {
			continue
		}
		before := ' '
		for k, r := range piece.Text {
			size := utf8.RuneLen(r)
			if r == utf8.RuneError {
				_, size = utf8.DecodeRuneInString(piece.Text[k:])
			}
			after, _ := utf8.DecodeRuneInString(piece.Text[k+size:])
			if slices.Contains(dashes[:], string(r)) && !isWord(before) && isWord(after) {
				places = append(places, place{i, k, k + size})
			}
			before = r
		}
	}
	if len(places) > maxDashes {
		return nil, unsupportedAt(v.node, "windash takes at most %d dashes in one value, this has %d", maxDashes, len(places))
	}
	out := []pattern{v.pat}
	for _, pl := range slices.Backward(places) { // from the end, so that the places before stay where they are
		var next []pattern
		for _, p := range out {
			for _, dash := range dashes {
				q := slices.Clone(p)
				t := q[pl.piece].Text
				q[pl.piece].Text = t[:pl.from] + dash + t[pl.to:]
				next = append(next, q)
			}
		}
		out = next
	}
	return out, nil
}

func isWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
