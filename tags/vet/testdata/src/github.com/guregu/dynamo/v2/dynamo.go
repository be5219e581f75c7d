// Package dynamo stands in for guregu/dynamo: the methods that name attributes.
package dynamo

type DB struct{}

func New(config any) *DB { return nil }

func (*DB) Table(name string) Table { return Table{} }

type Table struct{}

func (Table) Get(name string, value any) *Query              { return nil }
func (Table) Scan() *Scan                                    { return nil }
func (Table) Put(item any) *Put                              { return nil }
func (Table) Delete(name string, value any) *Delete          { return nil }
func (Table) Update(name string, value any) *Update          { return nil }
func (Table) Check(name string, value any) *ConditionCheck   { return nil }
func (Table) UpdateTTL(name string, enabled bool) *UpdateTTL { return nil }

type UpdateTTL struct{}

type Operator string

const (
	Equal      Operator = "EQ"
	Less       Operator = "LT"
	BeginsWith Operator = "BEGINS_WITH"
)

type Query struct{}

func (*Query) Range(name string, op Operator, values ...any) *Query { return nil }
func (*Query) Index(name string) *Query                             { return nil }
func (*Query) Filter(expr string, args ...any) *Query               { return nil }
func (*Query) Project(paths ...string) *Query                       { return nil }
func (*Query) All(out any) error                                    { return nil }

type Scan struct{}

func (*Scan) Filter(expr string, args ...any) *Scan { return nil }
func (*Scan) Project(paths ...string) *Scan         { return nil }

type Put struct{}

func (*Put) If(expr string, args ...any) *Put { return nil }

type Delete struct{}

func (*Delete) If(expr string, args ...any) *Delete { return nil }

type ConditionCheck struct{}

func (*ConditionCheck) If(expr string, args ...any) *ConditionCheck { return nil }

type Update struct{}

func (*Update) Range(name string, value any) *Update                       { return nil }
func (*Update) Set(path string, value any) *Update                         { return nil }
func (*Update) SetNullable(path string, value any) *Update                 { return nil }
func (*Update) SetSet(path string, value any) *Update                      { return nil }
func (*Update) SetIfNotExists(path string, value any) *Update              { return nil }
func (*Update) SetIgnoringNil(path string, value any) *Update              { return nil }
func (*Update) SetExpr(expr string, args ...any) *Update                   { return nil }
func (*Update) Append(path string, value any) *Update                      { return nil }
func (*Update) Prepend(path string, value any) *Update                     { return nil }
func (*Update) Add(path string, value any) *Update                         { return nil }
func (*Update) AddStringsToSet(path string, values ...string) *Update      { return nil }
func (*Update) AddIntsToSet(path string, values ...int) *Update            { return nil }
func (*Update) AddFloatsToSet(path string, values ...float64) *Update      { return nil }
func (*Update) DeleteFromSet(path string, value any) *Update               { return nil }
func (*Update) DeleteStringsFromSet(path string, values ...string) *Update { return nil }
func (*Update) DeleteIntsFromSet(path string, values ...int) *Update       { return nil }
func (*Update) DeleteFloatsFromSet(path string, values ...float64) *Update { return nil }
func (*Update) Remove(paths ...string) *Update                             { return nil }
func (*Update) RemoveExpr(expr string, args ...any) *Update                { return nil }
func (*Update) If(expr string, args ...any) *Update                        { return nil }
func (*Update) Run() error                                                 { return nil }

type WriteTx struct{}

type GetTx struct{}

func (*DB) GetTx() *GetTx                        { return nil }
func (*GetTx) Get(q *Query) *GetTx               { return nil }
func (*GetTx) GetOne(q *Query, out any) *GetTx   { return nil }
func (*WriteTx) Put(p *Put) *WriteTx             { return nil }
func (*Delete) Range(name string, v any) *Delete { return nil }
func (*Query) One(out any) error                 { return nil }
func (*Query) Iter() any                         { return nil }
func (Table) Batch(hashAndRange ...string) Batch { return Batch{} }

func (*ConditionCheck) Range(name string, v any) *ConditionCheck { return nil }

type Keyed any

type Keys [2]any

type Batch struct{}

func (Batch) Get(keys ...Keyed) *BatchGet { return nil }
func (Batch) Write() *BatchWrite          { return nil }

type BatchGet struct{}

func (*BatchGet) And(keys ...Keyed) *BatchGet                               { return nil }
func (*BatchGet) From(table Table, hashKey string, keys ...Keyed) *BatchGet { return nil }
func (*BatchGet) FromRange(table Table, hashKey, rangeKey string, keys ...Keyed) *BatchGet {
	return nil
}

type BatchWrite struct{}

func (*BatchWrite) Put(items ...any) *BatchWrite                                    { return nil }
func (*BatchWrite) PutIn(table Table, items ...any) *BatchWrite                     { return nil }
func (*BatchWrite) Delete(keys ...Keyed) *BatchWrite                                { return nil }
func (*BatchWrite) DeleteIn(table Table, hashKey string, keys ...Keyed) *BatchWrite { return nil }
func (*BatchWrite) DeleteInRange(table Table, hashKey, rangeKey string, keys ...Keyed) *BatchWrite {
	return nil
}

func (*DB) WriteTx() *WriteTx                         { return nil }
func (*WriteTx) Update(u *Update) *WriteTx            { return nil }
func (*WriteTx) Check(check *ConditionCheck) *WriteTx { return nil }
