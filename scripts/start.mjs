import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { main, run, SetupError } from './bring.mjs';
import { runInForeground } from './foreground.mjs';
import { bundledExample, cache, root } from './paths.mjs';
import { setup } from './setup.mjs';

/*
 * `npm start`: set-up, then the loop on a fresh copy of the bundled example, in a repository of its own.
 * Arguments go to `karpathy-loop run`.
 */
await main(async () => {
  await setup();
  const repository = freshCopy();
  console.log(`example: a fresh copy with one commit in ${repository}`);
  process.exitCode = await runInForeground([
    join(root, 'client', 'karpathy-loop.mjs'),
    'run',
    repository,
    '--foreground',
    ...process.argv.slice(2),
  ]);
  showCommits(repository);
});

function freshCopy() {
  if (!existsSync(bundledExample))
    throw new SetupError(`example: ${bundledExample} is not there; restore it with "git checkout -- examples"`);
  const examples = join(cache, 'examples');
  mkdirSync(examples, { recursive: true });
  const repository = nextFree(examples);
  cpSync(bundledExample, repository, { recursive: true });
  // The person's hooks, templates and signing key stay out of this.
  const git = (...args) =>
    run('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'commit.gpgSign=false', ...args], {
      cwd: repository,
      remedy: 'git 2.30 or later is needed',
    });
  git('init', '--quiet', '--template=', '--initial-branch=main');
  git('add', '--all', '--force');
  git(
    '-c',
    'user.name=Karpathy Loop',
    '-c',
    'user.email=loop@localhost',
    'commit',
    '--quiet',
    '--message',
    'Begin with the bundled example',
  );
  return repository;
}

/** Takes the first free number; mkdir decides between two starts at the same time. */
function nextFree(directory) {
  for (let n = 1; ; n++) {
    try {
      const path = join(directory, `bundled-${n}`);
      mkdirSync(path);
      return path;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

function showCommits(repository) {
  const range = ['--branches=karpathy-loop/*', '--not', 'main'];
  const { stdout } = spawnSync('git', ['-C', repository, 'log', '--format=%h %s%n%w(0,4,4)%(trailers)', ...range], {
    encoding: 'utf8',
  });
  if (stdout)
    console.log(
      `\nThe loop's commits, which "git -C ${repository} log --patch --branches='karpathy-loop/*' --not main" shows whole:\n${stdout.trimEnd()}`,
    );
}
