// Package vet finds mistakes in the use of ddbenc while a program is being
// written: what mapper.New would refuse when the program starts, and what the
// mapper would refuse when a request is sent.
//
// Run it with the command ddbencvet:
//
//	go install github.com/ddbenc/ddbenc/cmd/ddbencvet@latest
//	go vet -vettool=$(which ddbencvet) ./...
//	ddbencvet -fix ./...
//
// # What is reported
//
// Tags: everything that package tags refuses, in structs that have ddbenc tags
// and in those that mapper.TableOf or mapper.WithType names.
//
// Tables: struct types of one mapper.TableOf that disagree or have no partition
// key, and a table that is declared twice.
//
// Requests: calls of guregu/dynamo that the mapper refuses because they name
// anything but the table's key attributes as a key (Get, Delete, Update, Check,
// Range, Batch), query an index by an encrypted attribute, make one the time to
// live, or update a key. In tables with mapper.WithoutRewrites, also those that
// update a signed attribute or compare an encrypted one in a condition. The check follows a call back to db.Table("name") through
// local variables, unexported fields and functions of the package, as far as
// names and expressions are constants; the table has to be declared in the same
// package or in one that it imports. Functions given to the methods of
// mapper.Repository are checked by its struct type. Requests made with the SDK's
// own types are not checked, nor are the keys of new indexes. The key of a query
// is checked as the table's if the query is made and sent in one expression
// without Index.
//
// Puts: items of struct types with ddbenc tags that are put into a table which is
// not declared, or through a database of dynamo.New: they are stored in plaintext.
// The package has to see the declarations: a package that is given a database by
// others is not checked.
//
// A call that the check cannot follow is not reported: silence is no proof, and
// the mapper still refuses what has to be refused.
//
// Three more checks are opt-in, since programs differ about them. -untagged
// reports fields that are encrypted by default instead of by a tag. -personal
// reports attributes that stay readable though their names look personal; it
// knows some English words and nothing of the data. -rewrites reports updates
// and conditions that take a read and a conditional write instead of one
// request, because DynamoDB cannot evaluate them on protected attributes.
//
// # With golangci-lint
//
// golangci-lint builds analyzers in through its module plugin system. The
// plugin is a package of yours that its .custom-gcl.yml names:
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

// Analyzer is the check. Its flags are untagged, personal and rewrites, all off.
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
	a.Flags.BoolVar(&s.untagged, "untagged", false, "report fields of table structs that have no ddbenc tag and are not keys")
	a.Flags.BoolVar(&s.personal, "personal", false, "report attributes that stay readable though their names look personal")
	a.Flags.BoolVar(&s.rewrites, "rewrites", false, "report updates and conditions that take a read and a conditional write")
	return a
}

// settings are what the flags set.
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
