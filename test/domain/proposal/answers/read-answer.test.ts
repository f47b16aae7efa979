import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../../domain/proposal/answers/read-answer.ts';
import { parse, question, read, sources, type Path } from './targets.ts';

const js = `export function count(values) {
  const seen = new Map();
  for (const value of values) seen.set(value, (seen.get(value) ?? 0) + 1);
  let pairs = 0;
  for (const n of seen.values()) pairs += n * n;
  return pairs;
}`;
const python = `def common(self, n=LIMIT):
    counts = Counter(self.words)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]`;
const go = `func Unique(text string) []string {
	var result []string
	seen := map[string]bool{}
	for _, word := range strings.Fields(text) {
		if !seen[word] {
			seen[word] = true
			result = append(result, word)
		}
	}
	return result
}`;
const indented = (text: string, by = '    ') => text.replace(/^(?=.)/gm, by);
const fence = (code: string, info = 'js') => `\`\`\`${info}\n${code}\n\`\`\``;

/** The function as it stands in its file. */
function part(path: Path, from: string, to: string): string {
  const text = sources[path];
  const start = text.indexOf(from);
  return text.slice(start, text.indexOf(to, start) + to.length);
}
const oldJs = part('src/pairs.mjs', 'export function count', '\n}');
const oldPython = part('lib/words.py', '    def common', 'found[:n]');
const oldGo = part('unique.go', 'func Unique', '\n}');
const oldFind = part('src/stack.js', '  find(', '\n  }');
const total = part('src/pairs.mjs', 'export const total', '0);');
const inJs: Change = [oldJs, js];
const inPython: Change = [oldPython, indented(python)];
const importCounter: Change = ['import re\n', 'import re\nfrom collections import Counter\n'];
const lines = '  let pairs = 0;\n  for (const a of values) {\n    for (const b of values) {\n      steps++;';
const block = (search: string, replace: string) => `<<<<<<< SEARCH\n${search}\n=======\n${replace}\n>>>>>>> REPLACE`;
const changed: Change = ['let pairs = 0;', 'let pairs = values.length;'];

type Change = [old: string, now: string];
/** Name, what was asked for, the answer, and what it changes in the file, or why it is refused. */
type Shape = [name: string, asked: Asked, answer: string, outcome: Change[] | RegExp];
type Asked = 'count' | 'file' | 'common' | 'unique' | 'find' | 'blocks';
const questions: Record<Asked, () => ReturnType<typeof question>> = {
  count: () => question('src/pairs.mjs', 'count'),
  file: () => question('src/pairs.mjs', null),
  common: () => question('lib/words.py', 'Index.common'),
  unique: () => question('unique.go', 'Unique'),
  find: () => question('src/stack.js', 'Stack.find'),
  blocks: () => question('src/pairs.mjs', null, { form: 'blocks' }),
};

