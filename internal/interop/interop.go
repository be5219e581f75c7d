// Package interop holds the tests that prove interoperability with the
// official clients of the DynamoDB Encryption Client format: Java and Python
// read what Go wrote, and Go reads what they wrote.
//
// They run live with "make interop", which builds and starts the clients, a
// key service and a database. What the clients wrote once is kept in testdata,
// so that every run of the tests reads it, on any machine.
package interop
