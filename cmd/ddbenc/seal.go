package main

import (
	"context"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
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
	t, err := c.table(ctx, config)
	if err != nil {
		return err
	}
	defer t.Close()
	return s.transform(ctx, s.records(c.Files), c.KeepGoing, c.outFlags, func(r itemjson.Record) (crypto.Item, error) {
		return t.Seal(ctx, r.Item)
	}, writeJSON)
}
