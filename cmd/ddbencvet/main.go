// Command ddbencvet reports mistakes in the use of ddbenc: struct tags and table
// declarations that mapper.New refuses, and requests that the mapper rejects.
// See package vet for what it finds and what it does not.
//
// Under the go command, which runs it on what changed only:
//
//	go vet -vettool=$(which ddbencvet) ./...
//	go vet -vettool=$(which ddbencvet) -untagged -personal ./...
//
// By itself, which can also correct what has one right answer:
//
//	ddbencvet ./...
//	ddbencvet -fix ./...
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/ddbenc/ddbenc/tags/vet"
)

// singlechecker speaks the protocol of go vet, too.
func main() { singlechecker.Main(vet.Analyzer) }
