// Package personal leaves personal data readable.
package personal

type Account struct {
	Email       string `dynamo:"id,hash"`                  // want `personal.Account.Email: attribute "id" looks personal \(email\) and remains readable: it is a key`
	Mail        string `dynamo:"e_mail" ddbenc:"sign"`     // want `attribute "e_mail" looks personal \(email\) and remains readable: its ddbenc tag is sign`
	HomeAddress string `ddbenc:"none"`                     // want `attribute "HomeAddress" looks personal \(address\) and remains readable: its ddbenc tag is none`
	UserSSN     string `ddbenc:"sign"`                     // want `\(ssn\)`
	IBANs       string `dynamo:"ibans" ddbenc:"sign"`      // want `\(ibans\)`
	DateOfBirth string `dynamo:"dob" ddbenc:"sign"`        // want `\(dob\)`
	First       string `dynamo:"first-name" ddbenc:"sign"` // want `\(firstname\)`
	Phone       string `dynamo:"phone"`
	Plan        string `dynamo:"plan" ddbenc:"sign"`
	Phonetic    string `ddbenc:"sign"`
}
