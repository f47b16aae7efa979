import { describe, expect, it } from 'vitest';
import { profileFindings } from '../../../domain/benchmark/profile-findings.ts';
import type { DoctorAnswer } from '../../../domain/checks.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { editableShare, type ProfileAttempt } from '../../../domain/profiles/missing.ts';

const spot = (charged: number) => ({ file: 'a.js', name: 'a', line: 1, self: charged, total: 0, charged, calls: 0 });
const attempt = (busy: number, ...charged: number[]): ProfileAttempt => ({
  spots: charged.map(spot),
  ...{ busy, outside: null, read: 1, unread: 0, problem: null },
});

it('the editable share counts what editable code calls, and is not known without a profile', () => {
  expect(editableShare([attempt(200, 20, 30)])).toBe(0.25);
  expect(editableShare([attempt(200)])).toBe(0);
  expect(editableShare([{ ...attempt(200), read: 0 }, attempt(0)])).toBeNull();
});

const startUp = { cpuMs: 20, wallMs: 25, of: 'node -e 0' };
const facts = { metric: 200, cpuMs: 240, wallMs: 240, startUp, quietMs: 5, isFixedTime: false, harness: null };

function told(profile: DoctorAnswer['profile'], benchmark: object = {}, metric = 200) {
  const parsed = parseLoopConfig({
    ...{ repository: '/r', editable: ['src/**'], test: 'true' },
    benchmark: { command: 'node bench.mjs', metric: { pattern: '^(.+) ms$' }, ...benchmark },
  });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const answer = { profile, benchmark: { ...facts, metric, compiling: {} } } as unknown as DoctorAnswer;
  return profileFindings(answer, parsed.value).map(({ state, fact, remedy }) => `${state}: ${fact}; ${remedy}`);
}

const hotspots = [
  { file: 'src/parse.js', name: 'parse', line: 3, share: 0.2, total: 0.6 },
  { file: 'src/x.js', name: null, line: null, share: null },
];

describe("doctor tells what share of the benchmark's time edits can save", () => {
  it('with the dearest functions', () => {
    expect(told({ editable: 0.87, hotspots, doubt: null })).toEqual([
      "ok: 87 % of the benchmark's time is in editable files and what they call: parse (src/parse.js) 60 %, src/x.js; null",
    ]);
  });

  it('and refuses near nothing of a time, since no commit can come of it', () => {
    const [finding] = told({ editable: 0.012, hotspots: [], doubt: null });
    expect(finding).toMatch(
      /^failure: 1\.2 % of the benchmark's time .*, and a commit needs 5 %; let "editable" name .*"profile": "none"$/,
    );
  });

  it.each([
    ['of a metric that is a small part of the run', 0.012, {}, 40],
    ['of a run that hardly measures anything', 0, {}, 2],
    ['of a metric that is no time', 0, { unit: 'bytes', noise: 'exact', clock: 'none' }, 200],
    ['of a time that repeats to the last digit', 0, { noise: 'exact' }, 200],
  ])('but not %s', (_, editable, benchmark, metric) => {
    expect(told({ editable, hotspots: [], doubt: null }, benchmark, metric)[0]).toMatch(/^ok: /);
  });

  it('or why it is not known', () => {
    expect(told({ editable: null, hotspots: [], doubt: 'profile: there is none; x' })).toEqual([
      'warning: there is none; x; null',
    ]);
    expect(told({ editable: null, hotspots: [], doubt: null })).toEqual([]);
    expect(told(null)).toEqual([]);
  });
});
