package app

import (
	"encoding/json"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
	"github.com/gatehouse-sec/gatehouse/sigma"
)

func newRules(s Streams) *cobra.Command {
	c := group(&cobra.Command{
		Use:   "rules",
		Short: "List, check, test and show detection rules",
		Example: strings.Trim(`
  gatehouse rules list --product aws --level high
  gatehouse rules show "VPC flow logs deleted"
  gatehouse rules check my-rules
  gatehouse rules test
`, "\n"),
	})
	c.AddCommand(newRulesList(s), newRulesCheck(s), newRulesTest(s), newRulesShow(s))
	return c
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// ruleShown is what "rules show -o json" says.
type ruleShown struct {
	ruleLine
	Description    string   `json:"description"`
	References     []string `json:"references"`
	FalsePositives []string `json:"false_positives"`
	Next           string   `json:"next_step"`
	Source         string   `json:"source"` // the rule as it stands in its file
}

func newRulesShow(s Streams) *cobra.Command {
	var flags ruleFlags
	var output string
	c := &cobra.Command{
		Use:   "show RULE",
		Short: "Show a rule: by id, name, title or part of its title",
		Example: strings.Trim(`
  gatehouse rules show "VPC flow logs deleted"
  gatehouse rules show "vpc flow logs del" -o json
`, "\n"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return hinted("for example: gatehouse rules show 'VPC flow logs deleted'", "name one rule, in quotation marks if its name has spaces")
			}
			return nil
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			b, err := flags.load(c.Context())
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var ids []cobra.Completion
			for _, r := range b.Set.Rules {
				ids = append(ids, cobra.CompletionWithDesc(r.ID, r.Title))
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
	flags.flags(c)
	outputs := outputFlag(c, &output, "yaml", "json")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := outputs.check(output); err != nil {
			return err
		}
		b, err := flags.load(c.Context())
		if err != nil {
			return err
		}
		r, err := ruleNamed(b, args[0])
		if err != nil {
			return err
		}
		return show(s.Out, b, r, output)
	}
	return c
}

func show(w io.Writer, b *rulebook.Book, r *sigma.Rule, output string) error {
	text, err := b.Source(r)
	if err != nil {
		return err
	}
	if output == "json" {
		return writeJSON(w, ruleShown{
			ruleLine: lineOf(b, r), Description: r.Description, References: orEmpty(r.References), FalsePositives: orEmpty(r.FalsePositives),
			Next: b.Next(r), Source: string(text),
		})
	}
	_, err = w.Write(text)
	return err
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// ruleNamed finds a rule by its id, name or title, or by a part of its title that no other has.
func ruleNamed(b *rulebook.Book, name string) (*sigma.Rule, error) {
	var found []*sigma.Rule
	var titles []string
	for _, r := range b.Set.Rules {
		if r.ID == name || r.Name == name || strings.EqualFold(r.Title, name) {
			return r, nil
		}
		titles = append(titles, r.Title)
		if strings.Contains(strings.ToLower(r.Title), strings.ToLower(name)) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		hint := "see: gatehouse rules list"
		if near := nearest(name, titles); near != "" {
			hint = "did you mean " + near + "? All of them: gatehouse rules list"
		}
		return nil, hinted(hint, "no rule is called %q", name)
	}
	titles = nil
	for _, r := range found[:min(len(found), 10)] {
		titles = append(titles, r.Title)
	}
	return nil, hinted("one of: "+strings.Join(titles, "; "), "%d rules are called like %q", len(found), name)
}

// oneFile is a file system that shows one file of another.
type oneFile struct {
	fs.FS
	name string
}

// ReadDir lists the one file.
func (o oneFile) ReadDir(dir string) ([]fs.DirEntry, error) {
	info, err := fs.Stat(o.FS, o.name)
	if err != nil || dir != "." {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}
