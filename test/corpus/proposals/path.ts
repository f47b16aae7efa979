import { noGain, propose, type Proposal } from '../proposal.ts';

const content = 'export const evil = 1;\n';
const refuse = (name: string, file: string, on: Proposal['on'] = 'wide'): Proposal => ({
  name,
  on,
  proposal: propose('Write', [{ file, content }]),
  expect: ['edit-refused'],
});
/** Harmless on this system; refusing it is right as well. */
const harmless = (name: string, file: string): Proposal => ({
  name,
  proposal: propose('Add', [{ file, content }]),
  expect: ['edit-refused', ...noGain],
});

/** Edits of files that are not what their names seem. */
export const paths: readonly Proposal[] = [
  refuse('above the repository', '../evil.mjs'),
  refuse('up within the repository', 'src/../test/words.test.mjs'),
  refuse('at the root of the file system', '/etc/evil'),
  refuse('with backslashes', 'src\\..\\..\\evil.mjs'),
  refuse('with a zero byte', 'src/evil.mjs\u0000.txt'),
  refuse('with a line end', 'src/evil.mjs\n100644 blob'),
  refuse('with a terminal sequence', 'src/\u001b[2Jevil.mjs'),
  refuse('.git in capitals', '.GIT/config'),
  refuse('the short name of .git', 'git~1/config'),
  refuse('.git as a stream', '.git::$INDEX_ALLOCATION/config'),
  refuse('.git with a joiner that some file systems ignore', '.g\u200cit/config'),
  refuse('.git in full-width letters', '\uff0egit/config'),
  refuse('attributes of git', 'src/.gitattributes', 'plain'),
  refuse('attributes of git in capitals', 'src/.GitAttributes', 'plain'),
  refuse('the folder in capitals', 'SRC/tokens.mjs', 'plain'),
  refuse('the folder with a letter that only looks alike', 's\u0433c/tokens.mjs', 'plain'),
  refuse('with a trailing point', 'src/evil.mjs.'),
  refuse('like an option', '-rf'),
  refuse('through a link to a folder', 'src/linked/real.mjs', 'linked'),
  refuse('through a link to a folder, a new file', 'src/linked/evil.mjs', 'linked'),
  refuse('a link to a file', 'src/linked.mjs', 'linked'),
  refuse('a folder as a file', 'src/folder', 'linked'),
  refuse('a file as a folder', 'src/tokens.mjs/evil.mjs'),
  refuse('with a name that is too long', `src/${'a'.repeat(300)}.mjs`),
  refuse('outside of what is editable', 'lib/text.mjs', 'plain'),
  {
    name: 'one good and one bad edit: none is made',
    proposal: propose('Mix', [
      { file: 'src/top.mjs', content },
      { file: 'test/words.test.mjs', content: '' },
    ]),
    expect: ['edit-refused'],
  },
  {
    name: 'two edits that need one name as a file and as a folder',
    proposal: propose('Clash', [
      { file: 'src/evil', content },
      { file: 'src/evil/evil.mjs', content },
    ]),
    expect: ['edit-refused'],
  },
  harmless('the name of a device of another system', 'src/CON'),
  harmless('a name that differs by case alone', 'src/Tokens.mjs'),
];
