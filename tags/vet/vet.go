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
// and in those that mapper.TableOf or mapper.Also names.
//
// Tables: struct types of one mapper.TableOf that disagree or have no partition
// key, and a table that is declared twice.
//
// Requests: calls of guregu/dynamo that name a protected attribute where the
// mapper refuses it. That is updates of signed attributes, and comparisons of
// encrypted ones in conditions, filters and keys. Projections are never
// refused, nor is attribute_exists. The check follows a call back to
// db.Table("name") through local variables, unexported fields and functions of
// the package, as far as names and expressions are constants; the table has to
// be declared in the same package or in one that it imports. Functions given to
// the methods of mapper.Repository are checked by its struct type. Requests made
// with the SDK's own types are not looked at, nor are the keys of new indexes.
//
// A call that the check cannot follow is not reported: silence is no proof, and
// the mapper still refuses what has to be refused.
//
// Two more checks are opt-in, since programs differ about them: -untagged
// reports fields that are encrypted by default instead of by a tag, -personal
// attributes that stay readable though their names look personal. The second
// knows some English words and nothing of the data.
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
)

// Analyzer is the check. Its flags are untagged and personal, both off.
var Analyzer = newAnalyzer()

const doc = `check the use of ddbenc: struct tags, table declarations, requests

The analyzer reports struct tags and table declarations that mapper.New would
refuse, and calls of guregu/dynamo that the mapper would refuse because they
name an encrypted or signed attribute.`

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
	return a
}

// settings are what the flags set.
type settings struct {
	untagged, personal bool
}

func (s settings) run(pass *analysis.Pass) error {
	c := newChecker(pass)
	declarations := c.findDeclarations()
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
	c.checkTwice(declarations)
	var tables declaredTables
	for _, d := range declarations {
		if t := c.checkDeclaration(d); t != nil {
			tables.Tables = append(tables.Tables, *t)
		}
	}
	if len(tables.Tables) > 0 {
		pass.ExportPackageFact(&tables)
	}
	c.checkRequests(tables.Tables)
	return nil
}
