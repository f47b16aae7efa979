import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import type { OpenLoop } from '../../../activities/loop/open-loop.ts';
import type { Resources } from '../../../activities/loop/resources.ts';
import { writePlan } from '../../../store/loop-files.ts';
import { entryAt, readFile } from '../../../adapters/git/trees.ts';
import type { Edit } from '../../../domain/proposal/hypothesis.ts';
import type { ApplyAnswer } from '../../../domain/steps.ts';
import { createResources, openLoopOn, settingsFor } from '../../support/open-loop.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { createTarget } from '../../support/repository/target.ts';
import { createDataDirectory } from '../../support/server/worker-process.ts';
import { toLine } from '../../../domain/text.ts';

const rustTests = '#[cfg(test)]\nmod tests {\n    #[test]\n    fn one() { assert_eq!(super::one(), 1); }\n}\n';

const files = {
  'src/run.sh': '#!/bin/sh\n',
  'src/deep/a.mjs': '',
  'lib/check.mjs': '',
  '.gitignore': 'out\n',
  'package.json': '{"scripts": {"verify": "node verify.mjs"}}\n',
  'verify.mjs': '',
  'src/words.py': 'def one():\n    """One.\n\n    >>> one()\n    1\n    """\n    return 1\n',
  'src/lib.rs': `pub fn one() -> u8 { 1 }\n${rustTests}`,
};

