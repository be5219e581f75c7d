package dynamo

import "github.com/guregu/dynamo/v2/dynamodbiface"

// TestClient makes the client that the tests run on from the one that they
// configured. The external test package sets it: this package cannot import
// what imports it.
var TestClient func(dynamodbiface.DynamoDBAPI) dynamodbiface.DynamoDBAPI
