// Package rules holds the detection rules that Gatehouse ships: Sigma files, each with events that it must match and
// events that it must not.
package rules

import "embed"

// FS is the tree of rule files.
//
//go:embed all:aws all:kubernetes all:linux all:web
var FS embed.FS
