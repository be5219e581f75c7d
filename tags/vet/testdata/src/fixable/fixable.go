// Package fixable has mistakes with one right answer.
package fixable

type Misspelled struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbnc:"sign" json:"email"` // want `tag key "ddbnc" has no effect: write "ddbenc"`
}

type Cased struct {
	ID    string `DYNAMO:"id,hash"` // want `tag key "DYNAMO" has no effect: write "dynamo"`
	Email string `ddbenc:"sign"`
}

type Key struct {
	ID string `dynamo:"id,hash" ddbenc:"encrypt" json:"id"` // want `a key of the table cannot be encrypted`
}

type FirstPair struct {
	ID string "ddbenc:\"encrypt\" dynamo:\"id,hash\"" // want `a key of the table cannot be encrypted`
}

type Unexported struct {
	ID   string `dynamo:"id,hash"`
	name string `ddbenc:"encrypt"` // want `the ddbenc tag has no effect`
}

type LeftOut struct {
	ID   string `dynamo:"id,hash"`
	Name string `dynamo:"-" ddbenc:"encrypt"` // want `the ddbenc tag has no effect`
}

type Lost struct {
	ID    string `dynamo:"id,hash"`
	Name  string `dynamo:"-" ddbenc:"encrypt" beacon:"8"` // want `the ddbenc tag has no effect`
	Email string `ddbenc:"encrypt"`
}

type LostBeacon struct {
	ID    string `dynamo:"id,hash"`
	Name  string `dynamo:"-" beacon:"8" json:"name"` // want `the beacon tag has no effect`
	Email string `ddbenc:"encrypt"`
}

type MisspelledBeacon struct {
	ID    string `dynamo:"id,hash"`
	Email string `ddbenc:"encrypt" becon:"8"` // want `tag key "becon" has no effect: write "beacon"`
}

// Both is said twice: which one is meant, only its author knows.
type Both struct {
	ID    string `dynamo:"id,hash"`
	Email string `ddbenc:"sign" ddb-enc:"none"` // want `tag key "ddb-enc" has no effect`
}

type Shared struct {
	ID   string `dynamo:"id,hash"`
	a, b string `ddbenc:"sign"` // want `the ddbenc tag has no effect`
}