const shapes: Shape[] = [
  // Whole functions.
  ['a function in a fence', 'count', `Title: Count once\n\n${fence(js)}`, [inJs]],
  ['no language', 'count', fence(js, ''), [inJs]],
  ['another language tag', 'count', fence(js, 'JavaScript'), [inJs]],
  ['tildes', 'count', `~~~js\n${js}\n~~~`, [inJs]],
  ['four backticks', 'count', `\`\`\`\`js\n${js}\n\`\`\`\``, [inJs]],
  ['the end glued to the code', 'count', `\`\`\`js\n${js}\`\`\``, [inJs]],
  ['an indented fence of a list', 'count', `1. Do this:\n\n${indented(fence(js), '   ')}`, [inJs]],
  ['an answer that is a fence itself', 'count', `\`\`\`markdown\nTitle: X\n\n${fence(js)}\n\`\`\``, [inJs]],
  ['words before and after', 'count', `Sure! Here is it:\n\n${fence(js)}\n\nThis counts every value once.`, [inJs]],
  ['without a fence', 'count', js, [inJs]],
  ['without a fence, among words', 'count', `Here is the function:\n\n${js}\n\nIt is faster.`, [inJs]],
  ['words alone', 'count', 'I would use a Map here.', /has no code; write the whole function/],
  ['nothing', 'count', ' \n', /is empty/],
  ['the export left out', 'count', fence(js.replace('export ', '')), [inJs]],
  [
    'a declaration in place of a variable',
    'count',
    fence(`const count = (values) => {\n  return 0;\n};`),
    [[oldJs, 'export const count = (values) => {\n  return 0;\n};']],
  ],
  ['a comment above it', 'count', fence(`// Counts every value once.\n${js}`), [inJs]],
  ['the whole file for a function', 'count', fence(sources['src/pairs.mjs'].replace(oldJs, js)), [inJs]],
  ['the file above the fence', 'count', `**src/pairs.mjs**\n${fence(js)}`, [inJs]],
  ['the file in the fence', 'count', fence(`// src/pairs.mjs\n${js}`), [inJs]],
  ['the file behind the language', 'count', fence(js, 'js:src/pairs.mjs'), [inJs]],
  [
    'line numbers',
    'count',
    fence(
      js
        .split('\n')
        .map((line, index) => `${index + 6} | ${line}`)
        .join('\n'),
    ),
    [inJs],
  ],
  [
    'typographic quotes',
    'count',
    fence(js.replace('let pairs = 0', 'let pairs = Number(‘0’)')),
    [[oldJs, js.replace('let pairs = 0', "let pairs = Number('0')")]],
  ],
  [
    'signs of a web page',
    'count',
    fence(js.replace('(const n', '(let i = 0; i &lt; 0; i++) ;\n  for (const n')),
    [[oldJs, js.replace('(const n', '(let i = 0; i < 0; i++) ;\n  for (const n')]],
  ],
  ['CRLF', 'count', fence(js).replaceAll('\n', '\r\n'), [inJs]],
  ['trailing blanks', 'count', fence(js.replaceAll('\n', '  \n')), [[oldJs, js.replaceAll('\n', '  \n')]]],
  [
    'thoughts with a draft',
    'count',
    `<think>\nFirst:\n${fence(js.replace('n * n', 'n'))}\nNo.\n</think>\n\n${fence(js)}`,
    [inJs],
  ],
  ['thoughts whose begin was in the prompt', 'count', `A map, or ${fence('count()')}\n</think>\n${fence(js)}`, [inJs]],
  ['thoughts without end', 'count', `<think>\nFirst:\n${fence(js)}\nOr rather`, /has thoughts and nothing else/],
  ['thoughts in another tag', 'count', `<thinking>Use a Map.</thinking>\n${fence(js)}`, [inJs]],
  [
    'channels',
    'count',
    `<|channel|>analysis<|message|>Use a Map.<|end|><|start|>assistant<|channel|>final<|message|>${fence(js)}<|return|>`,
    [inJs],
  ],
  ...[
    '[THINK]^[/THINK]',
    '◁think▷^◁/think▷',
    '<|begin_of_thought|>^<|end_of_thought|>',
    '<|channel>thought^<channel|>',
    '<seed:think>^</seed:think>',
    '<scratchpad>^</scratchpad>',
  ].map((marks): Shape => {
    const [begin, end] = marks.split('^');
    return [
      `thoughts in ${begin}`,
      'count',
      `${begin}\n${fence(js.replace('n * n', 'n'))}\n${end}\n${fence(js)}`,
      [inJs],
    ];
  }),
  ...['<end_of_turn>', '<unused94>', '<|end_of_box|>', '</s>'].map((mark): Shape => [
    `${mark} at its end`,
    'count',
    `${fence(js)}${mark}`,
    [inJs],
  ]),
  [
    'marks of a template in the code',
    'blocks',
    block('let pairs = 0;', 'let pairs = "<|endoftext|><s>".length;'),
    [['let pairs = 0;', 'let pairs = "<|endoftext|><s>".length;']],
  ],
  ['a mark of the template at its end', 'count', `${fence(js)}<|im_end|>`, [inJs]],
  ['a cut fence', 'count', `Title: X\n\`\`\`js\n${js}`, /ends within a code fence/],
  ['the old code first', 'count', `Now:\n${fence(oldJs)}\nBetter:\n${fence(js)}`, [inJs]],
  [
    'two versions',
    'count',
    `${fence(js)}\nOr:\n${fence(js.replace('n * n', 'n ** 2'))}`,
    /two versions of the same code/,
  ],
  ['twice in one fence', 'count', fence(`${js}\n\n${js.replace('n * n', 'n ** 2')}`), /has "count" twice/],
  [
    'an example beside it',
    'count',
    `${fence(js)}\nUse it:\n${fence('const values = [1, 1];\nconsole.log(count(values));')}\n${fence('node x.mjs', 'bash')}`,
    [inJs],
  ],
  [
    'an example below it',
    'count',
    fence(`${js}\n\n// Example\nconst sample = [1, 2];\nconsole.log(count(sample));`),
    [inJs],
  ],
  ['another name', 'count', fence(js.replace('count(', 'countFast(')), /no function named "count"/],
  [
    'a part left out',
    'count',
    fence(js.replace(/ {2}let[^]*n;\n/, '  // ... rest of the code\n')),
    /leaves out a part of "count" \(\/\/ \.\.\. rest of the code\)/,
  ],
  ['the others left out', 'count', fence(`${js}\n\n// ... other functions unchanged ...`), [inJs]],
  ['as it was', 'count', fence(oldJs), /changes nothing/],
  [
    'a syntax error',
    'count',
    fence(js.replace('seen.values())', 'seen.values()')),
    /syntax error in src\/pairs\.mjs, near line \d+: .*; correct it/,
  ],
  [
    'a helper, an import and a table',
    'count',
    fence(
      `import { log, warn } from './log.mjs';\nconst squares = [0, 1];\nfor (let i = 2; i < 9; i++) squares.push(i * i);\n\nfunction square(n) {\n  return squares[n] ?? warn(n);\n}\n\n${js.replace('n * n', 'square(n)')}`,
    ),
    [
      ["import { log } from './log.mjs';\n", "import { log } from './log.mjs';\nimport { warn } from './log.mjs';\n"],
      [
        '/** Counts',
        'const squares = [0, 1];\n\nfor (let i = 2; i < 9; i++) squares.push(i * i);\n\nfunction square(n) {\n  return squares[n] ?? warn(n);\n}\n\n/** Counts',
      ],
      [oldJs, js.replace('n * n', 'square(n)')],
    ],
  ],
  [
    'a helper in a fence of its own',
    'count',
    `${fence('function square(n) {\n  return n * n;\n}')}\nand\n${fence(js.replace('n * n', 'square(n)'))}`,
    [
      ['/** Counts', 'function square(n) {\n  return n * n;\n}\n\n/** Counts'],
      [oldJs, js.replace('n * n', 'square(n)')],
    ],
  ],
  [
    'two functions of the file',
    'count',
    fence(`${js}\n\nexport const total = (values) => {\n  return 0;\n};`),
    [inJs, [total, 'export const total = (values) => {\n  return 0;\n};']],
  ],
  // Whole files.
  ['a whole file', 'file', fence(sources['src/pairs.mjs'].replace(oldJs, js)), [inJs]],
  ['one function for a whole file', 'file', fence(js), [inJs]],
  [
    'a whole file without what it uses',
    'file',
    fence(`${js.replace('let pairs', 'steps++;\n  let pairs')}\n\n${total}`),
    [[oldJs, js.replace('let pairs', 'steps++;\n  let pairs')]],
  ],
  ['a whole file that is another program', 'file', fence('console.log(1);'), /no function of the file/],
  // Python, Go, methods.
  [
    'a method at the margin',
    'common',
    fence(`from collections import Counter\n\n${python}`, 'python'),
    [importCounter, inPython],
  ],
  ['a method as it is indented', 'common', fence(indented(python), 'py'), [inPython]],
  [
    'a class with one method',
    'common',
    fence(`class Index:\n    # ... unchanged ...\n\n${indented(python)}`, 'python'),
    [inPython],
  ],
  [
    'a class with one method more',
    'common',
    fence(
      `class Index:\n${indented(`${python.replace('Counter(self.words)', 'self._counts()')}\n\ndef _counts(self):\n    return {}`)}`,
      'python',
    ),
    [
      [
        oldPython,
        `    def _counts(self):\n        return {}\n\n${indented(python.replace('Counter(self.words)', 'self._counts()'))}`,
      ],
    ],
  ],
  [
    'a whole file of Python for a method',
    'common',
    fence(sources['lib/words.py'].replace(oldPython, indented(python)).replace('LIMIT = 3', 'LIMIT = 4'), 'python'),
    [['LIMIT = 3', 'LIMIT = 4'], inPython],
  ],
  [
    'a guard of the main program',
    'common',
    fence(`${python}\n\nif __name__ == "__main__":\n    print(Index("a b").common())`, 'python'),
    [inPython],
  ],
  [
    'a whole program of Go',
    'unique',
    fence(
      `package main\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\n${go}\n\nfunc main() {\n\tfmt.Println(Unique("a a"))\n}`,
      'go',
    ),
    [
      ['import "strings"\n', 'import "strings"\nimport "fmt"\n'],
      [oldGo, go],
    ],
  ],
  [
    'a bare method',
    'find',
    fence('find(item) {\n  return this.items.indexOf(item);\n}'),
    [[oldFind, '  find(item) {\n    return this.items.indexOf(item);\n  }']],
  ],
  [
    'a class with a new field',
    'find',
    fence('class Stack {\n  seen = new Map();\n  find(item) {\n    return this.seen.get(item);\n  }\n}'),
    /changes "Stack" beyond its functions/,
  ],
  // Search/replace blocks.
  [
    'a block with its file',
    'blocks',
    `src/pairs.mjs\n\`\`\`js\n${block('  let pairs = 0;', '  let pairs = values.length;')}\n\`\`\``,
    [changed],
  ],
  ['a block without fence and file', 'blocks', block('let pairs = 0;', 'let pairs = values.length;'), [changed]],
  [
    'a block where a function was asked for',
    'count',
    `Title: X\n${block('let pairs = 0;', 'let pairs = values.length;')}`,
    [changed],
  ],
  [
    'two blocks',
    'blocks',
    `${block('let pairs = 0;', 'let pairs = values.length;')}\n\n${block('      steps++;\n', '')}`,
    [changed, ['      steps++;\n', '']],
  ],
  [
    'a block indented otherwise',
    'blocks',
    block(lines.replace(/^( +)/gm, '$1$1'), lines.replace(/^( +)/gm, '$1$1').replace('= 0', '= values.length')),
    [changed],
  ],
  [
    'a block at the margin',
    'blocks',
    block('let pairs = 0;\nfor (const a of values) {', 'let pairs = values.length;\nfor (const a of values) {'),
    [changed],
  ],
  [
    'a block with other blanks',
    'blocks',
    block('  let pairs=0;\n\n  for (const a of values){ ', '  let pairs = values.length;\n  for (const a of values) {'),
    [changed],
  ],
  ['a block in two places', 'blocks', block('of values', 'of all'), /occurs more than once/],
  ['a block in no place', 'blocks', block('let couples = 0;', ''), /does not occur/],
  ['a block without end', 'blocks', '<<<<<<< SEARCH\n  let pairs = 0;\n=======\n  let x', /does not end/],
  ['a block with two dividers', 'blocks', block('a\n=======\nb', 'c'), /2 lines "======="/],
  ['a block that changes nothing', 'blocks', block('let pairs = 0;', 'let pairs = 0;'), /changes nothing/],
  [
    'a block with bare marks',
    'blocks',
    '<<<<<<<\n  let pairs = 0;\n=======\n  let pairs = values.length;\n>>>>>>>',
    [changed],
  ],
  [
    'a block with short marks',
    'blocks',
    '<<< SEARCH\n  let pairs = 0;\n===\n  let pairs = values.length;\n>>> REPLACE',
    [changed],
  ],
  [
    'a block as git marks it',
    'blocks',
    '<<<<<<< HEAD\n  let pairs = 0;\n=======\n  let pairs = values.length;\n>>>>>>> faster',
    [changed],
  ],
  [
    'a block with the number of its line',
    'blocks',
    '<<<<<<< SEARCH\n:start_line:7\n-------\n  let pairs = 0;\n=======\n  let pairs = values.length;\n>>>>>>> REPLACE',
    [changed],
  ],
  ['a block with signs of a diff', 'blocks', block('-  let pairs = 0;', '+  let pairs = values.length;'), [changed]],
  [
    'tags',
    'blocks',
    '<edit><file>src/pairs.mjs</file><search>let pairs = 0;</search>\n<replace>let pairs = values.length;</replace></edit>',
    [changed],
  ],
  [
    'fences for old and new text',
    'blocks',
    `**Before:**\n${fence('  let pairs = 0;')}\n\n**After:**\n${fence('  let pairs = values.length;')}`,
    [changed],
  ],
  [
    'a block that leaves something out',
    'blocks',
    block('  let pairs = 0;', '  // ... existing code ...\n  let pairs = 1;'),
    /leaves out a part of src\/pairs\.mjs/,
  ],
  ['a block without old text', 'blocks', block('', "import x from 'x';"), /keeps no line of src\/pairs\.mjs/],
  // Diffs.
  [
    'a diff with wrong numbers',
    'count',
    `${fence('--- a/src/pairs.mjs\n+++ b/src/pairs.mjs\n@@ -99,7 +1,3 @@\n export function count(values) {\n-  let pairs = 0;\n+  let pairs = values.length;\n   for (const a of values) {', 'diff')}\nDone.`,
    [changed],
  ],
  [
    'a diff without a fence',
    'count',
    'Title: X\n\n--- src/pairs.mjs\n+++ src/pairs.mjs\n@@ -1 +1 @@\n-  let pairs = 0;\n+  let pairs = values.length;\n\nThat is all.',
    [changed],
  ],
  [
    'a diff without headers',
    'count',
    fence('-  let pairs = 0;\n+  let pairs = values.length;\n   for (const a of values) {', 'diff'),
    [changed],
  ],
  [
    'a diff of two hunks',
    'count',
    fence('@@\n-  let pairs = 0;\n+  let pairs = values.length;\n@@\n-      steps++;\n', 'diff'),
    [changed, ['      steps++;\n', '']],
  ],
  [
    'a patch of another tool',
    'count',
    '*** Begin Patch\n*** Update File: src/pairs.mjs\n@@ export function count(values) {\n-  let pairs = 0;\n+  let pairs = values.length;\n*** End Patch',
    [changed],
  ],
  [
    'a diff with a line that begins with ++',
    'count',
    fence(
      '@@ -9,3 +9,3 @@\n     for (const b of values) {\n-      steps++;\n+++steps;\n       if (a === b) pairs++;',
      'diff',
    ),
    [['      steps++;', '++steps;']],
  ],
  [
    'a diff without its second header',
    'count',
    fence('--- src/pairs.mjs\n@@\n-  let pairs = 0;\n+  let pairs = values.length;', 'diff'),
    [changed],
  ],
  [
    'a diff that renames',
    'count',
    '*** Begin Patch\n*** Update File: src/pairs.mjs\n*** Move to: src/b.mjs\n@@\n-  let pairs = 0;\n+  let pairs = 1;\n*** End Patch',
    /renames a file/,
  ],
  ['a diff that only adds', 'count', fence('@@ -1,0 +1 @@\n+// faster\n', 'diff'), /shows no line of the file/],
  [
    'a diff that deletes the file',
    'count',
    fence('--- a/src/pairs.mjs\n+++ /dev/null\n@@ -1 +0,0 @@\n-export let steps = 0;\n', 'diff'),
    /deletes a file/,
  ],
];

