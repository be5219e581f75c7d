// Command ddbenc inspects and reviews data that is protected by ddbenc. For
// source code, it keeps the policies of struct tags under review (policy, lock,
// check). For stored items, it explains them without a key (inspect), opens and
// seals them (open, seal).
//
//	ddbenc check ./...
//	ddbenc inspect item.json
//	ddbenc open --config accounts.keys.json --out accounts.jsonl export.json.gz
//
// Run "ddbenc --help" for details.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
