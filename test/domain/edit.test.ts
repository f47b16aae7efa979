import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdit, applyEdits, pathProblem, type EditTarget } from '../../domain/edit.ts';

const target: EditTarget = {
  isEditable: (path) => path.startsWith('src/'),
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
    expect(applyEdit('one two one', { file: 'f', search, replace: '' })).toMatchObject({ problem: expect.stringContaining(fact) as string });
  });

  it('refuses overlapping matches too', () => {
    expect(applyEdit('aaa', { file: 'f', search: 'aa', replace: '' })).toHaveProperty('problem');
  });

  it('changes nothing but the match', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), fc.string(), (before, search, after, replace) => {
        const content = before + search + after;
        const edited = applyEdit(content, { file: 'f', search, replace });
        if ('content' in edited) expect(edited.content.split(replace).join('')).toBe(content.split(search).join('').split(replace).join(''));
        else expect(content.indexOf(search)).not.toBe(content.lastIndexOf(search));
      }),
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
    expect(await applyEdits(edits, target)).toMatchObject({ ok: false, problem: expect.stringContaining('would be a folder') as string });
  });

  it.each([
    ['outside editable', { file: 'test/a.js', content: '' }, /is not editable/],
    ['with a search in a file that is not there', { file: 'src/b.js', search: 'x', replace: '' }, /does not exist/],
    ['with a traversal', { file: 'src/../x', content: '' }, /is not a plain path/],
  ])('refuses an edit %s and names it', async (_, edit, problem) => {
    expect(await applyEdits([edit], target)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) as string });
  });
});

describe('pathProblem', () => {
  it.each(['src/a.js', 'a', 'a b/c.d', 'ünï/ço', 'a/b/c/d'])('takes %s', (path) => expect(pathProblem(path)).toBeNull());
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
  ])('refuses %j', (path) => expect(pathProblem(path)).not.toBeNull());
});
