//go:build !linux

package main

func useLargePages() error { return nil }
