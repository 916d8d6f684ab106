// Command compose loads the file that COMPOSE_FILE names as `docker compose config` does, with the library behind
// it, and prints the resolved project as JSON. The library's own command is not used because it checks less: not
// that a service which another depends on exists.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	options, err := cli.NewProjectOptions(nil, cli.WithOsEnv, cli.WithConfigFileEnv, cli.WithProfiles([]string{"*"}))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(ctx)
	if err != nil {
		return err
	}
	model, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(model)
	return err
}
