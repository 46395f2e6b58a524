// Package fields stands for the standard names of fields in logs.
package fields

const (
	DurationS      = "duration_s"
	HTTPStatusCode = "status"
)

var (
	Deprecated     = map[string]struct{ Standard string }{}
	VariantVersion = map[string]int{}
)
