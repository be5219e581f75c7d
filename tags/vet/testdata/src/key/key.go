// Package key has requests with keys. // want package:"tables notes plain some"
package key

import (
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/guregu/dynamo/v2"
)

type Note struct {
	Person string `dynamo:"person,hash"`
	Number int    `dynamo:"num,range"`
	Body   string `dynamo:"body" ddbenc:"encrypt"`
	Topic  string `dynamo:"topic" ddbenc:"sign" index:"by-topic,hash"`
	Seen   int    `dynamo:"seen" ddbenc:"none"`
}

type Plain struct {
	ID string `dynamo:"id,hash"`
}

var _, _ = mapper.New(nil,
	mapper.TableOf[Note]("notes", nil, mapper.WithReaders(), mapper.WithLogicalName("n"), mapper.WithPlaintextReads()),
	mapper.TableOf[Plain]("plain", nil, mapper.WithUndeclared(crypto.None)),
	mapper.TableOf[Plain]("some", nil, mapper.WithSelection(func(any) bool { return false })))

const body = "body"

func keys(db *dynamo.DB, name string, which bool, out any) {
	notes := db.Table("notes")
	notes.Get(body, "secret").One(out)                                          // want `the mapper rejects Get of attribute "body": keys are sent in the clear, and the attribute is not part of the key, which is "person" and "num"`
	notes.Get("person", 1).Range("body", dynamo.Equal, "secret").One(out)       // want `Range of attribute "body": keys are sent in the clear`
	(notes.Get("seen", 1)).Filter("seen = ?", 1).All(out)                       // want `Get of attribute "seen": keys are sent in the clear`
	notes.Get("topic", 1).All(out)                                              // want `Get of attribute "topic": keys are sent in the clear`
	db.GetTx().GetOne(notes.Get("topic", 1), out)                               // want `Get of attribute "topic": keys are sent in the clear`
	db.GetTx().Get(notes.Get("person", 1).Range("topic", dynamo.Equal, "x"))    // want `Range of attribute "topic": keys are sent in the clear`
	notes.Delete("Person", "ada").Range("num", 1)                               // want `Delete of attribute "Person": keys are sent in the clear`
	notes.Delete("person", "ada").Range("topic", 1)                             // want `Range of attribute "topic": keys are sent in the clear`
	notes.Update("body", "secret").Range("num", 1).Set("seen", 1)               // want `Update of attribute "body": keys are sent in the clear`
	notes.Update("person", "ada").Range("seen", 1).Set("seen", 1)               // want `Range of attribute "seen": keys are sent in the clear`
	notes.Check("topic", "ada").Range("body", 1).If("attribute_exists(person)") // want `Check of attribute "topic": keys are sent in the clear` `Range of attribute "body": keys are sent in the clear`
	notes.Batch("person", "body").Get(dynamo.Keys{1, 2})                        // want `Batch of attribute "body": keys are sent in the clear`
	notes.Batch(name, "topic").Write().Delete(dynamo.Keys{1, 2})                // want `Batch of attribute "topic": keys are sent in the clear`
	get := db.Table("other").Batch("pk").Get()
	get.From(notes, "body", dynamo.Keys{})                               // want `From of attribute "body": keys are sent in the clear`
	get.FromRange(notes, "person", "topic", dynamo.Keys{})               // want `FromRange of attribute "topic": keys are sent in the clear`
	db.Table("other").Batch("pk").Write().DeleteIn(notes, "topic")       // want `DeleteIn of attribute "topic": keys are sent in the clear`
	notes.Batch("person").Write().DeleteInRange(notes, "body", "person") // want `DeleteInRange of attribute "body": keys are sent in the clear`
	db.Table("plain").Delete("email", "ada")                             // want `Delete of attribute "email": keys are sent in the clear, and the attribute is not part of the key, which is "id"`
	db.Table("some").Delete("email", "ada")                              // want `Delete of attribute "email": keys are sent in the clear`

	notes.Get("person", 1).Range("num", dynamo.Equal, 1).One(out)
	notes.Get("topic", 1).Index("by-topic").All(out)
	notes.Get("topic", 1).Index("by-topic").Range("topic", dynamo.Equal, 1).All(out)
	notes.Get("topic", 1).Filter("seen = ?", 1).Index("by-topic").All(out)
	q := notes.Get("topic", 1)
	if which {
		q = q.Index("by-topic")
	}
	q.Range("seen", dynamo.Equal, 1).All(out)
	notes.Get(name, 1).All(out)
	notes.Delete(name, 1).Range("person", 1)
	notes.Delete("num", 1).Range("person", 1)
	notes.Batch("person", "num").Get().From(db.Table("other"), "pk")
	db.Table("other").Delete("email", "ada")
	all := func(q *dynamo.Query) error { return q.All(out) }
	all(notes.Get("topic", 1))
}

func messages(db *dynamo.DB) {
	notes := db.Table("notes")
	notes.Update("person", 1).Set("num", 2) // want `Set of attribute "num": it is a signed key \(key.Note.Number\): an item's key cannot change; put an item with the new key and delete the old one`
	notes.UpdateTTL("body", true)           // want `UpdateTTL of attribute "body": it is encrypted and signed \(key.Note.Body\): DynamoDB cannot read a time to live that is encrypted`
	notes.Put(Note{}).If("attribute_exists(body) AND seen = ?", 1)
}
