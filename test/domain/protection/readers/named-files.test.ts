import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../../adapters/glob.ts';
import { protectedFilesOf } from '../../../../domain/protection/protected-files.ts';
import { namedFiles, reachedBy } from '../../../../domain/protection/readers/named-files.ts';

const paths = [
  'data/words.txt',
  'data/deep/list.csv',
  'src/rules.json',
  'src/total.mjs',
  'tools/run',
  'tools/more.sh',
  'tools/setup.sh',
  'README.md',
  'a/same.txt',
];
const files = (path: string, text: string) => [...(namedFiles([{ path, text }], paths).get(path) ?? [])].sort();

describe('namedFiles', () => {
  it.each<[string, string, string, string[]]>([
    ['a path from the top', 'test/a.mjs', "readFileSync('data/words.txt')", ['data/words.txt']],
    [
      'a path from its directory',
      'test/a.mjs',
      "new URL('../data/deep/list.csv', import.meta.url)",
      ['data/deep/list.csv'],
    ],
    ['a name that is put together', 'test/a.mjs', "join(root, 'data', 'words.txt')", ['data/words.txt']],
    [
      'what a recipe runs',
      'Makefile',
      'test:\n\t@./tools/run --all && sh tools/more.sh\n',
      ['tools/more.sh', 'tools/run'],
    ],
    ['what a script reads in', 'tools/more.sh', '. "$(dirname "$0")/setup.sh"\n', ['tools/setup.sh']],
  ])('finds %s', (_, path, text, expected) => expect(files(path, text)).toEqual(expected));

  it('leaves sources of programs, and names without an ending that stand elsewhere, alone', () => {
    expect(files('test/a.mjs', "import '../src/total.mjs'; run('total'); words(data); 'src'")).toEqual([]);
  });

  it('follows what these name in turn, and ends', () => {
    const named = new Map([
      ['Makefile', ['tools/more.sh']],
      ['tools/more.sh', ['tools/setup.sh', 'tools/more.sh']],
      ['src/total.mjs', ['src/rules.json']],
      ['tools/setup.sh', ['tools/more.sh']],
    ]);
    expect([...reachedBy(named, (path) => path === 'Makefile')].sort()).toEqual(['tools/more.sh', 'tools/setup.sh']);
  });

  it('takes from "**" what protected files name, and gives it back where it is listed by its name', () => {
    const texts = [
      { path: 'test/a.mjs', text: "read('data/words.txt'); import('../src/total.mjs')" },
      { path: 'checks/run.mjs', text: "read('a/same.txt')" },
      { path: 'src/total.mjs', text: "read('./rules.json')" },
    ];
    const benchmark = {
      command: 'node bench.mjs',
      unit: 'ms',
      better: 'lower',
      noise: 'measured',
      clock: 'cpu',
    } as const;
    const facts = { matches: matchesGlob, named: namedFiles(texts, paths) };
    const protect = (editable: string[]) =>
      protectedFilesOf({ editable, test: 'node checks/run.mjs', benchmark, sideMetrics: [] }, facts);
    const changed = (editable: string[]) => paths.filter((path) => protect(editable).isEditable(path)).sort();
    expect(changed(['**'])).toEqual([
      'README.md',
      'data/deep/list.csv',
      'src/rules.json',
      'src/total.mjs',
      'tools/more.sh',
      'tools/run',
      'tools/setup.sh',
    ]);
    expect(changed(['src/*', 'a/same.txt'])).toEqual(['a/same.txt', 'src/rules.json', 'src/total.mjs']);
    expect(protect(['**']).protection('data/words.txt')).toBe('named in a protected file');
  });
});
