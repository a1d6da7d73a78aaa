// Temporal's own server and its SQL tool as one program, with PostgreSQL as the only database.
//
// The release's `temporal-server` brings every database, and is not to be had without containers.
//
//	temporal-server start FILE.yaml     all services in one process, without authorisation
//	temporal-server sql …               temporal-sql-tool, which makes and updates schemas
package main

import (
	"fmt"
	"os"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql" // registers the plugin
	"go.temporal.io/server/temporal"
	"go.temporal.io/server/tools/sql"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "start":
		return start(arguments[1])
	case len(arguments) > 1 && arguments[0] == "sql":
		return sql.RunTool(arguments)
	}
	return fmt.Errorf("usage: temporal-server start FILE.yaml | sql …")
}

// start runs all services until the process is told to end.
func start(configFile string) error {
	cfg, err := config.Load(config.WithConfigFile(configFile))
	if err != nil {
		return err
	}
	server, err := temporal.NewServer(
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithConfig(cfg),
		temporal.WithLogger(log.NewZapLogger(log.BuildZapLogger(cfg.Log))),
		temporal.InterruptOn(temporal.InterruptCh()),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
	)
	if err != nil {
		return err
	}
	return server.Start()
}
