import { propose, replaceIn, type Proposal } from '../proposal.ts';

const trap = "throw new Error('nobody has run this');\n";

/** A file where runs see what setup made, and a checkout sees this. */
const hidden = (file: string): Proposal => ({
  name: `a file that setup hides: ${file}`,
  on: 'provided',
  proposal: propose('Add a table', [{ file, content: trap }]),
  expect: ['edit-refused'],
  says: /in all runs setup's "src\/tables" stands there/,
});

/** The build runs `banner` once for each of the sources; here it leaves them otherwise than they would be committed. */
const rebuilt = (name: string, code: string, file = 'src/banner.mjs'): Proposal => ({
  name,
  on: 'built',
  proposal: propose(`Build: ${name}`, [
    replaceIn(
      'src/banner.mjs',
      '/** The first line of a built file. */',
      `import * as fs from 'node:fs';\nif (process.argv[1].endsWith('build.mjs')) {\n${code}\n}\n`,
    ),
    ...(file === 'src/banner.mjs' ? [] : [{ file, content: trap }]),
  ]),
  expect: ['edit-refused'],
  says: /so that no run sees what would be committed there/,
});

/** Proposals of which the runs see something else than the commit would hold. */
export const unseen: readonly Proposal[] = [
  hidden('src/tables/escapes.mjs'),
  hidden('src/tables/index.mjs'),
  hidden('src/Tables/escapes.mjs'),
  hidden('src/tables'),
  rebuilt('a trap that the build takes out', "fs.writeFileSync('src/late.mjs', '');", 'src/late.mjs'),
  rebuilt('a trap that the build removes', "fs.rmSync('src/late.mjs', { force: true });", 'src/late.mjs'),
  rebuilt(
    'a build that wipes out its own traces',
    "fs.writeFileSync('src/banner.mjs', fs.readFileSync('src/banner.mjs', 'utf8').replace(/^import[^]*?^}$/m, ''));",
  ),
  rebuilt('the leave to run, which git does not give', "fs.chmodSync('src/late.mjs', 0o755);", 'src/late.mjs'),
  rebuilt(
    'a link in place of a file',
    "fs.rmSync('src/late.mjs', { force: true });\nfs.symlinkSync('top.mjs', 'src/late.mjs');",
    'src/late.mjs',
  ),
];