/** On git's real trees: what no string of a path can show. Nothing is run. */
describe('the edit policy', () => {
  let data: ReturnType<typeof createDataDirectory>;
  let target: TestRepository;
  let resources: Resources;
  let loop: OpenLoop;

  beforeAll(async () => {
    data = createDataDirectory();
    target = await createTarget(files);
    const link = await target.git('hash-object', '-w', 'test.mjs');
    const empty = await target.git('hash-object', '-w', '/dev/null');
    await target.git('update-index', '--chmod=+x', 'src/run.sh');
    await target.git(
      'update-index',
      '--add',
      '--cacheinfo',
      `120000,${link},src/link.mjs`,
      '--cacheinfo',
      `120000,${link},src/linked`,
    );
    await target.git(
      'update-index',
      '--add',
      '--cacheinfo',
      `160000,${await target.git('rev-parse', 'HEAD')},src/sub`,
      '--cacheinfo',
      `100644,${empty},src/empty`,
    );
    await target.git('commit', '--quiet', '--message', 'Links');
    resources = await createResources(data.path, settingsFor(data.path, target.path), { sandboxed: false });
    loop = await openLoopOn(resources, target, {
      editable: ['**', '**/.*', 'SRC/**'],
      sideMetrics: [{ name: 'x', command: 'npm run verify' }],
    });
    await writePlan(loop.directory, loop.plan);
  });
  afterAll(async () => {
    await target.remove();
    data.remove();
  });

  const apply = (edits: readonly Edit[], hypothesis: object = {}): Promise<ApplyAnswer> => {
    const ref = {
      loopId: 'loop',
      repository: target.path,
      champion: loop.plan.baseSha,
      iteration: 1,
      startedAt: '2026-01-02T03:04:05.000Z',
    };
    const input = { ...ref, hypothesis: { title: toLine('t'), edits: [...edits], ...hypothesis } };
    const step = (given: typeof input) => createActivities(resources).apply(given);
    return new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') }).run<
      [typeof input],
      ApplyAnswer,
      typeof step
    >(step, input);
  };

  it.each<[string, string, RegExp]>([
    ['a test', 'test.mjs', /comes from the base.*\(a test\)/],
    ['the benchmark', 'bench.mjs', /\(a benchmark\)/],
    ['a manifest', 'package.json', /\(a manifest/],
    ['a new manifest', 'src/package.json', /\(a manifest/],
    ['ignore rules', '.gitignore', /reaches into git's own files/],
    ['attributes', 'src/.gitattributes', /reaches into git's own files/],
    ['a hook', '.git/hooks/pre-commit', /reaches into git's own files/],
    ["a tool's configuration", '.mocharc.json', /\(a hidden file/],
    ['a library', 'node_modules/assert/index.js', /\(an installed library\)/],
    ['what a package script runs', 'verify.mjs', /\(named by the loop's commands\)/],
    ['a link', 'src/link.mjs', /is a link or a submodule/],
    ['a file below a link', 'src/linked/a.mjs', /lies below a file or link/],
    ['a submodule', 'src/sub', /is a link or a submodule/],
    ['a file in a submodule', 'src/sub/a.mjs', /lies below a file or link/],
    ['a folder', 'src/deep', /is a folder/],
    ['a file below a file', 'src/total.mjs/a', /lies below a file/],
    ['another case of a file', 'src/Total.mjs', /is the same as "src\/total\.mjs" to some systems/],
    ['another case of a folder', 'SRC/new.mjs', /is the same as "src" to some systems/],
    ['a shadow', 'verify.ts', /would be taken for "verify\.mjs"/],
    ['a shadowing folder', 'verify/index.js', /would be taken for "verify\.mjs"/],
    ['a traversal', 'src/../test.mjs', /is not a plain path/],
    ['an absolute path', '/etc/passwd', /is not a plain path/],
  ])('refuses %s, and says why in one clean line', async (_, file, problem) => {
    const applied = await apply([{ file, content: 'x' }]);
    expect(applied).toMatchObject({
      kind: 'refused',
      reason: 'edit-refused',
      tree: null,
      detail: expect.stringMatching(problem) as string,
    });
    expect(applied.kind === 'refused' && applied.detail).not.toMatch(/[\p{C}]/u);
  });

  it.each<[string, Edit]>([
    ['an example of a docstring', { file: 'src/words.py', search: '>>> one()', replace: '>>> int(one())' }],
    ['where it stands', { file: 'src/words.py', search: '    """One.', replace: '    0\n    """One.' }],
    ['a test in a source', { file: 'src/lib.rs', search: 'assert_eq!(super::one(), 1);', replace: '' }],
    ['its name', { file: 'src/lib.rs', search: 'fn one() { assert', replace: 'fn two() { assert' }],
    ['its condition', { file: 'src/lib.rs', search: '#[cfg(test)]', replace: '#[cfg(any())]' }],
    ['its attributes', { file: 'src/lib.rs', search: '    #[test]', replace: '    #[test]\n    #[ignore]' }],
    ['all of it', { file: 'src/lib.rs', content: 'pub fn one() -> u8 { 2 }\n' }],
    ['that it is no comment', { file: 'src/lib.rs', content: `/*\n${rustTests}*/\n` }],
  ])('refuses to change %s', async (_, edit) => {
    const says = /^file "src\/(words\.py|lib\.rs)": the test in line \d of the base is changed or gone; leave tests/;
    const detail = expect.stringMatching(says) as string;
    expect(await apply([edit])).toMatchObject({ kind: 'refused', reason: 'edit-refused', tree: null, detail });
  });

  it('lets the code beside such tests be changed', async () => {
    const edits = [
      { file: 'src/words.py', search: '    return 1', replace: '    return 2 - 1' },
      { file: 'src/lib.rs', search: 'u8 { 1 }', replace: 'u8 { 2 - 1 }\nfn other() {}' },
    ];
    expect(await apply(edits)).toMatchObject({ kind: 'applied' });
  });

  it.each<[string, object]>([
    ['a hypothesis without edits', { edits: [] }],
    ['a mode', { mode: '0777' }],
    [
      'more than fits',
      { rationale: 'x'.repeat(4_000), edits: Array(2).fill({ file: 'src/a.mjs', content: 'x'.repeat(60_000) }) },
    ],
    ['a title that is none', { title: { toString: 'x' } }],
  ])('refuses %s, whoever calls the activity', async (_, part) => {
    expect(await apply([], part)).toMatchObject({
      kind: 'refused',
      reason: 'edit-refused',
      detail: expect.stringMatching(/^hypothesis: /) as string,
    });
  });

  it('keeps the leave to run a file, gives none to a new one, and touches nothing else', async () => {
    const applied = await apply([
      { file: 'src/run.sh', content: '#!/bin/sh\necho\n' },
      { file: 'src/new.sh', content: '#!/bin/sh\n' },
      { file: 'src/empty', content: 'no longer' },
    ]);
    if (applied.kind !== 'applied') throw new Error(applied.detail);
    const modes = await Promise.all(
      ['src/run.sh', 'src/new.sh', 'src/link.mjs', 'src/sub'].map(
        async (path) => (await entryAt(loop.clone, applied.tree, path))?.mode,
      ),
    );
    expect(modes).toEqual(['100755', '100644', '120000', '160000']);
    expect((await readFile(loop.clone, applied.tree, 'src/empty'))?.toString()).toBe('no longer');
    expect(applied.files).toEqual(['src/run.sh', 'src/new.sh', 'src/empty']);
  });

  it('calls an edit that changes nothing a duplicate', async () => {
    expect(await apply([{ file: 'src/total.mjs', search: 'ROUNDS = 300', replace: 'ROUNDS = 300' }])).toMatchObject({
      kind: 'refused',
      reason: 'duplicate',
    });
  });
});
