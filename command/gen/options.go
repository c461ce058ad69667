package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A choice is an interface of package command with a method that only certain types
// have. It stands for the options of a constructor or the values of another parameter.
// If a caller passes another type, the compiler prints the name of the method. So the
// name lists the values.
type choice struct {
	method string   // needsOneOf_NX_XX
	values []string // the functions that return the values, or the types of constants: NX, XX
}

// methodName returns the name that the method should have.
func (c choice) methodName() string {
	prefix := "needsOneOf_"
	if len(c.values) == 1 {
		prefix = "needs_"
	}
	return prefix + strings.Join(c.values, "_")
}

// line returns the line of a comment that lists the values.
func (c choice) line() string { return "// Options: [" + strings.Join(c.values, "], [") + "]." }

// sources returns the files of the package in dir by path. It writes the list of
// options into the comment of each constructor, and gives the method of each choice its
// name.
func sources(dir string) (map[string][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	files := map[string]*ast.File{}
	texts := map[string][]byte{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if texts[path], err = os.ReadFile(path); err != nil {
			return nil, err
		}
		if files[path], err = parser.ParseFile(fset, path, texts[path], parser.ParseComments); err != nil {
			return nil, err
		}
	}
	choices := findChoices(files)
	var rename []string
	for _, c := range choices {
		rename = append(rename, `\b`+c.method+`\b`)
	}
	methods := regexp.MustCompile(strings.Join(rename, "|"))
	names := map[string]string{}
	for _, c := range choices {
		names[c.method] = c.methodName()
	}
	for path, f := range files {
		text := withOptions(fset, f, texts[path], choices)
		texts[path] = methods.ReplaceAllFunc(text, func(old []byte) []byte { return []byte(names[string(old)]) })
	}
	return texts, nil
}

// findChoices finds the choices. The result has the names of their interfaces as keys.
func findChoices(files map[string]*ast.File) map[string]choice {
	choices := map[string]choice{}
	made := map[string][]string{} // by type: the functions that return it, and the type itself if it has constants
	has := map[string][]string{}  // by method: the types that have it
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						if i, ok := spec.Type.(*ast.InterfaceType); ok && spec.Name.IsExported() {
							if method := mark(i); method != "" {
								choices[spec.Name.Name] = choice{method: method}
								has[method] = append(has[method], spec.Name.Name)
							}
						}
					case *ast.ValueSpec:
						if t, ok := spec.Type.(*ast.Ident); ok && d.Tok == token.CONST && t.IsExported() {
							made[t.Name] = append(made[t.Name], t.Name)
						}
					}
				}
			case *ast.FuncDecl:
				switch {
				case d.Recv != nil:
					if t, ok := d.Recv.List[0].Type.(*ast.Ident); ok {
						has[d.Name.Name] = append(has[d.Name.Name], t.Name)
					}
				case d.Name.IsExported() && d.Type.Results != nil:
					if t, ok := d.Type.Results.List[0].Type.(*ast.Ident); ok {
						made[t.Name] = append(made[t.Name], d.Name.Name)
					}
				}
			}
		}
	}
	for name, c := range choices {
		values := map[string]bool{}
		for _, t := range has[c.method] {
			for _, value := range made[t] {
				values[value] = true
			}
		}
		c.values = slices.Sorted(maps.Keys(values))
		choices[name] = c
	}
	return choices
}

// mark returns the method of an interface that only marks the types that belong to it.
// It returns "" if there is no such method.
func mark(i *ast.InterfaceType) string {
	for _, m := range i.Methods.List {
		if f, ok := m.Type.(*ast.FuncType); ok && len(f.Params.List) == 0 && f.Results == nil && !m.Names[0].IsExported() {
			return m.Names[0].Name
		}
	}
	return ""
}

// withOptions returns the text of a file, with the list of options at the end of each
// constructor's comment.
func withOptions(fset *token.FileSet, f *ast.File, text []byte, choices map[string]choice) []byte {
	var b bytes.Buffer
	done := 0
	for _, d := range f.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Doc == nil || resultOf(fset, d) == "" {
			continue
		}
		params := d.Type.Params.List
		if len(params) == 0 {
			continue
		}
		variadic, ok := params[len(params)-1].Type.(*ast.Ellipsis)
		if !ok {
			continue
		}
		name, ok := variadic.Elt.(*ast.Ident)
		if !ok || choices[name.Name].method == "" {
			continue
		}
		start, end := fset.Position(d.Doc.Pos()).Offset, fset.Position(d.Doc.End()).Offset
		comment, _, _ := strings.Cut(string(text[start:end]), "\n//\n// Options: ")
		b.Write(text[done:start])
		b.WriteString(comment + "\n//\n" + choices[name.Name].line())
		done = end
	}
	b.Write(text[done:])
	return b.Bytes()
}
