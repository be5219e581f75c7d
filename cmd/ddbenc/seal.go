package main

import (
	"context"
	"fmt"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/crypto"
)

type sealCommand struct {
	fileFlags
	configFlags
	outFlags
}

func (c *sealCommand) Run(ctx context.Context, s *console) error {
	config, err := c.read("")
	if err != nil {
		return err
	}
	t, err := config.Table(ctx, keyconfig.AWS(config))
	if err != nil {
		return fmt.Errorf("%s: %w", c.Config, oneLine(err))
	}
	defer t.Close()
	return s.transform(ctx, s.records(c.Files), c.KeepGoing, c.outFlags, func(r itemjson.Record) (crypto.Item, error) {
		return t.Seal(ctx, r.Item)
	}, writeJSON)
}
