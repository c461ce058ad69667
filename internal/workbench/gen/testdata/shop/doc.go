// Package shop has scripts of every form, for the tests of the generator.
package shop

// An Order is read and written as JSON text.
type Order struct {
	ID    string   `json:"id"`
	Items []string `json:"items"`
}
