import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDiff } from '../../../../domain/ledger/page/diff-lines.ts';

const diff = `diff --git a/src/a.mjs b/src/a.mjs
index 1..2 100644
--- a/src/a.mjs
+++ b/src/a.mjs
@@ -1,4 +1,4 @@ export function f() {
 const a = 1;
--- no head of a file
+++ nor is this
 
-const b = 2;
+const b = 3;
\\ No newline at end of file
diff --git a/old.txt b/old.txt
deleted file mode 100644
index 3..0
--- a/old.txt
+++ /dev/null
@@ -1 +0,0 @@
-gone
diff --git a/picture.png b/picture.png
index 4..5 100644
Binary files a/picture.png and b/picture.png differ
`;

it('tells files, and lines by their kind; within a part "---" is a removed line', () => {
  const [first, second, third, ...rest] = parseDiff(diff);
  expect(rest).toEqual([]);
  expect(first!.path).toBe('src/a.mjs');
  expect(first!.lines.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'note: @@ -1,4 +1,4 @@ export function f() {',
    'same: const a = 1;',
    'removed: -- no head of a file',
    'added: ++ nor is this',
    'same: ',
    'removed: const b = 2;',
    'added: const b = 3;',
    'note: \\ No newline at end of file',
  ]);
  expect(second).toEqual({
    path: 'old.txt',
    lines: [
      { kind: 'note', text: 'deleted file mode 100644' },
      { kind: 'note', text: '@@ -1 +0,0 @@' },
      { kind: 'removed', text: 'gone' },
    ],
  });
  expect(third!.path).toBe('picture.png');
  expect(third!.lines.map(({ kind }) => kind)).toEqual(['note']);
});

it('gives back every line of every part, whatever the lines are', () => {
  const signs = { same: ' ', added: '+', removed: '-' } as const;
  const text = fc.oneof(
    fc.stringMatching(/^[ -~]{0,12}$/),
    fc.constantFrom('-- a/x', '++ b/x', '@@ -1 +1 @@', 'diff --git a/x b/x'),
  );
  const line = fc.record({ kind: fc.constantFrom('same' as const, 'added' as const, 'removed' as const), text });
  const parts = fc.array(fc.array(line, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(parts, (all) => {
      const printed = all.map((lines) => {
        const count = (kind: string) => lines.filter((one) => one.kind === kind || one.kind === 'same').length;
        const head = `@@ -1,${count('removed')} +1,${count('added')} @@`;
        return [head, ...lines.map((one) => `${signs[one.kind]}${one.text}`)].join('\n');
      });
      const head = 'diff --git a/src/x.js b/src/x.js\n--- a/src/x.js\n+++ b/src/x.js';
      const files = parseDiff(`${[head, ...printed].join('\n')}\n`);
      expect(files.map(({ path }) => path)).toEqual(['src/x.js']);
      expect(files[0]!.lines.filter(({ kind }) => kind !== 'note')).toEqual(all.flat());
    }),
  );
});

it('loses nothing of what is no diff, and keeps no control characters', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const told = parseDiff(text).flatMap(({ path, lines }) => [path, ...lines.map((one) => one.text)]);
      expect(told.join('\n')).not.toMatch(/[\x00-\x08\x0b-\x1f\u202a-\u202e]/);
    }),
  );
  expect(parseDiff('I did nothing.\nSorry.')).toEqual([
    {
      path: '',
      lines: [
        { kind: 'note', text: 'I did nothing.' },
        { kind: 'note', text: 'Sorry.' },
      ],
    },
  ]);
});
