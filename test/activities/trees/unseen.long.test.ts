import { appendFileSync, chmodSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Edit } from '../../../domain/proposal/hypothesis.ts';
import type { IterationRef, PreparedLoop } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { loopPaths, dataPaths } from '../../../store/layout.ts';
import { exactRounds, proposals } from '../../support/repository/target.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;

const attributes = [
  'src/id.mjs ident',
  'src/wide.txt working-tree-encoding=UTF-16LE',
  'src/windows.mjs text eol=crlf',
  'src/left.mjs export-subst export-ignore',
].join('\n');
const files = {
  '.gitattributes': `${attributes}\n`,
  '.gitignore': 'src/ignored.mjs\n',
  'src/id.mjs': '// $Id$\n',
  'src/wide.txt': 'w\0i\0d\0e\0',
  'src/windows.mjs': '// one\n// two\n',
  'src/left.mjs': '// $Format:%H$\n',
  'src/tables/known.mjs': 'export const known = 1;\n',
  'src/stamp.mjs': 'export const stamp = 0;\n',
  'tools/build.sh': 'echo "export const stamp = 1;" > src/stamp.mjs; mkdir -p dist; cp src/total.mjs dist/\n',
};

const setup = 'mkdir -p src/tables src/deep/made; echo > src/tables/index.mjs; echo > src/one.mjs';
const made = { setup, provided: ['./src/tables/', 'src/one.mjs', 'src/deep/made'] };

describe.skipIf(!hasSandbox)('what no run saw (bring the sandbox with: node scripts/setup.mjs)', () => {
  let bench: StepsOnTarget;

  beforeEach(async () => {
    bench = await stepsOnTarget({ files });
  });
  afterEach(() => bench.remove());

  const refOf = ({ loopId, repository, champion }: PreparedLoop): IterationRef => {
    return { loopId, repository, champion, iteration: 1, startedAt: '2026-01-02T03:04:05.000Z' };
  };
  const apply = (prepared: PreparedLoop, edits: Edit[]) =>
    bench.call((steps) => steps.apply({ ...refOf(prepared), hypothesis: { title: toLine('Edit'), edits } }));

  it('is refused below, at and above what setup provides, in other letters too', async () => {
    const prepared = await bench.prepare(made);
    const runs = bench.runs.length;
    for (const file of [
      'src/tables/escapes.mjs',
      'src/tables/known.mjs',
      'src/Tables/escapes.mjs',
      'src/one.mjs',
      'src/deep',
      'src/deep/made',
    ]) {
      const applied = await apply(prepared, [{ file, content: 'x' }]);
      expect(applied).toMatchObject({ kind: 'refused', reason: 'edit-refused' });
      expect(applied.kind === 'refused' && applied.detail).toMatch(/in all runs setup's ".*" stands there/);
    }
    expect(bench.runs.length).toBe(runs);
    expect(await apply(prepared, [{ file: 'src/deep/other.mjs', content: 'x' }])).toMatchObject({ kind: 'applied' });
  });

  it('shows no model the files that setup hides', async () => {
    const prepared = await bench.prepare(made);
    const { hotspots } = await bench.call((steps) => steps.analyze({ ...refOf(prepared), profile: null }));
    expect(hotspots.map(({ file }) => file)).toContain('src/total.mjs');
    expect(hotspots.map(({ file }) => file)).not.toContain('src/tables/known.mjs');
  });

  it.each<[string, string, 'applied' | 'refused']>([
    ['src/id.mjs', 'void 1; // $Id$ as seen\n', 'refused'],
    ['src/wide.txt', 'wider\n', 'refused'],
    ['src/windows.mjs', 'void 3;\n// four\n', 'applied'],
    ['src/left.mjs', 'void 1; // $Format:%H$ again\n', 'applied'],
    ['src/ignored.mjs', '// in git all the same\n', 'applied'],
  ])('counts attributes of the base, and no ignore rules: %s', async (file, content, kind) => {
    const applied = await apply(await bench.prepare(), [{ file, content }]);
    expect(applied.kind).toBe(kind);
    if (applied.kind === 'refused') expect(applied).toMatchObject({ reason: 'edit-refused' });
  });

  it.each([
    ['a file that the build overwrites', 'src/stamp.mjs'],
    ['a new file where the build puts its own', 'src/dist.mjs'],
  ])('is refused as an edit: %s', async (_, file) => {
    const build = 'sh tools/build.sh; cp src/total.mjs src/dist.mjs';
    const applied = await apply(await bench.prepare({ build }), [{ file, content: 'throw new Error();\n' }]);
    expect(applied).toMatchObject({ kind: 'refused', reason: 'edit-refused' });
    expect(applied.kind === 'refused' && applied.detail).toContain(`changed "${file}", so that no run sees`);
  });

  it('lets a build overwrite what nobody edited, as it does on the base', async () => {
    const prepared = await bench.prepare({ build: 'sh tools/build.sh', benchmark: exactRounds });
    expect((await committed(prepared)).kind).toBe('committed');
  });

  async function committed(prepared: PreparedLoop, between: (tree: string) => void = () => undefined) {
    const ref = refOf(prepared);
    const hypothesis = proposals.faster;
    const applied = await bench.call((steps) => steps.apply({ ...ref, hypothesis }));
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const { tree } = applied;
    const judged = await bench.call((steps) => steps.benchmark({ ...ref, tree }));
    if (judged.kind !== 'judged') throw new Error(judged.detail);
    await bench.call((steps) => steps.challenge({ ...ref, tree }));
    const { trees } = loopPaths(dataPaths(bench.data).loop('loop'));
    between(
      join(
        trees,
        readdirSync(trees).find((name) => name.startsWith(tree))!,
        'export',
      ),
    );
    const { verdict } = judged;
    return bench.call((steps) => steps.commit({ ...ref, hypothesis, tree, verdict, attempts: 1, tokens: 0 }));
  }

  it.each<[string, string, (tree: string) => void]>([
    ['other bytes of the edited file', 'src/total.mjs', (tree) => appendFileSync(join(tree, 'src/total.mjs'), '\n')],
    [
      'other bytes of the same number',
      'src/stamp.mjs',
      (tree) => {
        const place = join(tree, 'src/stamp.mjs');
        writeFileSync(place, readFileSync(place, 'utf8').replace('0', '2'));
      },
    ],
    ['another mode', 'src/stamp.mjs', (tree) => chmodSync(join(tree, 'src/stamp.mjs'), 0o755)],
    ['a missing file', 'tools/build.sh', (tree) => rmSync(join(tree, 'tools/build.sh'))],
    [
      'a link in place of a folder',
      'tools/build.sh',
      (tree) => {
        rmSync(join(tree, 'tools'), { recursive: true });
        symlinkSync('src', join(tree, 'tools'));
      },
    ],
  ])('is not committed: %s', async (_, path, change) => {
    const prepared = await bench.prepare({ benchmark: exactRounds });
    await expect(committed(prepared, change)).rejects.toThrow(
      `commit: no run saw ${JSON.stringify(path)} as it would be committed`,
    );
    expect(await bench.target.git('for-each-ref', 'refs/heads/karpathy-loop')).toBe('');
  });
});