describe('readAnswer', () => {
  it.each(shapes)('reads %s', async (_, asked, answer, outcome) => {
    const shown = await questions[asked]();
    const found = await read(answer, shown);
    if (outcome instanceof RegExp) return void expect(found).toMatch(outcome);
    const [{ path, content }] = shown.files as [(typeof shown.files)[number]];
    for (const [old] of outcome) expect(content.split(old)).toHaveLength(2);
    const wanted = outcome.reduce((text, [old, now]) => text.replace(old, () => now), content);
    expect(found).toMatchObject({ files: { [path]: wanted } });
  });
});

describe('readAnswer, on other files', () => {
  it.each<[string, string, string, string, string]>([
    [
      'lines of a heading',
      'a.rst',
      'Title\n=====\ntext\n',
      block('Title\n=====\ntext', 'Title\n=====\nmore'),
      'Title\n=====\nmore\n',
    ],
    [
      'lines as those of a block',
      'a.md',
      'T\n=======\ntext\n',
      block('T\n=======\ntext', 'T\n=======\nmore'),
      'T\n=======\nmore\n',
    ],
    [
      'a number of a line after a change',
      'a.mjs',
      'x();\nx();\nx();\n',
      '```diff\n@@ -1 +1,2 @@\n-x();\n+a();\n+b();\n@@ -3 +4 @@\n-x();\n+c();\n```',
      'a();\nb();\nx();\nc();\n',
    ],
    [
      'another form of a letter',
      'a.mjs',
      's = "cafe\u0301…";\nlet x = 1;\n',
      block('s = "caf\u00e9...";\nlet x = 1;', 's = "caf\u00e9...";\nlet x = 2;'),
      's = "cafe\u0301…";\nlet x = 2;\n',
    ],
    [
      'blank lines and blanks left out',
      'a.mjs',
      'a();  \n\nlet x = 1;\n\nb();\n',
      block('a();\nlet x = 1;\nb();', 'a();\nlet x = 2;\nb();'),
      'a();  \n\nlet x = 2;\n\nb();\n',
    ],
    ['a line more', 'a.mjs', 'a(); \n\nb();', block('a();\nb();', 'a();\nb();\nc();'), 'a(); \n\nb();\nc();'],
    [
      'a path of the whole machine',
      'src/a.mjs',
      'a();\nb();\n',
      JSON.stringify({ edits: [{ file: '/home/me/src/a.mjs', content: 'a();\nc();\n' }] }),
      'a();\nc();\n',
    ],
    ['a new file above a block', 'src/a.mjs', 'a();\n', `src/new.mjs\n${block('', 'c();')}`, 'c();\n'],
  ])('reads %s', async (_, path, content, answer, wanted) => {
    const found = await read(answer, { form: 'blocks', files: [{ path, content }], target: null });
    expect(found).toMatchObject({ files: { [/new\.mjs/.exec(answer) ? 'src/new.mjs' : path]: wanted } });
  });
});

