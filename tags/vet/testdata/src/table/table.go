// Package table declares tables of types that do not go together. // want package:"tables shop shop shop shop"
package table

import "github.com/ddbenc/ddbenc/mapper"

type Customer struct {
	PK    string `dynamo:"pk,hash"`
	SK    string `dynamo:"sk,range"`
	Email string `dynamo:"email"`
	Plan  string `dynamo:"plan" ddbenc:"sign" index:"by-plan,hash"`
}

type Order struct {
	PK    string `dynamo:"pk,hash"`
	SK    string `dynamo:"sk,range"`
	Email string `dynamo:"email" ddbenc:"sign"`
}

type Invoice struct {
	PK   string `dynamo:"pk,hash"`
	SK   string `dynamo:"sk"`
	Plan string `dynamo:"plan" ddbenc:"sign" index:"by-plan,hash"`
}

type Shipment struct {
	PK   string `dynamo:"pk,hash"`
	SK   string `dynamo:"sk,range"`
	Plan string `dynamo:"plan" ddbenc:"sign"`
}

type Unsorted struct {
	PK string `dynamo:"pk,hash"`
}

type Keyless struct {
	Plan string `dynamo:"plan" ddbenc:"sign" index:"by-plan,hash"`
}

type Local struct {
	PK    string `dynamo:"pk,hash"`
	SK    string `dynamo:"sk,range"`
	Other string `localIndex:"by-plan,range"`
}

type Replanned struct {
	PK    string `dynamo:"pk,hash"`
	SK    string `dynamo:"sk,range"`
	Other string `index:"by-plan,hash"`
}

const name = "shop"

func options(more []mapper.TableOption) []mapper.Option {
	return []mapper.Option{
		mapper.TableOf[Customer](name, nil, mapper.WithType[Order]()),                                // want `table shop: attribute "email" is "sign" in table.Order.Email and "encrypt" in table.Customer.Email`
		mapper.TableOf[Customer](name, nil, mapper.WithLogicalName("x"), mapper.WithType[Invoice]()), // want `table shop: attribute "sk" is "encrypt" in table.Invoice.SK and "sign" in table.Customer.SK`
		mapper.TableOf[Customer](name, nil, mapper.WithType[Shipment]()),                             // want `table shop: attribute "plan" has different index roles in table.Shipment.Plan and table.Customer.Plan`
		mapper.TableOf[Customer](name, nil, mapper.WithType[Unsorted]()),                             // want `table shop: the table's sort key is "sk" in table.Customer.SK, but type table.Unsorted has only`
		mapper.TableOf[Customer](name, nil, mapper.WithType[Local]()),                                // want `table shop: index "by-plan" of table.Local.Other and table.Customer.Plan: local in one type and global in the other`
		mapper.TableOf[Customer](name, nil, mapper.WithType[Replanned]()),                            // want `table shop: index "by-plan" of table.Replanned.Other and table.Customer.Plan: different partition keys`
		mapper.TableOf[Customer](name, nil, mapper.WithType[Keyless]()),
		mapper.TableOf[Keyless](name, nil, mapper.WithType[Customer]()),
		mapper.TableOf[Keyless](name, nil), // want `table shop: no field has the table's partition key`
		mapper.TableOf[Keyless](name, nil, more...),
	}
}

var _, _ = mapper.New(nil,
	mapper.TableOf[Customer](name, nil),
	mapper.TableOf[Unsorted]("shop", nil), // want `table shop: declared twice; use mapper.WithType for a second struct type`
)
