// Package web gets the database from another package and needs to import no
// other.
package web

import "store"

func rename() {
	db, _ := store.Open()
	db.Table("accounts").Update("id", 1).Set("email", "x") // want `Set of attribute "email"`
}
