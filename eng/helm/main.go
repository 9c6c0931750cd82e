// Renders a Helm chart with Go's templates and sprig, as Helm does, for machines without Helm. It knows the functions
// and objects that deploy/helm uses. Unknown ones are errors. Run it with eng/helm.py.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type object = map[string]interface{}

type files struct{ root string }

// Get returns the text of a file of the chart. As in Helm, it is empty if there is no such file.
func (f files) Get(name string) string {
	data, _ := os.ReadFile(filepath.Join(f.root, name))
	return string(data)
}

type versions []string

// Has indicates whether the cluster has an API.
func (v versions) Has(name string) bool {
	for _, known := range v {
		if known == name {
			return true
		}
	}
	return false
}

func read(path string) object {
	data, err := os.ReadFile(path)
	check(err)
	found := object{}
	check(yaml.Unmarshal(data, &found))
	return found
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// merge sets values over others. As in Helm, a null removes a value.
func merge(values, over object) {
	for key, value := range over {
		inner, isObject := value.(object)
		outer, wasObject := values[key].(object)
		switch {
		case value == nil:
			delete(values, key)
		case isObject && wasObject:
			merge(outer, inner)
		default:
			values[key] = value
		}
	}
}

func toYaml(value interface{}) (string, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	err := encoder.Encode(value)
	return strings.TrimSuffix(text.String(), "\n"), err
}

// main takes the chart's directory, and values as JSON, and prints the rendered files, each after its name.
func main() {
	root := os.Args[1]
	chart := read(filepath.Join(root, "Chart.yaml"))
	values := read(filepath.Join(root, "values.yaml"))
	over := object{}
	check(json.Unmarshal([]byte(os.Args[2]), &over))
	merge(values, over)

	all := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	for _, name := range []string{"env", "expandenv", "now", "randAlphaNum", "uuidv4", "genCA"} {
		delete(functions, name)
	}
	functions["toYaml"] = toYaml
	functions["fromYaml"] = func(text string) (object, error) {
		found := object{}
		return found, yaml.Unmarshal([]byte(text), &found)
	}
	functions["include"] = func(name string, data interface{}) (string, error) {
		var text bytes.Buffer
		err := all.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if text, isText := value.(string); value == nil || (isText && text == "") {
			return value, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	all.Funcs(functions)

	paths, err := filepath.Glob(filepath.Join(root, "templates", "*"))
	check(err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		check(err)
		_, err = all.New(filepath.Base(path)).Parse(string(text))
		check(err)
	}
	data := object{
		"Values":       values,
		"Chart":        object{"Name": chart["name"], "Version": chart["version"], "AppVersion": chart["appVersion"]},
		"Release":      object{"Name": "chats", "Namespace": "default", "Service": "Helm"},
		"Files":        files{root},
		"Capabilities": object{"APIVersions": versions{"v1", "apps/v1"}},
	}
	for _, path := range paths {
		name := filepath.Base(path)
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		var text bytes.Buffer
		check(all.ExecuteTemplate(&text, name, data))
		rendered := strings.ReplaceAll(text.String(), "<no value>", "")
		fmt.Printf("---\n# Source: %s\n%s\n", name, rendered)
	}
}
