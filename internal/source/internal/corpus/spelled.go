package corpus

import (
	"time"
	"unsafe"

	"github.com/ddbenc/ddbenc/internal/source/internal/corpus/odd.v2"
)

// Account has the usual kinds of fields.
type Account struct {
	ID     string    `dynamo:"id,hash"`
	Opened time.Time `dynamo:"opened,range" ddbenc:"sign,context"`
	Email  string    `dynamo:"email"`
	Phone  string    `ddbenc:"encrypt"`
	//lint:ignore SA5008 guregu/dynamo reads every index tag of a field
	Plan   string `dynamo:"plan" ddbenc:"sign" index:"by-plan,hash" index:"by-place,sort"`
	City   string `dynamo:"city" ddbenc:"none" index:"by-place,partition"`
	Visits int    `dynamo:"visits,omitempty" ddbenc:"none"`
	Audit
	Parent *Account `dynamo:"-"`
	cache  []byte
}

// Audit is embedded.
type Audit struct {
	By string    `dynamo:"by" ddbenc:"sign"`
	At time.Time `dynamo:"at,unixtime" localIndex:"by-creation,range"`
}

// AccountPointer is an alias of a pointer.
type AccountPointer *Account

// DefinedLater has the fields of another type, but not its name.
type DefinedLater Account

type (
	// Text is a defined basic type.
	Text string
	// Number is an alias of one.
	Number = int64
	plain  struct{ Plain string }
	// Method is an interface whose methods have to be sorted.
	Method interface {
		Zeta(n int, rest ...string) (Text, error)
		Alpha()
		Ähnlich()
		beta(func() bool) chan<- int
	}
	// Box is generic.
	Box[T any] struct {
		Content T
		Label   string `dynamo:"label"`
	}
	// Sealed is generic and used only as the type of an item.
	Sealed[T any] struct {
		ID    string `dynamo:"id,hash"`
		Open  T      `ddbenc:"sign"`
		Other Box[T]
	}
	// Pair has two type parameters.
	Pair[K comparable, V any] struct {
		Key   K `dynamo:"key,hash"`
		Value V
	}
	// AliasBox is an alias of an instance.
	AliasBox = Box[Number]
	// GenericAlias is a generic alias.
	GenericAlias[T comparable] = Pair[T, []T]
	listOfItself               []listOfItself
	mapOfItself                map[string]mapOfItself
)

// Spellings has field types that package reflect formats in its own way.
type Spellings struct {
	Byte       byte
	Rune       rune
	Bytes      []byte
	Any        any
	Empty      interface{}
	Err        error
	Pointer    unsafe.Pointer
	Uintptr    uintptr
	Complex    complex64
	Array      [3]*[2]int
	Map        map[Text][]map[Number]bool
	Alias      Number
	Defined    Text
	Other      oddly.Point
	OtherKeep  oddly.Keeper
	Private    oddly.Private
	Time       *time.Time
	Duration   time.Duration
	Send       chan<- int
	Receive    <-chan int
	Both       chan int
	OfReceive  chan (<-chan int)
	ReceiveOf  <-chan <-chan int
	SendOf     chan<- (<-chan int)
	Func       func()
	FuncOne    func(a int, b, c string) error
	FuncTwo    func(...any) (n int, err error)
	FuncOfFunc func(func(int) func()) (func(), bool)
	Method     Method
	Unnamed    interface{ Read([]byte) (int, error) }
	Several    interface {
		Method
		Beta()
		alpha() Method
	}
	EmptyStruct struct{}
	Struct      struct {
		A, b string
		C    *struct{ D []any } `json:"c,omitempty" x:"\"\\"`
		Text
		*Number
		error
		oddly.Shown
		Box[int]
	}
	List listOfItself
	Tree mapOfItself
}

// Unspelled has parts that do not affect the name of its type.
type Unspelled struct {
	_       int
	private func() (a, b int)
	ID      string `json:"id" dynamo:"id,hash"`
	Left    []int  `dynamo:"-"`
}

// Generics has instances, whose names contain the paths of packages.
type Generics struct {
	A Box[int]
	B []Box[oddly.Point]
	C map[Text]*Pair[Number, oddly.Of[*Account2]]
	D Box[any]
	E Box[struct {
		A string `json:"a"`
		b string
		Text
		*Account2
		Number
		Box[rune]
		error
		oddly.Shown
		int
	}]
	F Box[interface {
		Method
		Beta(Text)
		oddly.Keeper
	}]
	G Box[func(a Text, more ...oddly.Point) (x, y error)]
	H Box[<-chan unsafe.Pointer]
	I Box[chan (<-chan Text)]
	J Box[[4]map[byte]rune]
	K oddly.Of[oddly.Private]
	L AliasBox
	M GenericAlias[rune]
	N Box[time.Duration]
	O Pair[error, Pair[string, Box[Text]]]
	P Box[listOfItself]
	Q Box[func()]
}

var (
	_ = Account{}.cache
	_ = Unspelled{}.private
)
