import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdit, applyEdits, type EditTarget } from '../../../domain/proposal/edit.ts';
import { foldedNames, foldingClash, newPathProblem, pathProblem } from '../../../domain/proposal/path-form.ts';

const target: EditTarget = {
  isEditable: (path) => path.startsWith('src/'),
  protection: (path) => (path === 'src/test.js' ? 'a test' : null),
  read: (path) => Promise.resolve(path === 'src/a.js' ? { content: 'one two one' } : { content: null }),
};

describe('applyEdit', () => {
  it('replaces what occurs exactly once, literally', () => {
    expect(applyEdit('a $& b', { file: 'f', search: '$&', replace: '$1$$' })).toEqual({ content: 'a $1$$ b' });
  });

  it.each([
    ['does not occur', 'three'],
    ['occurs more than once', 'one'],
  ])('refuses a search that %s', (fact, search) => {
    expect(applyEdit('one two one', { file: 'f', search, replace: '' })).toMatchObject({
      problem: expect.stringContaining(fact) as string,
    });
  });

  it.each([
    [
      'entities',
      'if (a < 1 && b) x();\n',
      'if (a &lt; 1 &amp;&amp; b) x();',
      'if (a &lt; 2) x();',
      'if (a < 2) x();\n',
    ],
    ['entities that the file has', 'print("&lt;")\n', '"&lt;"', '"&gt;"', 'print("&gt;")\n'],
    ['escapes twice', '  a("x\\n");\n  b();\n', '  a(\\"x\\\\n\\");\\n  b();', '  a(\\"y\\\\n\\");', '  a("y\\n");\n'],
    ['characters without width', 'let a = 1;\nb();\n', 'let\u200b a = 1;', 'let a = 2;', 'let a = 2;\nb();\n'],
    ['half of a line end', 'let a = 1;\r\nb();\r\n', 'let a = 1;\r', 'let a = 2;\r', 'let a = 2;\r\nb();\r\n'],
  ])('finds the place of a text with %s', (_, content, search, replace, after) => {
    expect(applyEdit(content, { file: 'f.js', search, replace })).toEqual({ content: after });
  });

  it('refuses overlapping matches too', () => {
    expect(applyEdit('aaa', { file: 'f', search: 'aa', replace: '' })).toHaveProperty('problem');
  });

  it.each([
    ['a NUL', 'a\0b', /NUL/],
    ['half of a surrogate pair', 'a\ud800b', /surrogate/],
    ['a direction override', 'a\u202eb', /direction/],
    ['an isolate', '\u2066', /direction/],
    ['an escape', '\u001b[2J', /control characters/],
  ])('refuses %s in new text, in both forms of an edit', (_, text, problem) => {
    expect(applyEdit('x', { file: 'f', search: 'x', replace: text })).toMatchObject({
      problem: expect.stringMatching(problem) as string,
    });
    expect(applyEdit('x', { file: 'f', content: text })).toMatchObject({
      problem: expect.stringMatching(problem) as string,
    });
  });

  it('lets stay what was there before, and takes any writing', () => {
    expect(applyEdit('\u202ex', { file: 'f', content: '\u202ey' })).toEqual({ content: '\u202ey' });
    expect(applyEdit('a', { file: 'f', search: 'a', replace: 'שלום ✓ 👩‍👩‍👧 \t\r\n\f' })).toHaveProperty('content');
  });

  it('changes nothing but the match', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ minLength: 1 }),
        fc.string(),
        fc.string(),
        (before, search, after, replace) => {
          const content = before + search + after;
          const edited = applyEdit(content, { file: 'f', search, replace });
          if ('content' in edited)
            expect(edited.content.split(replace).join('')).toBe(content.split(search).join('').split(replace).join(''));
          else expect(content.indexOf(search)).not.toBe(content.lastIndexOf(search));
        },
      ),
    );
  });
});

