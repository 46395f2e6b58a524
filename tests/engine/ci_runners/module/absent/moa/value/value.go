// Package value has the types of values of expressions.
package value

import (
	"errors"
	"iter"
)

type Kind string

const (
	NullKind   Kind = "null"
	StringKind Kind = "string"
	NumberKind Kind = "number"
	BoolKind   Kind = "bool"
	ArrayKind  Kind = "array"
	ObjectKind Kind = "object"
)

var (
	ErrAttributeNotFound = errors.New("attribute not found")
	ErrInvalidKey        = errors.New("invalid key")
)

type Value struct{ text string }

type Mapper interface {
	All() iter.Seq2[Value, Value]
	Attr(string) (Value, error)
	Get(Value) (Value, error)
	Keys() iter.Seq[Value]
	Len() int
	Values() iter.Seq[Value]
	WithMarks(uint16) Mapper
}

func (v Value) Kind() Kind             { return NullKind }
func (v Value) String() string         { return v.text }
func (v Value) WithMarks(uint16) Value { return v }
func (v Value) HasMarks(uint16) bool   { return false }
func Null() Value                      { return Value{} }
func String(text string) Value         { return Value{text} }
func Object(Mapper) Value              { return Value{} }
