import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../adapters/glob.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { editableProblems, protectedFilesOf } from '../../domain/protection/protected-files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(new URL('../../examples/self/loop.json', import.meta.url), 'utf8');
const files = (await execa('git', ['ls-files'], { cwd: root })).stdout.split('\n');

describe('the loop on itself', () => {
  const parsed = parseLoopConfig({ ...(parse(text) as object), repository: '/somewhere' });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const facts = { matches: matchesGlob };
  const ofLoop = protectedFilesOf(parsed.value, facts);

  it('has globs each of which opens something', () => {
    const all = files.map((path) => ({ path, mode: '100644' }));
    expect(editableProblems(all, parsed.value.editable, ofLoop, facts)).toEqual([]);
  });

  it('may change what its benchmarks measure, and nothing else', () => {
    const places = files.filter(ofLoop.isEditable).map((path) => path.split('/').slice(0, 2).join('/'));
    expect([...new Set(places)].sort()).toEqual([
      'client/terminal',
      'domain/ledger',
      'domain/profiles',
      'domain/proposal',
    ]);
    for (const path of ['domain/profiles/tally.ts', 'domain/proposal/brief.ts', 'domain/ledger/report.ts'])
      expect(ofLoop.isEditable(path)).toBe(true);
  });

  it.each([
    ...['domain/proposal/wording.json', 'domain/proposal/patterns.json', 'domain/proposal/wording.ts'],
    ...['domain/verdict/decision.ts', 'domain/protection/protected-files.ts', 'activities/measure/pairs.ts'],
    ...['activities/search/search.ts', 'activities/edits/apply-hypothesis.ts', 'adapters/sandbox/create.ts'],
    ...['adapters/machine-lock.ts', 'workflows/machine.ts', 'workflows/loop.ts', 'worker/settings.ts'],
    ...[
      'domain/config/loop-config.ts',
      'domain/text.ts',
      'domain/ledger/champion.ts',
      'domain/ledger/commit-message.ts',
    ],
    ...['ledger/ledger.ts', 'store/quota.ts', 'client/cli.ts', 'client/backend/daemon.ts', 'bench/self/index.ts'],
    ...['test/domain/profiles/tally.test.ts', 'domain/profiles/new.test.ts', 'package.json', 'package-lock.json'],
    ...['vitest.config.ts', 'tsconfig.json', 'examples/self/loop.json', 'docs/self.md', '.dependency-cruiser.cjs'],
  ])('may not change %s', (path) => {
    expect(ofLoop.isEditable(path)).toBe(false);
  });
});
