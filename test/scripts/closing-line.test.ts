import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'test.mjs');

describe('the closing line of npm test', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'closing-line-'));
    await writeFile(join(directory, 'vitest.config.mjs'), 'export default { test: { globals: true } }');
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** Runs `npm test` on one test file; returns its exit code and its last lines. */
  const run = async (content: string, ...args: string[]) => {
    await writeFile(join(directory, 'one.test.mjs'), content);
    const child = spawn(
      process.execPath,
      [script, '--root', directory, '--config', join(directory, 'vitest.config.mjs'), ...args],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    const lines = stdout.trimEnd().split('\n');
    return { code, closing: lines.at(-1), skipped: lines.filter((line) => line.startsWith('skipped: ')) };
  };

  it('counts what passed', async () => {
    expect(await run('it("a", () => {}); it("b", () => {})')).toEqual({
      code: 0,
      closing: '2 passed, 0 failed',
      skipped: [],
    });
  });

  it('counts what failed, and the exit code tells', async () => {
    expect(await run('it("a", () => {}); it("b", () => { throw new Error("no") })')).toMatchObject({
      code: 1,
      closing: '1 passed, 1 failed',
    });
  });

  it('counts what was skipped, after a line with each title', async () => {
    const { code, closing, skipped } = await run(
      'it("a", () => {}); describe.skip("needs x (brought by \\"y\\")", () => { it("b", () => {}) })',
    );
    expect([code, closing]).toEqual([0, '1 passed, 0 failed, 1 skipped']);
    expect(skipped).toEqual([expect.stringMatching(/^skipped: .*one\.test\.mjs > needs x \(brought by "y"\) > b$/)]);
  });

  it('counts a file that does not load as a failure', async () => {
    expect(await run('import "./no-such-file.mjs"; it("a", () => {})')).toMatchObject({
      code: 1,
      closing: '0 passed, 1 failed',
    });
  });

  it('counts the tests after a failed hook as failures, not as skipped', async () => {
    const { code, closing, skipped } = await run(
      'describe("d", () => { beforeAll(() => { throw new Error("no") }); it("a", () => {}); it("b", () => {}) })',
    );
    expect([code, closing, skipped]).toEqual([1, '0 passed, 3 failed', []]);
  });

  it('counts an error outside of any test as a failure', async () => {
    expect(await run('it("a", () => { void Promise.reject(new Error("late")) })')).toMatchObject({
      code: 1,
      closing: '1 passed, 1 failed',
    });
  });

  it('is there, with a failure, when vitest itself cannot run', async () => {
    expect(await run('it("a", () => {})', '--no-such-option')).toMatchObject({
      code: 1,
      closing: '0 passed, 1 failed',
    });
  });

  it('is there, and the exit code tells, when no test matches', async () => {
    expect(await run('it("a", () => {})', 'no-such-file')).toMatchObject({ code: 1, closing: '0 passed, 0 failed' });
  });
});
