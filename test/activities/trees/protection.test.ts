import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { submodules, treeProblems } from '../../../activities/trees/elsewhere.ts';
import { protectedFilesDigest, protectedFilesProblem } from '../../../activities/trees/protection.ts';
import type { OpenLoop } from '../../../activities/loop/open-loop.ts';
import type { Resources } from '../../../activities/loop/resources.ts';
import { fetchCommits } from '../../../adapters/git/clone.ts';
import { writeTree } from '../../../adapters/git/trees.ts';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import { createResources, openLoopOn, settingsFor } from '../../support/open-loop.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { createTarget } from '../../support/repository/target.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

const files = {
  'src/cli.mjs': 'if (process.argv[2]) process.exit(1);\n',
  'src/words.txt': 'a\n',
  'checks/all.mjs': "import '../test.mjs';\n",
  'test/more.py': 'import fast\n',
  'package.json': '{"scripts": {"test": "node checks/all.mjs"}}\n',
};

describe('protected files', () => {
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let resources: Resources;
  let loop: OpenLoop;

  beforeEach(async () => {
    data = createDataDirectory();
    target = await createTarget(files);
    resources = await createResources(data.path, settingsFor(data.path, target.path), { sandboxed: false });
    loop = await open();
  });
  afterEach(async () => {
    await target.remove();
    data.remove();
  });

  const open = (part: Partial<LoopConfigInput> = {}) =>
    openLoopOn(resources, target, { editable: ['**'], test: 'npm test', ...part });
  const tree = (changes: Record<string, string>) =>
    writeTree(
      loop.clone,
      loop.plan.baseSha,
      Object.entries(changes).map(([path, content]) => ({ path, content })),
    );

  it('have one digest in every tree that changes none of them', async () => {
    const base = await protectedFilesDigest(loop, loop.plan.baseSha);
    expect(base).toMatch(/^[0-9a-f]{64}$/);
    expect(
      await protectedFilesDigest(loop, await tree({ 'src/total.mjs': 'export const total = 1;\n', 'src/new.mjs': '' })),
    ).toBe(base);
    for (const path of ['test.mjs', 'bench.mjs', 'package.json', 'checks/all.mjs', 'src/.gitignore'])
      expect(await protectedFilesDigest(loop, await tree({ [path]: 'x' })), path).not.toBe(base);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a test that is another', { 'test.mjs': '' }, /^"test\.mjs": not as in the base/],
    ["a script that the base's npm test runs", { 'checks/all.mjs': '' }, /^"checks\/all\.mjs": not as in the base/],
    [
      'many at once',
      { 'test.mjs': '', 'bench.mjs': '', 'package.json': '', 'checks/all.mjs': '' },
      /"package\.json" and 1 more/,
    ],
    [
      'a file that would be taken for a judge',
      { 'checks/all.ts': '' },
      /^file "checks\/all\.ts" would be taken for "checks\/all\.mjs", which comes from the base/,
    ],
  ])('are held against a tree with %s', async (_, changes, problem) => {
    expect(await protectedFilesProblem(loop, await tree(changes))).toMatch(problem);
  });

  it('are what the scripts of other packages run, where the commands go there', async () => {
    const packages = {
      'apps/x/package.json': '{"scripts": {"verify": "node run.mjs"}}',
      'apps/x/run.mjs': '\n',
      'apps/y/run.mjs': '\n',
    };
    await target.commit(packages, 'Packages');
    const before = (await open()).protectedFilesKey;
    for (const test of ['npm --prefix apps/x run verify', 'cd apps/x && npm run verify', 'npm run verify -w apps/x']) {
      const { isEditable } = await open({ test });
      expect([isEditable('apps/x/run.mjs'), isEditable('apps/y/run.mjs')], test).toEqual([false, true]);
    }
    await target.commit({ 'apps/x/package.json': '{"scripts": {"verify": "node other.mjs"}}' }, 'Other');
    expect((await open()).protectedFilesKey).not.toBe(before);
  });

  it('are held against a champion that somebody else moved: by a changed test, a link, a submodule, the leave to run', async () => {
    expect(await protectedFilesProblem(loop, loop.plan.baseSha)).toBeNull();
    const moves: [string, () => Promise<unknown>][] = [
      ['test.mjs', () => target.git('update-index', '--chmod=+x', 'test.mjs')],
      [
        'src/total.mjs',
        async () =>
          target.git(
            'update-index',
            '--cacheinfo',
            `120000,${await target.git('rev-parse', 'HEAD:test.mjs')},src/total.mjs`,
          ),
      ],
      [
        'src/sub',
        async () =>
          target.git('update-index', '--add', '--cacheinfo', `160000,${await target.git('rev-parse', 'HEAD')},src/sub`),
      ],
    ];
    for (const [path, move] of moves) {
      await move();
      await target.git('commit', '--quiet', '--message', 'Move');
      const moved = await target.git('rev-parse', 'HEAD');
      await target.git('reset', '--quiet', '--hard', loop.plan.baseSha);
      await fetchCommits(loop.clone, target.path, [moved]);
      expect(await protectedFilesProblem(loop, moved), path).toContain(`"${path}": not as in the base`);
    }
  });

  it('cannot be judged with where content is elsewhere: submodules and LFS pointers are named', async () => {
    expect(await treeProblems(loop)).toEqual([]);
    const pointer =
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n';
    await target.commit({ 'data/a.bin': pointer, 'load.mjs': 'a.bin', 'docs/lfs.md': `How to: ${pointer}` }, 'LFS');
    await target.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},libs/sub`);
    await target.git('commit', '--quiet', '--message', 'Submodule');
    loop = await open();
    expect(await treeProblems(loop)).toEqual([
      expect.stringMatching(/^base: "data\/a\.bin" is a Git LFS pointer, not the file; .*git lfs/),
    ]);
    expect((await submodules(loop)).notes).toEqual([
      expect.stringMatching(/^base: the submodule libs\/sub is left empty, since nothing names it; .*submodule update/),
    ]);
    await target.commit(
      {
        ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`data/${index}.bin`, `${pointer}${index}`])),
        'load.mjs': `a.bin ${Array.from({ length: 9 }, (_, index) => `${index}.bin`).join(' ')}`,
      },
      'More',
    );
    const many = await treeProblems(await open());
    expect(many).toHaveLength(6);
    expect(many.at(-1)).toBe('base: and 5 more submodules or Git LFS pointers');
  });
});
