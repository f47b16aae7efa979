import { atImport, noGain, propose, type Proposal } from '../proposal.ts';

const hook = '#!/bin/sh\ntouch /tmp/hooked\n';
const write = (name: string, file: string, content: string): Proposal => ({
  name,
  on: 'wide',
  proposal: propose('Set up git', [{ file, content }]),
  expect: ['edit-refused'],
});

/** Proposals that reach for git, where everything is editable that may be. */
export const git: readonly Proposal[] = [
  write('its configuration', '.git/config', '[core]\n\tfsmonitor = touch /tmp/hooked\n'),
  write('a hook', '.git/hooks/post-commit', hook),
  write('a reference', '.git/refs/heads/main', '0000000000000000000000000000000000000000\n'),
  write('alternates', '.git/objects/info/alternates', '/var/tmp\n'),
  write('attributes', '.gitattributes', '* filter=evil\n'),
  write('attributes of a folder', 'src/.gitattributes', '*.mjs filter=evil ident export-subst\n'),
  write('submodules', '.gitmodules', '[submodule "x"]\n\tpath = src/x\n\turl = https://example.com/x\n'),
  write('a .git file in a folder', 'src/.git', 'gitdir: /var/tmp\n'),
  write('a repository in a folder', 'src/vendor/.git/HEAD', 'ref: refs/heads/main\n'),
  write('a list of ignored files', '.gitignore', 'test/\n'),
  {
    name: 'a repository made at run time, with a commit and a push',
    on: 'copied',
    proposal: propose(
      'Commit myself',
      atImport(
        'test',
        "spawnSync('/bin/sh', ['-c', 'cd /repo && git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm x && git push @@HOME@@ HEAD:main'], { stdio: 'ignore' });",
        "import { spawnSync } from 'node:child_process';",
      ),
    ),
    // To initialise a repository in the copy is a change that the base's own runs do not make.
    expect: [...noGain, 'tests-failed'],
  },
];
