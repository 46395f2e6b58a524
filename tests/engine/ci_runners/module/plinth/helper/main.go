// Command gitlab-runner-helper has the commands that scripts of jobs call.
package main

import (
	"os"

	"github.com/sirupsen/logrus"
	"github.com/urfave/cli"

	"gitlab.com/gitlab-org/gitlab-runner/commands/helpers"
	"gitlab.com/gitlab-org/gitlab-runner/common"
	"gitlab.com/gitlab-org/gitlab-runner/log"
)

func main() {
	app := cli.NewApp()
	app.Version = common.AppVersion.ShortLine()
	app.Commands = []cli.Command{
		helpers.NewArtifactsDownloaderCommand(), helpers.NewArtifactsUploaderCommand(),
		helpers.NewCacheArchiverCommand(), helpers.NewCacheExtractorCommand(), helpers.NewCacheInitCommand(),
		helpers.NewHealthCheckCommand(), helpers.NewProbeURLCommand(), helpers.NewProxyExecCommand(),
		helpers.NewReadLogsCommand(),
	}
	log.ConfigureLogging(app)
	if err := app.Run(os.Args); err != nil {
		logrus.Fatal(err)
	}
}
