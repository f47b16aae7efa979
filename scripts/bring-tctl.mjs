import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bring, main, onPath, place, run, SetupError } from './bring.mjs';
import { tctl } from './paths.mjs';

/* Builds tctl for the tests of Temporal's front doors. `go install` would ask for the list of its versions, which mirrors may lack. */
await main(async () => {
  if (existsSync(tctl.file)) return;
  if (!onPath('go')) throw new SetupError('go: is not installed; install Go, or skip the tests that need tctl');
  const facts = {
    what: `tctl ${tctl.version}`,
    why: "Temporal's old command line, for tests; built from its Go module, several minutes, 60 MB",
    where: tctl.file,
  };
  await bring(facts, (incoming) => {
    const remedy = 'Go and access to the Go module proxy are needed';
    const module = `github.com/temporalio/tctl@v${tctl.version}`;
    const { Dir } = JSON.parse(run('go', ['mod', 'download', '-json', module], { cwd: incoming, remedy }));
    const source = join(incoming, 'source');
    run('cp', ['-r', '--no-preserve=mode', Dir, source]);
    run('nice', ['-n', '5', 'go', 'build', '-o', join(incoming, 'tctl'), './cmd/tctl'], { cwd: source, remedy });
    place(join(incoming, 'tctl'), tctl.file);
  });
});
