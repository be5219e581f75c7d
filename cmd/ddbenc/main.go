// Command ddbenc shows what ddbenc protects: in source code, where it keeps the
// policies of struct tags under review (policy, lock, check), and in stored
// items, which it explains without a key (inspect), opens and seals (open,
// seal). It verifies, reseals and counts whole tables (verify, reseal, census).
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
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
