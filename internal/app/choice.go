package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// choice is a flag that takes one of some words.
type choice struct {
	flag  string
	thing string // what its words are
	words []string
}

// check returns an error that says what was probably meant, unless the word is one of the choice's.
func (c choice) check(word string) error {
	if slices.Contains(c.words, word) {
		return nil
	}
	hint := "it takes " + listed(c.words)
	if near := nearest(word, c.words); near != "" {
		hint = fmt.Sprintf("did you mean %s? It takes %s", near, listed(c.words))
	}
	return hinted(hint, "--%s %s: no such %s", c.flag, word, c.thing)
}

// complete offers the words to the shell.
func (c choice) complete(cmd *cobra.Command) {
	must(cmd.RegisterFlagCompletionFunc(c.flag, cobra.FixedCompletions(c.words, cobra.ShellCompDirectiveNoFileComp)))
}

// outputFlag adds the flag -o with its first word as the default.
func outputFlag(cmd *cobra.Command, into *string, words ...string) choice {
	c := choice{"output", "output", words}
	cmd.Flags().StringVarP(into, "output", "o", words[0], "write as this `format`: "+listed(words))
	c.complete(cmd)
	return c
}

// levels are the words for severities, the gravest last.
func levels() []string {
	var words []string
	for s := finding.Informational; s <= finding.Critical; s++ {
		words = append(words, s.String())
	}
	return words
}

// listed writes a, b or c.
func listed(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
}

// group makes a command that only has others below it answer a word that is none of them.
func group(c *cobra.Command) *cobra.Command {
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				names = append(names, sub.Name())
			}
		}
		hint := "see: " + c.CommandPath() + " --help"
		if near := nearest(args[0], names); near != "" {
			hint = "did you mean: " + c.CommandPath() + " " + near
		}
		return hinted(hint, "%s has no command %q", c.CommandPath(), args[0])
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}
