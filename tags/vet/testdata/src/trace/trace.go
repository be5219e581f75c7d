// Package trace takes requests on detours. // want package:"tables accounts"
package trace

import (
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"sign"`
}

const tableName = "accounts"

var db, _ = mapper.New(nil, mapper.TableOf[Account](tableName, nil, mapper.WithoutRewrites()))

var accounts = db.Table(tableName)

// Exported may be set by anybody.
var Exported = db.Table(tableName)

type Store struct {
	db       *dynamo.DB
	accounts dynamo.Table
	mixed    dynamo.Table
	Public   dynamo.Table
}

func NewStore() *Store {
	return &Store{db: db, accounts: db.Table(tableName), mixed: db.Table(tableName), Public: db.Table(tableName)}
}

func (s *Store) other() { s.mixed = s.db.Table("other") }

func (s *Store) table() dynamo.Table { return s.db.Table(tableName) }

type Embedding struct{ dynamo.Table }

func newEmbedding() Embedding { return Embedding{db.Table(tableName)} }

type DB struct{ *dynamo.DB }

func requests(s *Store, given dynamo.Table, of func() dynamo.Table, embedding *Embedding, own DB, which bool) {
	accounts.Update("id", 1).Set("email", "")                   // want `Set of attribute "email"`
	s.accounts.Update("id", 1).Set("email", "")                 // want `Set of attribute "email"`
	s.table().Update("id", 1).Set("email", "")                  // want `Set of attribute "email"`
	embedding.Update("id", 1).Set("email", "")                  // want `Set of attribute "email"`
	embedding.Table.Update("id", 1).Set("email", "")            // want `Set of attribute "email"`
	own.Table("accounts").Update("id", 1).Set("email", "")      // want `Set of attribute "email"`
	(own.DB.Table("accounts")).Update("id", 1).Set("email", "") // want `Set of attribute "email"`

	local := s.table()
	u := local.Update("id", 1)
	if which {
		u = u.Set("email", "") // want `Set of attribute "email"`
	}
	u.Remove("email") // want `Remove of attribute "email"`

	Exported.Update("id", 1).Set("email", "")
	s.mixed.Update("id", 1).Set("email", "")
	s.Public.Update("id", 1).Set("email", "")
	given.Update("id", 1).Set("email", "")
	of().Update("id", 1).Set("email", "")
	if which {
		given = local
	}
	given.Update("id", 1).Set("email", "")
	changed := local
	change(&changed)
	changed.Update("id", 1).Set("email", "")
	(dynamo.Table).Update(local, "id", 1)

	plain := dynamo.New(nil)
	plain.Table(tableName).Update("id", 1).Set("email", "")
}

func change(t *dynamo.Table) { *t = db.Table("other") }