describe('readAnswer, by properties', () => {
  it('replaces a function and leaves every other byte as it is', async () => {
    const path: Path = 'src/pairs.mjs';
    const ends = fc.constantFrom('\n', '\r\n');
    const form = fc.constantFrom(
      fence(js),
      fence(js).replaceAll('\n', '\r\n'),
      `Sure.\n${fence(indented(js), '')}\nDone.`,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(ends, { minLength: 30, maxLength: 30 }),
        fc.boolean(),
        fc.boolean(),
        form,
        async (all, hasBom, isOpen, answer) => {
          const lines = sources[path].trimEnd().split('\n');
          const raw = lines.map((line, index) => (isOpen && index === lines.length - 1 ? line : line + all[index]!));
          const [first, last] = [lines.indexOf('export function count(values) {'), lines.indexOf('}')];
          const end = all[first]!;
          const bom = hasBom ? '\ufeff' : '';
          const wanted = [
            bom,
            ...raw.slice(0, first),
            js.replaceAll('\n', end),
            all[last],
            ...raw.slice(last + 1),
          ].join('');
          const found = await read(answer, await question(path, 'count', { content: bom + raw.join('') }));
          expect(found).toMatchObject({ files: { [path]: wanted } });
        },
      ),
      { numRuns: 25 },
    );
  });

  it('never fails on what it cannot read', async () => {
    const shown = await questions.count();
    const parts = [
      '```',
      '```js\n',
      '~~~',
      '<think>',
      '</think>',
      '<<<<<<< SEARCH\n',
      '=======\n',
      '>>>>>>> REPLACE\n',
      '@@ -1 +1 @@\n',
      '--- a/x\n',
      '+++ b/src/pairs.mjs\n',
      '{"edits":[',
      '"file":',
      js,
      oldJs,
      'src/pairs.mjs\n',
      '\n',
      '+',
      '-',
      ' ',
      '\r',
      '\ufeff',
    ];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...parts), fc.string()), { maxLength: 12 })
      .map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (answer) => typeof (await readAnswer(answer, shown, parse)).ok === 'boolean'),
      { numRuns: 50 },
    );
  });

  // Each would take hours by a reader whose steps grow with the square of the text.
  it.each([
    '`',
    '```\n',
    '```js\n',
    '<think>',
    '</think>\n',
    ' ',
    '\n',
    '\t\n ',
    '<<<<<<< SEARCH\n',
    '=======\n',
    '@@\n-',
    '{',
    '{"',
    '[[',
    '/*',
    '//',
    '...\n',
    'import ',
    'import {a} from "x";\n',
    'x =',
    'function f() {\n',
    '1| x\n',
    'src/pairs.mjs\n',
    '“',
    '{"constant":',
    '<search>',
    '<search></search>',
    'Before:\n```\n',
    '</s>',
    '"""',
  ])('comes to an end on 500,000 characters of %j', async (token) => {
    const shown = await questions.count();
    const flood = token.repeat(Math.floor(500_000 / token.length));
    for (const answer of [flood, fence(flood), fence(`${flood}\n${js}`)])
      expect(
        typeof (
          await readAnswer(answer, shown, () =>
            Promise.resolve({ language: 'javascript', functions: [], errors: [], tests: [] }),
          )
        ).ok,
      ).toBe('boolean');
  });
});
