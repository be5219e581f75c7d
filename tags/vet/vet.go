// Package vet provides an analyzer that finds errors in the use of ddbenc at
// build time. It reports what mapper.New would reject when the program starts
// and what the mapper would reject when a request is sent.
//
// Run it with the command ddbencvet:
//
//	go install github.com/ddbenc/ddbenc/cmd/ddbencvet@latest
//	go vet -vettool=$(which ddbencvet) ./...
//	ddbencvet -fix ./...
//
// # Checks
//
// Tags: all errors that package tags reports, in structs that have ddbenc or
// beacon tags and in those that mapper.TableOf or mapper.WithType names.
//
// Tables: struct types of one mapper.TableOf that contradict each other or have
// no partition key, and tables that are declared twice.
//
// Requests: calls of guregu/dynamo that the mapper rejects. These are calls
// that name an attribute as a key that is not part of the table's key (Get,
// Delete, Update, Check, Range, Batch), query an index by an encrypted
// attribute that has no beacon, or compare one that has a beacon other than for
// equality, use an encrypted attribute as the time to live, or update a key. In
// tables with mapper.WithoutRewrites, calls that update a signed attribute
// or compare an encrypted one in a condition are reported too.
//
// To find the table of a request, the analyzer follows local variables,
// unexported fields and functions of the package back to db.Table("name").
// Names and expressions must be constants, and the table must be declared in
// the same package or in one that it imports. Functions that are passed to
// methods of mapper.Repository are checked against its struct type. Requests
// that use the SDK's own types and the keys of new indexes are not checked. The
// key of a query is checked against the table's key if the query is created and
// sent in one expression without Index.
//
// Puts: items of struct types with ddbenc tags that are put into a table that
// is not declared, or into a database of dynamo.New, and are therefore stored
// in plaintext. The package must see the declarations. A package that gets its
// database from another package is not checked.
//
// Calls that the analyzer cannot follow are not reported. The absence of
// reports is therefore not a proof, but the mapper rejects invalid requests in
// any case.
//
// Three more checks are optional. The flag -untagged reports fields that are
// encrypted by default instead of by a tag. The flag -personal reports
// attributes that remain readable although their names suggest personal data;
// it knows some English words and does not examine any data. The flag -rewrites
// reports updates and conditions that take a read and a conditional write
// instead of a single request, because DynamoDB cannot evaluate them on
// protected attributes.
//
// # With golangci-lint
//
// golangci-lint loads analyzers with its module plugin system. Write a plugin
// package and name it in .custom-gcl.yml:
//
//	func init() {
//		register.Plugin("ddbenc", func(any) (register.LinterPlugin, error) { return plugin{}, nil })
//	}
//
//	type plugin struct{}
//
//	func (plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) { return []*analysis.Analyzer{vet.Analyzer}, nil }
//	func (plugin) GetLoadMode() string                           { return register.LoadModeTypesInfo }
package vet

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/ddbenc/ddbenc/internal/arn"
)

// Analyzer checks the use of ddbenc. Its flags are untagged, personal and
// rewrites. All are off by default.
var Analyzer = newAnalyzer()

const doc = `check the use of ddbenc: struct tags, table declarations, requests

The analyzer reports struct tags and table declarations that mapper.New would
refuse, calls of guregu/dynamo that the mapper would refuse because of the
attributes that they name, and tagged structs that are put into tables which are
not declared.`

func newAnalyzer() *analysis.Analyzer {
	var s settings
	a := &analysis.Analyzer{
		Name:      "ddbenc",
		Doc:       doc,
		Run:       func(pass *analysis.Pass) (any, error) { return nil, s.run(pass) },
		Requires:  []*analysis.Analyzer{inspect.Analyzer},
		FactTypes: []analysis.Fact{new(declaredTables)},
	}
	a.Flags.BoolVar(&s.untagged, "untagged", false,
		"report fields of table structs that have no ddbenc tag and are not keys")
	a.Flags.BoolVar(&s.personal, "personal", false,
		"report attributes that remain readable although their names look personal")
	a.Flags.BoolVar(&s.rewrites, "rewrites", false,
		"report updates and conditions that take a read and a conditional write")
	return a
}

// settings holds the values of the flags.
type settings struct {
	untagged, personal, rewrites bool
}

func (s settings) run(pass *analysis.Pass) error {
	c := newChecker(pass, s)
	subjects := c.findSubjects()
	for _, subject := range subjects {
		c.checkStruct(subject)
		if s.untagged {
			c.checkUntagged(subject)
		}
		if s.personal {
			c.checkPersonal(subject)
		}
	}
	c.checkTwice()
	var own declaredTables
	for _, d := range c.declarations.Tables {
		if d.Name == "" {
			own.Unnamed = true
		} else {
			own.Names = append(own.Names, arn.TableName(d.Name))
		}
		if t := c.checkDeclaration(d); t != nil {
			own.Tables = append(own.Tables, *t)
		}
	}
	if len(c.declarations.Tables) > 0 {
		pass.ExportPackageFact(&own)
	}
	c.checkRequests(&own)
	return nil
}
