import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../../domain/proposal/answers/read-answer.ts';
import type { Shown } from '../../../../domain/proposal/form.ts';
import { toLine } from '../../../../domain/text.ts';

const edit = { file: 'src/a.mjs', search: '  let x = 1;\n  let y = "2";', replace: '  let x = 2;\n  let y = "3";' };
const hypothesis = { title: 'Cache it', edits: [edit] };
const json = JSON.stringify(hypothesis);
const content = `function f() {\n${edit.search}\n}\nconst BLOCK = 8;\n`;
const shown: Shown = { form: 'blocks', files: [{ path: 'src/a.mjs', content }], target: null };
const read = (text: string, what = shown) => readAnswer(text, what, () => Promise.resolve(null));
const listed = { title: 'Change src/a.mjs', edits: [edit] };

describe('readAnswer', () => {
  it.each<[string, string, object?]>([
    ['plain JSON', json],
    ['a fence', `Sure:\n\`\`\`json\n${json}\n\`\`\``],
    ['a fence without a language', `\`\`\`\n${JSON.stringify(hypothesis, null, 2)}\n\`\`\`\nDone.`],
    ['words round it', `\ufeffUse {x} and \`{}\`, like {"a": 1}:\n${json}\nDone }{`],
    ['line ends inside strings', json.replaceAll('\\n', '\n')],
    ['CRLF', JSON.stringify(hypothesis, null, 1).replaceAll('\n', '\r\n')],
    ['a comma at the end', json.replace(/\}\]\}$/, '},]}')],
    ['a comment', json.replace('{', '{ // one pass\n')],
    ['single quotes', json.replaceAll('\\"', '^').replaceAll('"', "'").replaceAll('^', '"')],
    ['names without quotes', json.replace('"title"', 'title').replace('"edits"', 'edits')],
    ['a template as a string', json.replace(JSON.stringify(edit.replace), `\`${edit.replace}\``)],
    ['keys that nobody knows', JSON.stringify({ ...hypothesis, gain: '10x', edits: [{ ...edit, explanation: 'x' }] })],
    [
      'null in place of nothing',
      JSON.stringify({ ...hypothesis, rationale: null, edits: [{ ...edit, content: null }] }),
    ],
    ['a list at the top', `[${json}]`],
    ['one edit in place of a list', JSON.stringify({ ...hypothesis, edits: edit })],
    ['a wrapper', JSON.stringify({ hypothesis })],
    ['edits alone', JSON.stringify([edit]), listed],
    ['an edit with a title', JSON.stringify({ title: 'Cache it', ...edit })],
    ['no title', JSON.stringify({ edits: [edit] }), listed],
    ['a number for a title', JSON.stringify({ title: 7, edits: [edit] }), listed],
    [
      'path, old and new',
      JSON.stringify({ ...hypothesis, edits: [{ path: edit.file, old: edit.search, new: edit.replace }] }),
    ],
    [
      'names in capitals',
      JSON.stringify({
        Title: 'Cache it',
        Changes: [{ filePath: edit.file, oldString: edit.search, new_code: edit.replace }],
      }),
    ],
    [
      'edits by file',
      JSON.stringify({ ...hypothesis, edits: { [edit.file]: { search: edit.search, replace: edit.replace } } }),
    ],
    [
      'no file where one was shown',
      JSON.stringify({ ...hypothesis, edits: [{ search: edit.search, replace: edit.replace }] }),
    ],
    [
      'one file for all edits',
      JSON.stringify({ ...hypothesis, file: edit.file, edits: [{ ...edit, file: undefined }] }),
    ],
    ['empty text for what is not meant', JSON.stringify({ ...hypothesis, edits: [{ ...edit, content: '' }] })],
    [
      'a whole file in place of nothing',
      JSON.stringify({
        title: 'Cache it',
        edits: [{ file: edit.file, search: '', replace: content.replace(edit.search, edit.replace) }],
      }),
      { edits: [{ content: content.replace(edit.search, edit.replace) }] },
    ],
    ['a call of a tool', JSON.stringify({ name: 'propose', arguments: json })],
    ['wrappers in wrappers', JSON.stringify({ result: { hypotheses: [hypothesis] } })],
    ['edits as JSON', JSON.stringify({ ...hypothesis, edits: JSON.stringify([edit]) })],
    ['the whole answer as a string', JSON.stringify(json)],
    [
      'a diff',
      JSON.stringify({
        title: 'Cache it',
        edits: [
          { file: edit.file, diff: '@@ -2,2 +2,2 @@\n-  let x = 1;\n-  let y = "2";\n+  let x = 2;\n+  let y = "3";' },
        ],
      }),
    ],
    ['three quotes', json.replace(JSON.stringify(edit.search), `"""${edit.search}"""`)],
    [
      'typographic quotes',
      '{“title”: “Cache it”, “edits”: [{“file”: “src/a.mjs”, “search”: “let x = 1;”, “replace”: “let x = 2;”}]}',
      { edits: [{ search: 'let x = 1;', replace: 'let x = 2;' }] },
    ],
    ['no commas at the ends of lines', JSON.stringify(hypothesis, null, 1).replaceAll(',\n', '\n')],
    ['lines in lists', JSON.stringify({ ...hypothesis, edits: [{ ...edit, search: edit.search.split('\n') }] })],
    ['the same answer twice', `${json}\n${json}`],
    ['a draft among thoughts', `<think>${json.replace('Cache', 'Drop')}</think>${json}`],
    ['./ before the file', json.replace('src/a', './src/a')],
    ["the sandbox's path", json.replace('src/a', '/repo/src/a')],
    ["the repository's path", json.replace('src/a', '/home/me/work/src/a')],
    ["another system's path", json.replace('src/a', 'src\\\\a')],
    ['a prototype', json.replace('{', '{"__proto__": {"edits": []}, ')],
    [
      'a title of 5000 letters',
      JSON.stringify({ ...hypothesis, title: 'x'.repeat(5_000) }),
      { title: toLine('x'.repeat(5_000)), edits: [edit] },
    ],
    ['a value of a constant', '{"constant": "BLOCK", "value": 64}', { edits: [{ replace: 'const BLOCK = 64;' }] }],
    [
      'a value by its file',
      '```json\n{"constant": "src/a.mjs:BLOCK", "value": "16"}\n```',
      { edits: [{ replace: 'const BLOCK = 16;' }] },
    ],
  ])('reads %s', async (_, answer, value = hypothesis) =>
    expect(await read(answer)).toMatchObject({ ok: true, value }),
  );

  it('cuts a long reason', async () => {
    const parsed = await read(JSON.stringify({ ...hypothesis, rationale: 'x'.repeat(5_000) }));
    expect(parsed.ok && parsed.value.rationale).toHaveLength(4_000);
  });

  it.each([
    [
      'a part left out',
      JSON.stringify({
        title: 't',
        edits: [{ file: edit.file, content: 'function f() {\n  // ... existing code ...\n}\n' }],
      }),
      /leaves out a part of src\/a\.mjs \(\/\/ \.\.\. existing code \.\.\.\)/,
    ],
    ['broken JSON', '{"title": }', /is not JSON/],
    ['no edits', JSON.stringify({ title: 't', edits: [] }), /^edits: too small/],
    [
      'an edit with both forms',
      JSON.stringify({ title: 't', edits: [{ ...edit, content: 'z' }] }),
      /^edits\.0: has file, search, replace, content; give "file" with/,
    ],
    [
      'an edit that is a link',
      JSON.stringify({ title: 't', edits: [{ file: 'src/link', target: '/etc/passwd' }] }),
      /^edits\.0: has file; give "file" with/,
    ],
    [
      'an empty search',
      JSON.stringify({ title: 't', edits: [{ ...edit, search: '' }] }),
      /keeps no line of src\/a\.mjs; .*edits with the lines to replace/,
    ],
    [
      'an empty search in a file that is a number',
      JSON.stringify({ title: 't', edits: [{ file: 5, search: '', replace: 'z' }] }),
      /^edits\.0/,
    ],
    ['half an object', json.slice(0, -1), /is not JSON/],
    ['half an object with one edit whole', json.slice(0, -2) + ', {"file": "src', /is not JSON/],
    ['two of them', `${json}\n${json.replace('Cache', 'Drop')}`, /has 2 hypotheses; print one/],
    ['a key that is there twice', '{"title": "a", "title": "b", "edits": []}', /has the key "title" twice/],
    [
      'a key twice by an escape',
      '{"title": "a", "edits": [{"file": "a", "content": "", "\\u0066ile": "b"}]}',
      /has the key "file" twice/,
    ],
    [
      'deep nesting',
      `{"title": "t", "edits": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      /neither "title" nor "edits"/,
    ],
    ['endless nesting', '{"a":[1,'.repeat(100_000), /is not JSON/],
    ['endless strings', '{"'.repeat(400_000), /is not JSON/],
    ['a flood', ' '.repeat(1_000_001), /at most 1000000 are read/],
    [
      'too many edits',
      JSON.stringify({ title: 't', edits: Array(21).fill({ file: 'a', content: '' }) }),
      /^edits: too big/,
    ],
    [
      'escapes that are long as JSON',
      JSON.stringify({ title: 't', edits: [{ file: 'a', content: '\u0001'.repeat(11_000) }] }),
      /at most 64000/,
    ],
    [
      'too much',
      JSON.stringify({ title: 't', edits: [{ file: 'a', content: 'x'.repeat(70_000) }] }),
      /^edits\.0\.content: too big/,
    ],
    [
      'what changes nothing',
      JSON.stringify({ title: 't', edits: [{ ...edit, replace: edit.search }] }),
      /changes nothing/,
    ],
    [
      'a change and its undoing',
      JSON.stringify({ title: 't', edits: [edit, { file: edit.file, search: edit.replace, replace: edit.search }] }),
      /changes nothing/,
    ],
    ['a constant that is none', '{"constant": "SIZE", "value": 64}', /names no constant that may be set/],
    ['a value that is none', '{"constant": "BLOCK", "value": -1}', /sets BLOCK to what it cannot be/],
    ['two values', '{"constant": "BLOCK", "value": 1}\n{"constant": "BLOCK", "value": 2}', /more than one choice/],
  ])('refuses %s', async (_, answer, problem) => {
    const parsed = await read(answer);
    expect(parsed.ok ? '' : parsed.problems[0]).toMatch(problem);
  });

  it('takes no path for another one', async () => {
    for (const file of ['../src/a.mjs', 'x/../../src/a.mjs', '/repo/../src/a.mjs', 'src/../src/a.mjs']) {
      const parsed = await read(json.replace('src/a.mjs', file));
      expect(parsed.ok && parsed.value.edits[0]!.file, file).not.toBe('src/a.mjs');
    }
  });

  it('takes what JSON takes, whatever surrounds it', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    const words = fc.string().filter((one) => !/[{}[\]`<]|constant/.test(one));
    await fc.assert(
      fc.asyncProperty(text, text, words, async (title, body, around) => {
        const value = { title, edits: [{ file: 'new.js', content: body }] };
        const parsed = await read(`${around}${JSON.stringify(value, null, 1)}${around}`);
        expect(parsed).toEqual({ ok: true, value: { ...value, title: toLine(title) || 'Change new.js' } });
      }),
    );
  });
});
