import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, type Called } from '../../support/command-line.ts';

const config = { editable: ['src/**'], test: 'true', benchmark: { command: 'true' } };
const nowhere = '127.0.0.1:1';

describe('a wrong environment', () => {
  let home: string;
  let repository: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'karpathy-loop-client-'));
    repository = join(home, 'repository');
    mkdirSync(repository);
    execFileSync('git', ['init', '--quiet', repository]);
    write(config);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it.each(['run', 'start'])('%s: a named Temporal server that does not answer is never replaced', async (command) => {
    const worker = command === 'start' ? ['--worker', 'w'] : [];
    refused(await run([command, '--address', nowhere, ...worker]), [
      `temporal: no server answers at ${nowhere}; correct the address, or start the server`,
    ]);
    const byEnvironment = await call([command, '--data', join(home, 'data'), ...worker], {
      cwd: repository,
      environment: { TEMPORAL_ADDRESS: nowhere },
    });
    refused(byEnvironment, [`temporal: no server answers at ${nowhere}; correct the address, or start the server`]);
  });

  it.each(['status', 'pause', 'resume', 'stop'])('%s: no server', async (command) => {
    refused(await run([command, '--address', nowhere]), [
      `temporal: no server answers at ${nowhere}; correct the address, or start the server`,
    ]);
  });

  it('start: no worker has run here', async () => {
    refused(await run(['start']), [
      `worker: none has run on ${home}/data yet; start "npx karpathy-loop worker", or give --worker`,
    ]);
  });

  it('a loop.json that is not JSON is told with its line', async () => {
    writeFileSync(join(repository, 'loop.json'), '{\n  "test": "true",,\n}\n');
    refused(await run(['run']), ['loop.json:2:18: "," is not allowed here; expected a name in double quotes']);
  });

  it('unknown and missing fields are told by name, before anything starts', async () => {
    write({ ...config, tests: 'npm test', test: undefined, benchmark: { command: 'true', metrics: 1 } });
    const { code, stdout, stderr } = await run(['run']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: test: is missing; give a value of type string$/m);
    expect(stderr).toMatch(/^error: tests: unknown field; known here: .*\bsetup\b/m);
    expect(stderr).toMatch(/^error: benchmark\.metrics: unknown field; known here: command, .*\bmetric, /m);
  });

  it('a JSON string is no config', async () => {
    writeFileSync(join(repository, 'loop.json'), '"{}"');
    const { code, stderr } = await run(['run']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: config: is a string; give one plain JSON object/);
  });

  it('no loop.json, and no such path', async () => {
    rmSync(join(repository, 'loop.json'));
    refused(await run(['run']), [`loop.json: there is none in ${repository}; write one, or give its path`]);
    refused(await run(['run', 'nothing']), ['nothing: does not exist; give a directory with a loop.json, or the file']);
  });

  it('a missing, a bare and no repository', async () => {
    write({ ...config, repository: './gone' });
    refused(await run(['run']), [
      `repository: ${repository}/gone does not exist; give the path of a git repository on this host`,
    ]);
    const bare = join(home, 'bare.git');
    execFileSync('git', ['init', '--quiet', '--bare', bare]);
    write({ ...config, repository: bare });
    refused(await run(['run']), [
      `repository: ${bare} is a bare repository; give a clone of it that has a working tree (git clone ${bare})`,
    ]);
    writeFileSync(join(home, 'loop.json'), JSON.stringify(config));
    refused(await run(['run', home]), [
      `repository: is missing, and ${home} is in no git checkout; give the repository's path`,
    ]);
  });

  it('a report where there is no ledger', async () => {
    refused(await run(['report']), [
      `report: ${repository} has no ledger; give a loop's id, or its repository with --repository`,
    ]);
    refused(await run(['report', 'gone', '--repository', '.']), [
      `report: ${repository} has no ledger of "gone"; give its repository with --repository`,
    ]);
  });

  it.each([
    [
      ['run', '--iterations', 'many'],
      "option '--iterations <number>' argument 'many' is invalid. It is not a number; give one.",
    ],
    [['run', '--id', '../x'], '--id: "../x" is not a plain name; use letters, digits, ".", "_" and "-"'],
    [['run', '--command-source', 'node x'], '--command-source: "node x" has no name; give name=value'],
    [
      ['run', '--command-source', "a=node 'x"],
      "--command-source: node 'x has an open quote; close it, or give a JSON list",
    ],
    [['run', '--nonsense'], "unknown option '--nonsense'"],
    [['improve'], "unknown command 'improve'"],
  ])('%j is a wrong command line: exit code 2', async (args, line) => {
    const { code, stderr } = await run(args);
    expect([code, stderr]).toEqual([2, `error: ${line}\n`]);
  });

  function run(args: string[]): Promise<Called> {
    const data = args[0] === 'improve' ? [] : ['--data', join(home, 'data')];
    return call([...args, ...data], { cwd: repository });
  }

  function write(value: unknown): void {
    writeFileSync(join(repository, 'loop.json'), JSON.stringify(value));
  }
});

function refused({ code, stdout, stderr }: Called, lines: string[]): void {
  expect([code, stdout, stderr]).toEqual([1, '', lines.map((line) => `error: ${line}\n`).join('')]);
}

describe('help', () => {
  it('lists every command and the exit codes', async () => {
    const { code, stdout } = await call(['--help']);
    expect(code).toBe(0);
    for (const word of ['run', 'start', 'worker', 'status', 'pause', 'resume', 'stop', 'report', 'decide'])
      expect(stdout).toMatch(new RegExp(`^  ${word} `, 'm'));
    expect(stdout).toMatch(/^ {2}3 {4}the sandbox cannot hold/m);
  });

  it.each([
    ['run', '--command-source'],
    ['status', '--follow'],
    ['stop', '--now'],
    ['report', '--repository'],
    ['worker', '--settings'],
    ['start', '--worker'],
  ])('of %s shows %s, in both ways of asking', async (command, flag) => {
    for (const args of [
      [command, '--help'],
      ['help', command],
    ]) {
      const { code, stdout } = await call(args);
      expect(code).toBe(0);
      expect(stdout).toContain(flag);
    }
  });
});
