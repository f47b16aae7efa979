import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestRepository } from '../support/repository/repository.ts';
import { createTarget, exactRounds, proposals, scriptedSource, targetConfig } from '../support/repository/target.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Whoever gets the tarball has npm, and no checkout. */
describe('the package, installed in an empty directory', () => {
  let place: string;
  let target: TestRepository;
  /** As a person of its own, whose environment names nothing of the checkout. */
  const call = (command: string, args: readonly string[], options: { cwd?: string; input?: string } = {}) => {
    const { PATH = '', HOME, XDG_CACHE_HOME, KARPATHY_LOOP_LOCK } = process.env;
    const own = PATH.split(':').filter((directory) => !directory.startsWith(checkout));
    return execa(command, args, {
      ...{ cwd: place, reject: false, extendEnv: false, ...options },
      env: { PATH: own.join(':'), HOME, XDG_CACHE_HOME, KARPATHY_LOOP_LOCK, CI: '1' },
    });
  };
  const loop = (...args: string[]) => call('npx', ['karpathy-loop', ...args]);

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'karpathy-loop-package-'));
    await execa('npm', ['pack', '--silent', '--pack-destination', place], { cwd: checkout });
    writeFileSync(join(place, 'package.json'), '{ "private": true, "type": "module" }\n');
    const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
    const tarball = join(place, `karpathy-loop-${version}.tgz`);
    const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', tarball];
    const { exitCode, stderr } = await call('npm', install);
    expect(exitCode, stderr).toBe(0);
    target = await createTarget();
  });
  afterAll(async () => {
    for (const data of ['data', 'typed']) await loop('down', '--data', join(place, data));
    await target.remove();
    rmSync(place, { recursive: true, force: true });
  });

  it('has licence, security policy and notices, and neither sources nor a loader', () => {
    const own = (path: string) => existsSync(join(place, 'node_modules', 'karpathy-loop', path));
    const expected = ['LICENSE', 'SECURITY.md', 'README.md', 'CHANGELOG.md', 'dist/THIRD-PARTY-LICENSES.txt'];
    expect(expected.filter((path) => !own(path))).toEqual([]);
    expect(['client/cli.ts', 'node_modules', 'test'].filter(own)).toEqual([]);
    expect(existsSync(join(place, 'node_modules', 'tsx'))).toBe(false);
    expect(existsSync(join(place, 'node_modules', 'webpack'))).toBe(false);
  });

  it('answers on the command line', async () => {
    expect(await loop('--help')).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await loop('--version')).stdout).toMatch(/^\d+\.\d+\.\d+/);
    const decided = await call('npx', ['karpathy-loop', 'decide'], { input: '{"pairs": [[1, 1]]}' });
    expect(JSON.parse(decided.stdout)).toMatchObject({ verdict: 'continue', pairs: 1 });
    expect(await loop('run', '--nonsense')).toMatchObject({ exitCode: 2 });
  });

  it('brings a loop to its end with server, worker, sandbox and parser, as events', async () => {
    const data = join(place, 'data');
    mkdirSync(data);
    const source = scriptedSource(data, [proposals.faster, proposals.broken]).command;
    const config = targetConfig(target.path, { iterations: 2, benchmark: exactRounds });
    writeFileSync(join(place, 'loop.json'), JSON.stringify(config));
    const flags = ['--id', 'packed', '--data', data, '--command-source', `script=${JSON.stringify(source)}`];
    const { exitCode, stdout, stderr } = await loop('run', 'loop.json', '--json', ...flags);
    expect(exitCode, stderr).toBe(0);
    const events = stdout.split('\n').map((text) => JSON.parse(text) as { type: string });
    expect(events.filter(({ type }) => type === 'iteration')).toMatchObject([
      { outcome: 'committed' },
      { outcome: 'rolledBack', reason: 'tests-failed' },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'report', loopId: 'packed', sandbox: ['bubblewrap'] });
    const brief = await loop('brief', 'packed', '--data', data, '--json');
    expect(brief.exitCode, brief.stderr).toBe(0);
  });

  it('is a typed programming interface, in a project that checks the types of its packages too', async () => {
    const program = `import { follow, LoopError, startLoop, type LoopConfig, type LoopEvent } from 'karpathy-loop';
const [repository, data] = process.argv.slice(2) as [string, string];
const config: LoopConfig = {
  repository, editable: ['src/**'], test: 'node test.mjs', iterations: 1,
  benchmark: ${JSON.stringify(exactRounds)},
  hypothesis: { source: 'command', command: 'none' },
};
const told: LoopEvent['type'][] = [];
// @ts-expect-error a config has no such field
const wrong: LoopConfig = { ...config, nonsense: 1, iterations: '1' };
await startLoop(wrong, { data }).catch((error: unknown) => {
  if (error instanceof LoopError) console.log(JSON.stringify(error.lines satisfies readonly string[]));
});
const loop = await startLoop(config, { data, id: 'typed', commandSource: ['none=false'] });
for await (const event of follow(loop)) {
  told.push(event.type);
  if (event.type === 'iteration') console.log(event.outcome, event.reason);
  if (event.type === 'ended') console.log(event.result.stop satisfies string | null);
}
await loop.close();
console.log(told.join(' '));
process.exit(0);
`;
    writeFileSync(join(place, 'program.ts'), program);
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', 'false'];
    const types = ['--types', 'node', '--typeRoots', join(checkout, 'node_modules', '@types')];
    const tsc = await call(process.execPath, [
      ...[join(checkout, 'node_modules', 'typescript', 'bin', 'tsc'), ...options, ...types, 'program.ts'],
    ]);
    expect(tsc.stdout).toBe('');
    const data = join(place, 'typed');
    const { exitCode, stdout, stderr } = await call(process.execPath, ['program.js', target.path, data]);
    expect(exitCode, stderr).toBe(0);
    const [refusal = '', outcome, stop, told] = stdout.split('\n');
    expect(JSON.parse(refusal)).toEqual(expect.arrayContaining([expect.stringMatching(/nonsense/)]));
    expect([outcome, stop]).toEqual(['failed no-hypothesis', 'iterations']);
    expect(told).toMatch(/^(prepared |step )*iteration (step )*ended$/);
  });

  it('finds the schema that "init" names, and its own parts by no path of a checkout', () => {
    const dist = join(place, 'node_modules', 'karpathy-loop', 'dist');
    expect(existsSync(join(dist, '..', 'docs', 'loop-config.schema.json'))).toBe(true);
    for (const path of ['client/cli.js', 'worker/worker.js', 'workflows/bundle.js'])
      expect(readFileSync(join(dist, path), 'utf8')).not.toContain(checkout);
    expect(pathToFileURL(dist).href).not.toContain(checkout);
  });
});
