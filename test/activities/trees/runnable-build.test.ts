import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenLoop } from '../../../activities/loop/open-loop.ts';
import type { Resources } from '../../../activities/loop/resources.ts';
import { keepOnly, makeRunnable, type RunnableResult } from '../../../activities/trees/runnable.ts';
import { writeTree } from '../../../adapters/git/trees.ts';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { contextOn, createResources, openLoopOn, settingsFor } from '../../support/open-loop.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { createTarget } from '../../support/repository/target.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';

const hasSandbox = findOnPath('bwrap') !== null;

/** The build runs code of the candidate: `src/plugin.sh` stands for a plug-in, a macro or a generator that a hypothesis may change. */
const build = 'sh tools/build.sh';
const files = {
  'tools/build.sh': 'mkdir -p out && cp src/total.mjs out/total.mjs && cp test.mjs out/test.mjs && . ./src/plugin.sh\n',
  'src/plugin.sh': 'true\n',
  'src/stamp.mjs': 'export const built = 0;\n',
  'lib/judge.mjs': 'export const limit = 1;\n',
};

describe.skipIf(!hasSandbox)('builds in a real sandbox (bring it with: node scripts/setup.mjs)', () => {
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let resources: Resources;
  let first: string;
  let loop: OpenLoop;

  beforeAll(async () => {
    data = createDataDirectory();
    target = await createTarget(files);
    first = await target.git('rev-parse', 'HEAD');
    resources = await createResources(data.path, settingsFor(data.path, target.path));
  });
  beforeEach(async () => {
    await target.git('reset', '--quiet', '--hard', first);
    loop = await openLoopOn(resources, target, { build });
  });
  afterAll(async () => {
    await target.remove();
    data.remove();
  });

  const tree = (changes: Record<string, string>) =>
    writeTree(
      loop.clone,
      loop.plan.baseSha,
      Object.entries(changes).map(([path, content]) => ({ path, content })),
    );
  const make = (treeish: string) => makeRunnable(contextOn(resources, loop), treeish);
  const withPlugin = async (plugin: string): Promise<RunnableResult> =>
    make(await tree({ 'src/plugin.sh': `${plugin}\n` }));
  const read = (made: RunnableResult, path: string) => readFileSync(join(placeOfMade(made), path), 'utf8');
  const placeOfMade = (made: RunnableResult) => {
    if (!made.ok) throw new Error(made.detail);
    return made.runnable.tree;
  };

  it.each<[string, string, RegExp]>([
    ['overwrites a test', 'echo > test.mjs', /^build: changed "test\.mjs", which comes from the base/],
    ['replaces a test by a link', 'rm test.mjs && ln -s src/total.mjs test.mjs', /changed "test\.mjs"/],
    ['removes the benchmark', 'rm bench.mjs', /removed "bench\.mjs"/],
    ['gives a file of the base the leave to run', 'chmod +x lib/judge.mjs', /changed "lib\/judge\.mjs"/],
    ['replaces a folder by a link', 'mv lib src/lib && ln -s src/lib lib', /removed "lib\/judge\.mjs"/],
    [
      'keeps the size of what it changes',
      'sed -i s/1/2/ lib/judge.mjs && touch -r test.mjs lib/judge.mjs',
      /changed "lib\/judge\.mjs"/,
    ],
    [
      'changes a source that nobody edited',
      'echo > src/stamp.mjs',
      /changed "src\/stamp\.mjs", which comes from the base/,
    ],
    [
      'changes what was edited, its own code at that',
      'echo true > src/plugin.sh',
      /changed "src\/plugin\.sh", so that no run sees what would be committed there/,
    ],
    ['removes what was edited', 'rm src/plugin.sh', /removed "src\/plugin\.sh", so that no run sees/],
    ['gives what was edited the leave to run', 'chmod +x src/plugin.sh', /changed "src\/plugin\.sh", so that/],
    ['puts a link in place of the sources', 'mv src out/src && ln -s out/src src', /removed "src\/plugin\.sh"/],
    ['adds a configuration', 'echo > .mocharc.json', /made "\.mocharc\.json", which only the base may have/],
    [
      'adds a library',
      'mkdir -p node_modules/x && echo > node_modules/x/index.js',
      /made "node_modules\/x\/index\.js", which only the base may have/,
    ],
    ['adds a shadow', 'echo > lib/judge.ts', /made "lib\/judge\.ts", which would be taken for "lib\/judge\.mjs"/],
    [
      "adds a shadow of what the base's build makes",
      'echo > out/test.ts',
      /made "out\/test\.ts", which would be taken for "out\/test\.mjs"/,
    ],
    ['leaves a pipe', 'mkfifo out/pipe', /made a pipe, device, socket or unreadable directory at "out\/pipe"/],
    [
      'leaves a link out of the tree',
      'ln -s /etc/passwd out/passwd',
      /made the link "out\/passwd", which leads out of the tree/,
    ],
    ['leaves a link that climbs out', 'ln -s ../../../x out/x', /made the link "out\/x"/],
  ])('are refused where the build %s', async (_, plugin, problem) => {
    const made = await withPlugin(plugin);
    expect(made.ok ? 'made' : made.detail).toMatch(problem);
  });

  it("let a build change what the base's own build changes, and make new names", async () => {
    await target.commit(
      { 'tools/build.sh': `${files['tools/build.sh']}date +%N > lib/when.txt\n`, 'lib/when.txt': '' },
      'Stamp',
    );
    loop = await openLoopOn(resources, target, { build });
    const made = await withPlugin(
      'echo 1 > lib/when.txt; echo > out/chunk-1f.mjs; mkdir -p out/.cache && echo > out/.cache/x; ln -s total.mjs out/link; echo > fresh.txt',
    );
    expect(read(made, 'out/link')).toContain('total');
  });

  it("start from the base's result, with the changed sources alone as new, and never from another candidate's", async () => {
    const caching =
      'mkdir -p out; for f in src/*.mjs; do o=out/${f##*/}; if [ ! -e $o ] || [ $f -nt $o ]; then cp $f out/; echo $f >> out/log; fi; done';
    await target.commit({ 'tools/build.sh': caching }, 'Cache');
    loop = await openLoopOn(resources, target, { build });
    expect(read(await make(loop.plan.baseSha), 'out/log')).toBe('src/stamp.mjs\nsrc/total.mjs\n');
    const first = await make(await tree({ 'src/stamp.mjs': 'export const built = 1;\n' }));
    expect(read(first, 'out/log')).toBe('src/stamp.mjs\nsrc/total.mjs\nsrc/stamp.mjs\n');
    const second = await make(await tree({ 'src/total.mjs': '' }));
    expect(read(second, 'out/log')).toBe('src/stamp.mjs\nsrc/total.mjs\nsrc/total.mjs\n');
    expect(read(second, 'out/stamp.mjs')).toBe('export const built = 0;\n');
  });

  it.each(['mkdir out && cp src/total.mjs out/', 'cp -r src out'])(
    'start afresh where the build cannot be run over its own result: %s',
    async (command) => {
      loop = await openLoopOn(resources, target, { build: command });
      expect((await make(loop.plan.baseSha)).ok).toBe(true);
      expect(read(await make(await tree({ 'src/total.mjs': 'changed\n' })), 'out/total.mjs')).toBe('changed\n');
    },
  );

  it('keep the base for the next candidate', async () => {
    const [base, made] = [await make(loop.plan.baseSha), await withPlugin('false; true')];
    await keepOnly(loop, loop.plan.baseSha);
    expect([existsSync(placeOfMade(base)), existsSync(placeOfMade(made))]).toEqual([true, false]);
  });

  it("run on no tree whose protected files are not the base's", async () => {
    const made = await make(await tree({ 'test.mjs': '' }));
    expect(made).toMatchObject({
      ok: false,
      detail: expect.stringContaining('"test.mjs": not as in the base') as string,
    });
  });
});
