package report

import (
	"fmt"
	"io"
	"strings"
)

// Characters that workflow commands of GitHub escape, in messages and in
// properties (docs.github.com, "Workflow commands for GitHub Actions"; the
// escapes are those of its package @actions/core).
var (
	escapeMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// github writes a workflow command for each change.
func (c *changes) github(w io.Writer) error {
	var b strings.Builder
	for _, change := range c.Changes {
		command := "warning"
		if change.Serious {
			command = "error"
		}
		var properties []string
		property := func(name, value string) {
			properties = append(properties, name+"="+escapeProperty.Replace(value))
		}
		if p := change.Position; p != nil {
			property("file", Visible(p.File))
			property("line", fmt.Sprint(p.Line))
			if p.Column > 0 {
				property("col", fmt.Sprint(p.Column))
			}
		}
		property("title", "ddbenc: "+Visible(change.what))
		message := strings.Join([]string{
			Visible(change.subject) + ": " + Visible(change.what),
			fmt.Sprintf("Stored items, ddbec: %v. %s", change.Stored.DDBEC.Verdict, Visible(change.Stored.DDBEC.Why)),
			fmt.Sprintf("Stored items, dbesdk: %v. %s", change.Stored.DBESDK.Verdict, Visible(change.Stored.DBESDK.Why)),
			Visible(change.Do),
		}, "\n")
		fmt.Fprintf(&b, "::%s %s::%s\n", command, strings.Join(properties, ","), escapeMessage.Replace(message))
	}
	return writeAll(w, &b)
}
