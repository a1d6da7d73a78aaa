// Helm's own command, built from the version that go.mod pins.
package main

import (
	"os"

	helmcmd "helm.sh/helm/v4/pkg/cmd"
)

func main() {
	cmd, err := helmcmd.NewRootCmd(os.Stdout, os.Args[1:], helmcmd.SetupLogging)
	if err == nil {
		err = cmd.Execute()
	}
	if err != nil {
		os.Exit(1) // Cobra has said why
	}
}
