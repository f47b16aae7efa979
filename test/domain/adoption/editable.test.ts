import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../adapters/json-text.ts';
import { matchesGlob } from '../../../adapters/glob.ts';
import { sourceFacts } from '../../../adapters/parsers/parse.ts';
import { limitProblems } from '../../../domain/adoption/limits.ts';
import { neverEditable, selfEditable, whyNever } from '../../../domain/adoption/editable.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = ['domain', 'store', 'adapters', 'ledger', 'workflows', 'activities', 'worker', 'client'].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(room, file)),
);
const mayChange = (file: string) => whyNever(file, matchesGlob) === null;
/** Decide what is accepted, and what of it may run where. */
const judging =
  /^(domain\/(verdict|protection|config|adoption)|activities\/adoption|adapters\/(sandbox|git|adoption))\//;

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/^(?:import|export) (?!type\b)[^;]*? from '(\.[^']+\.ts)'/gms);
  return [...found].map(([, path]) => normalize(join(dirname(file), path!)));
}

describe('what the product’s own loop may change', () => {
  it('is called by nothing that judges or adopts, however far the call goes', () => {
    const open = files.filter((file) => judging.test(file));
    expect(open.length).toBeGreaterThan(100);
    const reached = new Set(open);
    for (let file = open.pop(); file !== undefined; file = open.pop())
      for (const path of importsOf(file))
        if (!reached.has(path)) {
          reached.add(path);
          open.push(path);
        }
    expect([...reached].filter(mayChange)).toEqual([]);
  });

  it('is what examples/self lets a loop change, and no file more', () => {
    const text = readFileSync(join(root, 'examples/self/loop.json'), 'utf8');
    const parsed = parseJson(text, 'loop.json');
    const { editable } = (parsed.ok ? parsed.value : {}) as { editable: string[] };
    const [given, taken] = [true, false].map((isGiven) => editable.filter((glob) => glob.startsWith('!') !== isGiven));
    const isGiven = (file: string) =>
      given!.some((glob) => matchesGlob(file, glob)) && !taken!.some((glob) => matchesGlob(file, glob.slice(1)));
    expect(files.filter(mayChange)).toEqual(files.filter(isGiven));
    expect(files.filter(isGiven).length).toBeGreaterThan(30);
  });

  it('has no file that reaches the process or other code already, since each may keep what it has', async () => {
    const reaching: string[] = [];
    for (const path of files.filter(mayChange)) {
      const after = (await sourceFacts(path, readFileSync(join(root, path), 'utf8'))) ?? ('unreadable' as const);
      const problems = limitProblems([{ path, mode: '100644', before: null, after }], matchesGlob);
      // Node.js has no such name, and profiles have times of a function itself. Escapes are in other texts.
      const harmless = /: uses "(self"|\\\\)|: imports "(\.|zod")/;
      reaching.push(...problems.filter((problem) => !harmless.test(problem)));
    }
    expect(reaching).toEqual([]);
  });

  it('has no rule about files that are not there', () => {
    for (const glob of [...selfEditable, ...neverEditable.flatMap(({ paths }) => paths)])
      expect(
        files.some((file) => matchesGlob(file, glob)),
        glob,
      ).toBe(true);
  });
});
