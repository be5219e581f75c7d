// Command ddbencvet reports errors in the use of ddbenc: struct tags and table
// declarations that mapper.New rejects, and requests that the mapper rejects.
// See package vet for the list of checks.
//
// Run it with the go command, which checks only changed packages:
//
//	go vet -vettool=$(which ddbencvet) ./...
//	go vet -vettool=$(which ddbencvet) -untagged -personal ./...
//
// Run it by itself to also correct errors that have a unique correction:
//
//	ddbencvet ./...
//	ddbencvet -fix ./...
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/ddbenc/ddbenc/tags/vet"
)

// singlechecker also implements the protocol of go vet.
func main() { singlechecker.Main(vet.Analyzer) }
