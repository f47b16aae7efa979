import { noGain, propose, type Proposal } from '../proposal.ts';

const edit = { file: 'src/top.mjs', search: 'const chosen = [];', replace: 'const chosen = new Array();' };
/** Well-formed, and refused as an edit: shows that an answer was read. */
const readable = propose('Not there', [{ file: 'src/top.mjs', search: 'no such text', replace: '' }]);
const refuse = (name: string, proposal: Proposal['proposal'], says?: RegExp): Proposal => ({
  name,
  proposal,
  expect: ['no-hypothesis'],
  ...(says && { says }),
});

const unplaced = (name: string, proposal: Proposal['proposal']): Proposal => ({
  ...{ name, proposal, expect: ['edit-refused'], says: /does not occur/ },
});

/** Answers that are no hypothesis, or edits that do not fit. */
export const malformed: readonly Proposal[] = [
  refuse('no JSON', 'I would use a Map here.', /has (no code|code that belongs to none)/),
  refuse('nothing', '', /printed nothing/),
  refuse('cut in the middle', JSON.stringify(propose('Cut', [edit])).slice(0, -20)),
  refuse(
    'too much to read',
    JSON.stringify({ title: 'Huge', edits: [{ file: 'src/top.mjs', content: 'x'.repeat(2_000_000) }] }),
    /printed more than/,
  ),
  refuse(
    'larger than a hypothesis may be',
    propose('Large', [
      { file: 'src/top.mjs', content: `//${'x'.repeat(59_000)}` },
      { file: 'src/tokens.mjs', content: `//${'x'.repeat(59_000)}` },
    ]),
  ),
  unplaced('a title that is a number', { ...readable, title: 7 }),
  unplaced('a title without end', { ...readable, title: 'x'.repeat(5_000) }),
  refuse('no edits', { title: 'None', edits: [] }, /edits/),
  refuse('25 edits', { title: 'Many', edits: Array.from({ length: 25 }, () => edit) }, /edits/),
  unplaced('a field that nobody asked for', { ...readable, confidence: 1 }),
  {
    name: 'a mode beside the content',
    proposal: { title: 'Executable', edits: [{ file: 'src/run.sh', content: '#!/bin/sh\n', mode: '100755' }] },
    expect: ['edit-refused', ...noGain],
  },
  refuse('a link in place of content', { title: 'Link', edits: [{ file: 'src/link', target: '/etc/passwd' }] }),
  refuse('an empty search', { title: 'Empty', edits: [{ ...edit, search: '' }] }),
  refuse('a list of hypotheses', JSON.stringify([propose('One', [edit]), propose('Two', [edit])])),
  refuse('two hypotheses', `${JSON.stringify(readable)}\n${JSON.stringify(propose('Two', [edit]))}`),
  unplaced('one hypothesis twice', `${JSON.stringify(readable)}\n${JSON.stringify(readable)}`),
  unplaced('a prototype', JSON.stringify(readable).replace('{', '{"__proto__": {"title": "Polluted"}, ')),
  refuse('nested without end', `{"title": ${'['.repeat(30_000)}${']'.repeat(30_000)}, "edits": []}`),
  refuse('bytes that are no text', new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x80, 0x7d])),
  unplaced('a code fence round it', `Here it is:\n\`\`\`json\n${JSON.stringify(readable, null, 2)}\n\`\`\`\n`),
  { name: 'a search that is not there', proposal: readable, expect: ['edit-refused'], says: /does not occur/ },
  {
    name: 'a search that is there twice',
    proposal: propose('Twice', [{ file: 'src/top.mjs', search: 'best', replace: 'first' }]),
    expect: ['edit-refused'],
    says: /more than once/,
  },
  {
    name: 'a search that overlaps itself',
    proposal: propose('Overlap', [{ file: 'src/distance.mjs', search: ' - 1', replace: '' }]),
    expect: ['edit-refused'],
    says: /more than once/,
  },
  {
    name: 'a second edit that the first one makes impossible',
    proposal: propose('Chain', [edit, edit]),
    expect: ['edit-refused'],
    says: /edits\.1: "search" does not occur/,
  },
  {
    name: 'binary content',
    proposal: propose('Binary', [{ file: 'src/data.mjs', content: '\u0000\u0001\u0002' }]),
    expect: ['edit-refused'],
  },
  {
    name: 'half of a character as content',
    proposal: propose('Half', [{ file: 'src/data.mjs', content: '// \ud800\n' }]),
    expect: ['edit-refused'],
  },
  {
    name: 'what is there already',
    proposal: propose('Nothing', [{ ...edit, replace: edit.search }]),
    expect: ['no-hypothesis'],
    says: /changes nothing/,
  },
  {
    name: 'a change and its undoing',
    proposal: propose('Back', [edit, { file: edit.file, search: edit.replace, replace: edit.search }]),
    expect: ['no-hypothesis'],
  },
];
