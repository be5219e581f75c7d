// Package interop tests interoperability with the official clients of both item
// formats: Java and Python for the DynamoDB Encryption Client, Java and Rust for
// the Database Encryption SDK. Each reads what each wrote, with all providers,
// keyrings and signing algorithms, and judges tampered items as the others do.
// With beacons, Java and Go store the same and query by the same, and what Java
// finds is compared with a plain table; its known mistakes are counted.
//
// The tests run live with "make interop", which builds the clients and starts a
// key service and a database. Items that the clients wrote once are in testdata,
// so that every run of the tests reads them, on any machine.
package interop
