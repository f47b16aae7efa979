import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandSource } from '../../../adapters/models/command.ts';

const hypothesis = { title: 'Sort once', edits: [{ file: 'src/sort.mjs', content: 'export {}' }] };

describe('a command source', () => {
  let notes: string;
  beforeEach(async () => void (notes = await mkdtemp(join(tmpdir(), 'notes-'))));
  afterEach(() => rm(notes, { recursive: true }));
  const ask = (script: string, options: { seconds?: number; brief?: unknown; signal?: AbortSignal } = {}) =>
    runCommandSource({
      command: ['sh', '-c', script, 'sh', notes],
      seconds: 30,
      brief: { goal: 'faster' },
      ...options,
    });
  const noted = (name: string) => readFile(join(notes, name), 'utf8');

  it("gets the brief on standard input, in an empty directory that is gone afterwards, with the person's environment", async () => {
    process.env['OF_THE_PERSON'] = 'yes';
    const answer = await ask(
      'cat > "$1/brief"; pwd > "$1/directory"; ls -A > "$1/files"; printf "%s" "$OF_THE_PERSON" > "$1/environment"; echo "{}"; touch litter',
    );
    expect(answer).toEqual({ text: '{}\n' });
    expect(JSON.parse(await noted('brief'))).toEqual({ goal: 'faster' });
    expect([await noted('files'), await noted('environment')]).toEqual(['', 'yes']);
    expect(existsSync((await noted('directory')).trim())).toBe(false);
  });

  it('need not read a brief larger than a pipe', async () => {
    const answer = await ask(`echo '${JSON.stringify(hypothesis)}'`, { brief: 'x'.repeat(1_000_000) });
    expect('text' in answer && JSON.parse(answer.text)).toEqual(hypothesis);
  });

  it('that prints no hypothesis is returned as it is, for the domain to refuse', async () => {
    const answer = await ask('echo I have no idea');
    expect(answer).toEqual({ text: 'I have no idea\n' });
  });

  it('that hangs is ended with all that it started', async () => {
    const answer = await ask('sleep 1000 & echo $! > "$1/child"; sleep 1000', { seconds: 0.5 });
    expect(answer).toEqual({
      problem:
        'command source: "sh" was ended after 0.5 s; raise its "seconds" in the worker\'s settings or make it faster',
    });
    const child = Number(await noted('child'));
    await expect.poll(() => isRunning(child)).toBe(false);
  });

  it('that leaves a process behind with its output open is not waited for', async () => {
    const answer = await ask('sleep 1000 & echo $! > "$1/child"; echo "{}"');
    expect(answer).toEqual({ text: '{}\n' });
    const child = Number(await noted('child'));
    await expect.poll(() => isRunning(child)).toBe(false);
  });

  it('that floods is ended at the limit', async () => {
    expect(await ask('yes')).toEqual({
      problem: expect.stringMatching(
        '"sh" printed more than 1048576 bytes; let it print one hypothesis only',
      ) as string,
    });
  });

  it('that floods and cannot be stopped by a closed pipe is ended too', async () => {
    const script = 'trap "" PIPE; while :; do head -c 65536 /dev/zero | tr "\\0" x 2>/dev/null; done';
    expect(await ask(script)).toMatchObject({ problem: expect.stringContaining('printed more than') as string });
  });

  it('that throws is reported with its error first, and the trace behind it', async () => {
    const answer = await ask(
      'printf "file.mjs:3\\n  x.y\\n\\nTypeError: no y\\n    at z\\n\\nNode.js v20\\n" >&2; exit 1',
    );
    expect('problem' in answer && answer.problem.split('\n')[0]).toBe(
      'command source: TypeError: no y ("sh" ended with exit code 1; run it by hand to see why)',
    );
  });

  it('that fails is reported with its last words', async () => {
    expect(await ask('echo no key >&2; exit 1')).toEqual({
      problem: 'command source: no key ("sh" ended with exit code 1; run it by hand to see why)',
    });
  });

  it('that prints nothing is a problem', async () => {
    expect(await ask('true')).toEqual({
      problem: 'command source: "sh" printed nothing; let it print one hypothesis as JSON',
    });
  });

  it('that is not there is named with its setting', async () => {
    const answer = await runCommandSource({ command: ['/no/such/program'], seconds: 5, brief: {} });
    expect(answer).toEqual({
      problem:
        'command source: "/no/such/program" could not be started (ENOENT); correct its "command" in the worker\'s settings',
    });
  });

  it('that is aborted is ended, and the reason thrown', async () => {
    const abort = new AbortController();
    const asking = ask('echo $$ > "$1/self"; sleep 1000', { signal: abort.signal });
    await expect.poll(() => existsSync(join(notes, 'self')) && noted('self')).toMatch(/\d\n/);
    abort.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
    expect(isRunning(Number(await noted('self')))).toBe(false);
  });
});

/** A zombie that nobody has reaped yet no longer runs. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readStatus(pid));
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State:\tZ';
  }
}
