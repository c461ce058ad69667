package lint

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// A File is a source and what was found in it.
type File struct {
	Name     string
	Findings []Finding
}

// Formats are the formats that Write knows.
var Formats = []string{"text", "json", "sarif", "github"}

// Write writes the findings in a format: text for people, json, sarif 2.1.0, or the commands of GitHub Actions.
func Write(w io.Writer, format string, files []File) error {
	switch format {
	case "text":
		return writeLines(w, files, func(name string, f Finding) string { return f.String(name) })
	case "github":
		return writeLines(w, files, func(name string, f Finding) string {
			kind := string(f.Severity)
			if f.Severity == Note {
				kind = "notice"
			}
			return fmt.Sprintf("::%s file=%s,line=%d,col=%d,title=%s::%s", kind, property.Replace(name), f.Line, f.Column, f.Code, data.Replace(f.Message))
		})
	case "json":
		type entry struct {
			File string `json:"file"`
			Finding
		}
		list := []entry{}
		for _, file := range files {
			for _, f := range file.Findings {
				list = append(list, entry{file.Name, f})
			}
		}
		return writeJSON(w, list)
	case "sarif":
		return writeJSON(w, sarif(files))
	}
	return fmt.Errorf("there is no format %q: %s", format, strings.Join(Formats, ", "))
}

// String returns the finding on one line.
func (f Finding) String(file string) string {
	return fmt.Sprintf("%s:%d:%d: %s %s: %s", file, f.Line, f.Column, f.Severity, f.Code, f.Message)
}

func writeLines(w io.Writer, files []File, line func(name string, f Finding) string) error {
	for _, file := range files {
		for _, f := range file.Findings {
			if _, err := fmt.Fprintln(w, line(file.Name, f)); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// The escapes of GitHub's commands.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

type object = map[string]any

func sarif(files []File) object {
	rules, results := []object{}, []object{}
	for _, c := range Checks {
		rules = append(rules, object{
			"id": c.Code, "shortDescription": object{"text": c.Title}, "defaultConfiguration": object{"level": c.Severity},
			"helpUri": "https://github.com/redis-rest/redis-rest-go/blob/main/docs/lint.md#" + strings.ToLower(c.Code),
		})
	}
	for _, file := range files {
		for _, f := range file.Findings {
			results = append(results, object{
				"ruleId": f.Code, "level": f.Severity, "message": object{"text": f.Message},
				"locations": []object{{"physicalLocation": object{
					"artifactLocation": object{"uri": file.Name},
					"region":           object{"startLine": f.Line, "startColumn": f.Column},
				}}},
			})
		}
	}
	return object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []object{{"tool": object{"driver": object{"name": "redis-rest lint", "rules": rules}}, "results": results}},
	}
}
