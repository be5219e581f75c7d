// Package mapper stands in for ddbenc's: the declaration of tables.
package mapper

import (
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/guregu/dynamo/v2"
)

type Option func()

type TableOption func()

func New(api any, options ...Option) (*dynamo.DB, error) { return nil, nil }

func TableOf[T any](name string, encryptor any, options ...TableOption) Option { return nil }

func WithType[U any]() TableOption                           { return nil }
func WithLogicalName(name string) TableOption                { return nil }
func WithReaders(encryptors ...any) TableOption              { return nil }
func WithUndeclared(action crypto.Action) TableOption        { return nil }
func WithoutRewrites() TableOption                           { return nil }
func WithPlaintextReads() TableOption                        { return nil }
func WithSelection(protected func(key any) bool) TableOption { return nil }
func WithBeacons(keys any) TableOption                       { return nil }
func WithBeaconConfig(config any) TableOption                { return nil }

type Repository[T any] struct{}

func NewRepository[T any](db *dynamo.DB, tableName string) (*Repository[T], error) { return nil, nil }

func (*Repository[T]) Query(hash any, options ...func(*dynamo.Query)) error { return nil }
func (*Repository[T]) Scan(options ...func(*dynamo.Scan)) error             { return nil }
