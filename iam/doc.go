// Package iam reads AWS policies: the JSON policy language of IAM, of resources, of organizations and of sessions.
//
// It is a library of its own: it does no I/O, reads no clock and needs no AWS SDK.
//
//	p, err := iam.Parse(document) // a *ParseError with line and column
//	err = p.Check(iam.Identity)   // what this kind of policy must and must not have
//
// The source is "IAM JSON policy elements" and "Grammar of the IAM JSON policy language" in the IAM User Guide. Names of
// elements and condition operators are taken in any case, as IAM takes them; values of Effect, Version and the kinds of
// principals are not. What IAM would not store is an error and never a guess: an element that it does not know, one that
// stands twice, a statement with both or neither of Action and NotAction.
//
// # Bounds
//
// A document is taken for hostile: its size and depth are bounded. No input makes this package panic.
package iam
