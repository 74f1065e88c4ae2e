package sigma

import "fmt"

// didYouMean names the nearest of some names, if one is near: a letter in three may be wrong, and two at most.
func didYouMean(word string, names []string) string {
	best, distance := "", min(len(word)/3+1, 3)
	if len(word) < 2 || len(word) > 200 {
		return ""
	}
	for _, n := range names {
		if d := editDistance(word, n, distance); d < distance {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance counts the insertions, deletions and replacements between two words (Levenshtein), up to a bound.
func editDistance(a, b string, bound int) int {
	if len(a)-len(b) >= bound || len(b)-len(a) >= bound {
		return bound
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
