import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal, readJournal } from '../../../activities/measure/journal.ts';
import { heldSandbox as held } from '../../support/open-loop.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';

const sides = { champion: 'a'.repeat(40), candidate: 'b'.repeat(40) };
const pair = (n: number): MeasuredPair => ({
  first: 'champion',
  pair: [n, n + 1],
  cpuMs: [1, 2],
  wallMs: [3, 4],
  benchSeed: 1,
});

describe('the journal of a decision', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'karpathy-loop-journal-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('keeps its seed and every finished pair over attempts', async () => {
    const first = await openJournal(held, { directory, about: sides, attempt: 1 });
    await first.append(held, pair(1));
    await first.append(held, pair(2));
    await first.close();
    const second = await openJournal(held, { directory, about: sides, attempt: 2 });
    expect([second.head.seed, second.pairs]).toEqual([first.head.seed, [pair(1), pair(2)]]);
    await second.append(held, pair(3));
    await second.close();
    expect((await readJournal(directory))?.pairs).toEqual([pair(1), pair(2), pair(3)]);
  });

  it('fails the write of an attempt that a later one has taken over from', async () => {
    const old = await openJournal(held, { directory, about: sides, attempt: 1 });
    const late = await openJournal(held, { directory, about: sides, attempt: 2 });
    await expect(old.append(held, pair(1))).rejects.toThrow('taken over by a later attempt');
    await late.append(held, pair(2));
    expect(late.pairs).toEqual([pair(2)]);
    await Promise.all([old.close(), late.close()]);
  });

  it('drops a torn tail wherever it is torn, and goes on', async () => {
    const whole = await openJournal(held, { directory, about: sides, attempt: 1 });
    for (const n of [1, 2, 3]) await whole.append(held, pair(n));
    await whole.close();
    const file = join(directory, 'pairs.jsonl');
    const bytes = readFileSync(file);
    let attempt = 1;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length - 1 }), async (length) => {
        writeFileSync(file, bytes);
        truncateSync(file, length);
        const journal = await openJournal(held, { directory, about: sides, attempt: ++attempt });
        const finished = journal.pairs.length;
        expect(journal.pairs).toEqual([pair(1), pair(2), pair(3)].slice(0, finished));
        await journal.append(held, pair(9));
        await journal.close();
        expect((await readJournal(directory))?.pairs).toHaveLength(finished + 1);
      }),
      { numRuns: 40 },
    );
  });

  it('neither reads nor opens what was damaged before its last line, and leaves it as it is', async () => {
    const journal = await openJournal(held, { directory, about: sides, attempt: 1 });
    for (const n of [1, 2, 3]) await journal.append(held, pair(n));
    await journal.close();
    const file = join(directory, 'pairs.jsonl');
    const damaged = readFileSync(file, 'utf8').replace('"pair":[1,2]', '"pair":[1,1]');
    writeFileSync(file, damaged);
    const failure = {
      type: 'DamagedJournal',
      nonRetryable: true,
      message: expect.stringMatching(/^journal: line 2 of 4 of .* was damaged/) as string,
    };
    await expect(openJournal(held, { directory, about: sides, attempt: 2 })).rejects.toMatchObject(failure);
    await expect(readJournal(directory)).rejects.toMatchObject(failure);
    expect(readFileSync(file, 'utf8')).toBe(damaged);
  });

  it('is none only where no file is', async () => {
    expect(await readJournal(join(directory, 'none'))).toBeNull();
    mkdirSync(join(directory, 'pairs.jsonl'));
    await expect(readJournal(directory)).rejects.toThrow('EISDIR');
  });

  it('stops reading at a last line that was changed', async () => {
    const journal = await openJournal(held, { directory, about: sides, attempt: 1 });
    await journal.append(held, pair(1));
    await journal.close();
    const file = join(directory, 'pairs.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"pair":[1,2]', '"pair":[1,1]'));
    expect((await readJournal(directory))?.pairs).toEqual([]);
  });

  it('keeps that the candidate failed, and the start-up that was measured when it began', async () => {
    const startUp = { cpuMs: 30, wallMs: 40 };
    const first = await openJournal(held, { directory, about: { ...sides, startUp }, attempt: 1 });
    await first.append(held, pair(1));
    await first.fail(held, 'output differs');
    expect(first.failure).toBe('output differs');
    await first.close();
    const second = await openJournal(held, {
      directory,
      about: { ...sides, startUp: { cpuMs: 1, wallMs: 1 } },
      attempt: 2,
    });
    await second.close();
    expect([second.failure, second.pairs, second.head.startUp]).toEqual(['output differs', [pair(1)], startUp]);
  });

  it('is of one decision only', async () => {
    await (await openJournal(held, { directory, about: sides, attempt: 1 })).close();
    await expect(
      openJournal(held, { directory, about: { ...sides, candidate: 'c'.repeat(40) }, attempt: 2 }),
    ).rejects.toThrow('belongs to another decision');
  });
});
