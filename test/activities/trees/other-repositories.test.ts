import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { createRepository, runGit, type TestRepository } from '../../support/repository/repository.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const metric = { pattern: '^METRIC (\\S+)$' };
const benchmark = { command: 'echo METRIC 5', metric, clock: 'none' } as const;

describe.skipIf(!hasSandbox)("other people's repositories (bring the sandbox with: node scripts/setup.mjs)", () => {
  let on: StepsOnTarget;
  let theme: TestRepository | undefined;
  afterEach(async () => {
    await on.remove();
    await theme?.remove();
    theme = undefined;
  });

  /** Adds a submodule whose one file is theme.txt. */
  async function addSubmodule(path: string): Promise<void> {
    theme = await createRepository({ 'theme.txt': 'dark\n' });
    await on.target.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', theme.path, path);
    await on.target.git('commit', '--quiet', '--message', 'A submodule');
  }

  it('whose tests ask git are told of "git": "sealed", which gives them history and tags', async () => {
    on = await stepsOnTarget();
    await on.target.git('tag', 'v1.2.3');
    await on.target.commit({ 'more.txt': '' }, 'two');
    const test = 'test "$(git describe --tags)" = "v1.2.3-1-g$(git rev-parse --short HEAD)" && git status --short';
    await expect(on.prepare({ test, benchmark })).rejects.toThrow(/asks git, and there is no \.git .*"git": "sealed"/);
    await on.prepare({ test, benchmark, git: 'sealed' }, 'sealed');
  });

  it.each([
    ['readonly', 'test -d .git && ! touch .git/x && git -c user.name=a -c user.email=a@b log --oneline'],
    ['copy', 'git rev-list --count HEAD | grep -x 1'],
  ] as const)('with a sealed .git that no run can write, in a %s workspace', async (workspace, test) => {
    on = await stepsOnTarget();
    await on.prepare({ test: `${test} 2>&1`, benchmark, git: 'sealed', workspace });
    expect(await on.target.git('status', '--short')).toBe('');
  });

  it('that name a file which is not committed learn so before anything runs, and the printed command mends it', async () => {
    on = await stepsOnTarget();
    await writeFile(join(on.target.path, 'perf.mjs'), 'console.log("METRIC 5")\n');
    const config = { benchmark: { ...benchmark, command: 'node perf.mjs' }, setup: 'exit 9', provided: ['made'] };
    const message = await on.prepare(config).then(() => '', String);
    expect(message).toMatch(
      /benchmark\.command: perf\.mjs is not committed, and a loop sees committed files only; type: git -C /,
    );
    expect(on.runs).toEqual([]);
    const [, command = ''] = /type: (.*)$/m.exec(message) ?? [];
    for (const one of command.split(' && '))
      await runGit(on.target.path, ...[...one.slice(4).matchAll(/'([^']*)'|\S+/g)].map(([all, text]) => text ?? all));
    await on.prepare({ benchmark: config.benchmark }, 'committed');
  });

  it.each([
    ['staged', 'benchmark.command: perf.mjs', { benchmark: { ...benchmark, command: 'node perf.mjs' } }],
    [
      'that a test imports',
      'test: perf.mjs',
      { benchmark, test: "node -e \"import(process.cwd() + '/per' + 'f.mjs')\"" },
    ],
    ['that the benchmark reads', 'benchmark: perf.mjs', { benchmark: { ...benchmark, command: 'cat "per""f.mjs"' } }],
  ])('that need a file which is not committed learn its name: one %s', async (_, subject, config) => {
    on = await stepsOnTarget();
    await writeFile(join(on.target.path, 'perf.mjs'), 'console.log("METRIC 5")\n');
    if (subject.includes('command')) await on.target.git('add', 'perf.mjs');
    await expect(on.prepare(config)).rejects.toThrow(
      `${subject} is not committed, and a loop sees committed files only`,
    );
  });

  it('whose setup makes files that no run sees learn their names', async () => {
    on = await stepsOnTarget();
    const setup = 'mkdir made && echo 1 > made/a && echo 1 > version.txt';
    const config = { setup, provided: ['made'], benchmark, test: 'cat version.txt' };
    await expect(on.prepare(config)).rejects.toThrow(
      'setup: also made version.txt, which no run sees; name what they need in "provided"',
    );
    await on.prepare({ ...config, provided: ['made', 'version.txt'] }, 'named');
  });

  it('with a submodule that nothing names are taken without it, and say so', async () => {
    on = await stepsOnTarget();
    await addSubmodule('docs/theme');
    await on.target.git('submodule', 'deinit', '--quiet', '--force', '--all');
    await rm(join(on.target.path, '.git', 'modules'), { recursive: true });
    const { notes } = await on.prepare({ benchmark });
    expect(notes!.join('\n')).toContain('base: the submodule docs/theme is left empty, since nothing names it');
  });

  it('whose tests need a submodule that no command names learn so', async () => {
    on = await stepsOnTarget();
    await addSubmodule('docs/theme');
    await on.target.git('submodule', 'deinit', '--quiet', '--force', '--all');
    await rm(join(on.target.path, '.git', 'modules'), { recursive: true });
    await on.target.commit({ 'check.sh': 'cat docs/theme/theme.txt\n' }, 'check');
    await expect(on.prepare({ benchmark, test: 'sh check.sh' })).rejects.toThrow(
      'base: the submodule docs/theme is left empty, since nothing names it',
    );
  });

  it('with a Git LFS pointer are taken where no source, command or glob names it, and say so', async () => {
    const big = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n';
    on = await stepsOnTarget({ files: { 'docs/logo.bin': big, 'README.md': 'See docs/logo.bin\n' } });
    const { notes } = await on.prepare({ benchmark });
    expect(notes!.join('\n')).toContain('base: "docs/logo.bin" is a Git LFS pointer, not the file, and stays one');
    const named = { benchmark, test: 'test -s docs/logo.bin' };
    await expect(on.prepare(named, 'command')).rejects.toThrow('"docs/logo.bin" is a Git LFS pointer, not the file; ');
    await expect(on.prepare({ benchmark, editable: ['docs/**'] }, 'glob')).rejects.toThrow('a Git LFS pointer');
    await on.target.commit({ 'read.mjs': 'open("logo.bin");\n' }, 'read');
    await expect(on.prepare({ benchmark }, 'source')).rejects.toThrow('a Git LFS pointer');
  });

  it.each<[string, RegExp, Parameters<StepsOnTarget['prepare']>[0]]>([
    ['benchmark reads a home', /benchmark: the home of its user/, { benchmark: { ...benchmark, command: 'cat ~/x' } }],
    ['benchmark asks git', /benchmark: asks git, .*"sealed"/, { benchmark: { ...benchmark, command: 'git log' } }],
    ['build asks git', /build: asks git, .*"sealed"/, { benchmark, build: 'git log' }],
    [
      'test writes into a tree that is to be read-only',
      /test: writes into the tree, .*set "workspace" to "copy"/,
      { benchmark, workspace: 'readonly', test: 'echo x > out.txt' },
    ],
    ['test ends with a large exit code', /test: ended with exit code 254/, { benchmark, test: 'exit 254' }],
  ])('whose %s learn what to do', async (_, message, config) => {
    on = await stepsOnTarget();
    await expect(on.prepare(config)).rejects.toThrow(message);
  });

  it('with a submodule that is checked out have its files in every run', async () => {
    on = await stepsOnTarget();
    await addSubmodule('libs/theme');
    const { notes } = await on.prepare({ benchmark, test: 'grep dark libs/theme/theme.txt' });
    expect(notes!.join('\n')).not.toContain('submodule');
  });

  it('that begin in a directory have its globs, commands and paths from there', async () => {
    on = await stepsOnTarget({ files: { 'packages/a b/src/x.mjs': 'export const x = 1;\n' } });
    const directory = 'packages/a b';
    const test = 'test -f src/x.mjs && test -f made/file';
    const setup = 'mkdir made && touch made/file';
    const config = { directory, editable: ['src/**'], setup, provided: ['made'], test, benchmark };
    await on.prepare(config);
    await expect(on.prepare({ ...config, directory: 'packages/b' }, 'none')).rejects.toThrow(/packages\/b/);
  });

  it('whose sources bear the name of a test are opened by "unprotected", and by nothing less', async () => {
    on = await stepsOnTarget({ files: { 'src/spec/work.mjs': 'export const x = 1;\n' } });
    const config = { editable: ['src/spec/**'], benchmark };
    await expect(on.prepare(config)).rejects.toThrow(/src\/spec\/work\.mjs: a test\); .*"unprotected"/);
    const { notes } = await on.prepare({ ...config, unprotected: ['src/spec/work.mjs'] }, 'open');
    expect(notes!.join('\n')).toMatch(/candidates may change src\/spec\/work\.mjs, whose names are those of tests/);
  });

  it('whose tests read the home of a person are told how to let a path in', async () => {
    on = await stepsOnTarget();
    await expect(on.prepare({ benchmark, test: 'cat "$HOME/.cache/data/words.txt"' })).rejects.toThrow(
      /--allow-read-only/,
    );
    const cache = join(on.data, 'words');
    await mkdir(cache);
    await writeFile(join(cache, 'words.txt'), 'one\n');
    on.resources.settings.readOnlyPaths['words'] = cache;
    const config = { benchmark, test: `cat "${cache}/words.txt"`, sandbox: { readOnly: ['words'] } };
    await on.prepare(config, 'let-in');
    expect(await readFile(join(cache, 'words.txt'), 'utf8')).toBe('one\n');
  });

  it.each([
    ['test', 'limits.testSeconds', { test: 'sleep 9', limits: { testSeconds: 1 } }],
    ['setup', 'limits.testSeconds', { setup: 'sleep 9', provided: ['x'], limits: { testSeconds: 1 } }],
    ['build', 'limits.testSeconds', { build: 'sleep 9', limits: { testSeconds: 1 } }],
  ])('whose %s runs longer than its limit learn the field: %s', async (command, field, config) => {
    on = await stepsOnTarget();
    await expect(on.prepare({ benchmark, ...config })).rejects.toThrow(
      `${command}: ran longer than its limit (${field}, 1 s)`,
    );
  });
});