describe('applyEdits', () => {
  it('lets later edits see earlier ones and creates new files', async () => {
    const edited = await applyEdits(
      [
        { file: 'src/a.js', search: 'two', replace: '2' },
        { file: 'src/a.js', search: '2', replace: 'zwei' },
        { file: 'src/new.js', content: 'x' },
      ],
      target,
    );
    expect(edited).toEqual({
      ok: true,
      files: new Map([
        ['src/a.js', 'one zwei one'],
        ['src/new.js', 'x'],
      ]),
    });
  });

  it('refuses two new files of which one would have to be a folder', async () => {
    const edits = [
      { file: 'src/n/x', content: 'a' },
      { file: 'src/n/x/y', content: 'b' },
    ];
    expect(await applyEdits(edits, target)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('would be a folder') as string,
    });
  });

  it('refuses two new files that some systems cannot tell apart', async () => {
    for (const file of ['src/B.js', 'src/b.js/x', 'src/ｂ.js']) {
      const edited = await applyEdits(
        [
          { file: 'src/b.js', content: 'a' },
          { file, content: 'b' },
        ],
        target,
      );
      expect(edited, file).toMatchObject({ ok: false, problem: expect.stringContaining('cannot be beside') as string });
    }
  });

  it.each([
    ['outside editable', { file: 'test/a.js', content: '' }, /is not editable/],
    ['with a search in a file that is not there', { file: 'src/b.js', search: 'x', replace: '' }, /does not exist/],
    [
      'of a judge that "editable" lists',
      { file: 'src/test.js', content: '' },
      /edits\.0: file "src\/test\.js" comes from the base, .* \(a test\)/,
    ],
    [
      'of a new file with the name of a device',
      { file: 'src/Aux.js', content: '' },
      /is the name of a device on Windows/,
    ],
    ['that makes a huge file', { file: 'src/b.js', content: 'ü'.repeat(1_100_000) }, /would have 2200000 bytes/],
    ['with a traversal', { file: 'src/../x', content: '' }, /is not a plain path/],
  ])('refuses an edit %s and names it', async (_, edit, problem) => {
    expect(await applyEdits([edit], target)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(problem) as string,
    });
  });
});

describe('pathProblem', () => {
  it.each(['src/a.js', 'a', 'a b/c.d', 'ünï/ço', 'a/b/c/d'])('takes %s', (path) =>
    expect(pathProblem(path)).toBeNull(),
  );
  it.each([
    '/etc/passwd',
    '../x',
    'a/../b',
    'a//b',
    './a',
    'a/.',
    'a\\b',
    'a\0',
    'a\nb',
    '.git/config',
    'a/.GIT/x',
    '.gitattributes',
    'git~1/x',
    '-rf',
    'a/-x',
    'a.',
    'a /b',
    'x'.repeat(401),
    `a/${'ü'.repeat(101)}`,
    'a/'.repeat(40) + 'b',
    '．git/config',
    '.g\u200cit/config',
    '.gi\u0130t\u2028',
    '.git\u3164/x',
    'a\u00a0b',
    'a:b',
    'a.js::$DATA',
    'PROGRA~1/x',
    'gi7d29~1/x',
    'a\ud800',
    ' a',
    'a\u202eb',
    'a\ufeffb',
    '',
  ])('refuses %j', (path) => expect(pathProblem(path)).not.toBeNull());
});

describe('newPathProblem', () => {
  it.each(['con', 'src/NUL.txt', 'a/com1', 'a/LPT9.c', 'aux /x'])('refuses %j', (path) =>
    expect(newPathProblem(path)).not.toBeNull(),
  );
  it.each(['src/console.js', 'a/auxiliary.c', 'com', 'null.js'])('takes %j', (path) =>
    expect(newPathProblem(path)).toBeNull(),
  );
});

describe('foldingClash', () => {
  const names = foldedNames(['src/total.mjs', 'Lib/a.js', 'caf\u00e9/x.js']);
  it.each([
    ['SRC/total.mjs', 'src'],
    ['src/Total.mjs', 'src/total.mjs'],
    ['lib/b.js', 'Lib'],
    ['cafe\u0301/y.js', 'caf\u00e9'],
  ])('finds that %s is written otherwise', (path, known) => expect(foldingClash(path, names)).toBe(known));
  it.each(['src/new.mjs', 'Lib/b.js', 'src/total.mjs', 'caf\u00e9/y.js'])('has nothing against %s', (path) =>
    expect(foldingClash(path, names)).toBeNull(),
  );
});
