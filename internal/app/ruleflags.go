package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gatehouse-sec/gatehouse/internal/builtin"
	"github.com/gatehouse-sec/gatehouse/internal/rulebook"
)

// ruleFlags is the flags of every command that loads rules.
type ruleFlags struct {
	dirs         []string
	noBuiltin    bool
	placeholders []string
	brief        bool // what is only said of findings may wait until there are some
}

func (r *ruleFlags) flags(c *cobra.Command) {
	c.Flags().StringArrayVar(&r.dirs, "rules", nil, "add the Sigma rules of this `folder` or file; may be given again")
	c.Flags().BoolVar(&r.noBuiltin, "no-builtin", false, "leave the shipped rules out")
	c.Flags().StringArrayVar(&r.placeholders, "placeholders", nil, "values for %name% in rules with the modifier expand, a YAML `file` like \"admins: [ann, bob-*]\"; may be given again")
	must(c.MarkFlagFilename("rules", "yml", "yaml"))
	must(c.MarkFlagFilename("placeholders", "yml", "yaml"))
}

// load loads the rules that the flags ask for.
func (r *ruleFlags) load(ctx context.Context, more ...string) (*rulebook.Book, error) {
	placeholders, err := r.readPlaceholders()
	if err != nil {
		return nil, err
	}
	var folders []rulebook.Folder
	if !r.noBuiltin {
		shipped := builtin.Rules()
		shipped.Brief = r.brief
		folders = append(folders, shipped)
	}
	for _, dir := range append(slices.Clone(r.dirs), more...) {
		info, err := os.Stat(dir)
		if err != nil {
			return nil, hinted("check the spelling", "rules in %s: %w", dir, unwrapPath(err))
		}
		f := rulebook.Folder{FS: os.DirFS(dir), Name: dir, Placeholders: placeholders}
		if !info.IsDir() {
			f.FS, f.Name = oneFile{os.DirFS(filepath.Dir(dir)), filepath.Base(dir)}, filepath.Dir(dir)
		}
		folders = append(folders, f)
	}
	book, err := rulebook.Load(ctx, folders...)
	if errors.Is(err, rulebook.ErrNoFiles) {
		return nil, hinted("name a folder of Sigma rules, or a file whose name ends in .yml", "%w", err)
	}
	return book, err
}

func (r *ruleFlags) readPlaceholders() (rulebook.Placeholders, error) {
	out := rulebook.Placeholders{}
	for _, name := range r.placeholders {
		data, err := os.ReadFile(name)
		if err == nil {
			err = out.Add(data)
		}
		if err != nil {
			return nil, hinted(`write a line for each name, like "admins: [ann, bob-*]"`, "--placeholders %s: %w", name, unwrapPath(err))
		}
	}
	return out, nil
}
