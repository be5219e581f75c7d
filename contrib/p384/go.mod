module github.com/ddbenc/ddbenc/contrib/p384

go 1.26.4

require (
	github.com/c2sp/wycheproof v0.0.0-20260902155932-3fa63dd0344a
	github.com/cloudflare/circl v1.6.5
	github.com/ddbenc/ddbenc v0.0.0
	golang.org/x/crypto v0.55.0
)

require (
	github.com/aws/aws-sdk-go-v2/service/dynamodb v1.57.1 // indirect
	github.com/aws/smithy-go v1.24.3 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace github.com/ddbenc/ddbenc => ../..
