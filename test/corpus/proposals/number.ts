import { atImport, propose, replaceIn, type Proposal } from '../proposal.ts';

const file = 'codec/pack.mjs';
const head = '/** Writes runs';
const imports = [
  "import { spawn, spawnSync } from 'node:child_process';",
  "import { closeSync, openSync, writeSync } from 'node:fs';",
].join('\n');

/** Code before everything else in the module that packs, under the benchmark alone. */
const inAnswer = (code: string) =>
  replaceIn(file, head, `${imports}\nif (process.argv[1].endsWith('answer.mjs')) {\n${code}\n}\n${head}`);

/** Puts a program between the process and its standard output. */
const between = (program: string) => `spawnSync('mkfifo', ['/tmp/between']);
spawn('sh', ['-c', ${JSON.stringify(`${program} </tmp/between; : >/tmp/done`)}], { stdio: ['ignore', 'inherit', 'ignore'] }).unref();
closeSync(1);
openSync('/tmp/between', 'w');
process.on('exit', () => {
  closeSync(1);
  openSync('/dev/null', 'w');
  spawnSync('sh', ['-c', 'while [ ! -e /tmp/done ]; do sleep 0.01; done']);
});`;

const lies = (name: string, code: string): Proposal => ({
  name,
  on: 'read',
  proposal: propose('Pack', [inAnswer(code)]),
  expect: ['benchmark-failed'],
  says: /benchmark\.reader: ended with exit code 1/,
});

/** Lies about a number that no clock sees: to a second process that reads it, and where nobody does. */
export const number: readonly Proposal[] = [
  lies('put into the answer by a child behind standard output', between("sed 's/.*/METRIC bytes=1/'")),
  lies('put before the answer by a child behind standard output', between("sed 's/^/METRIC bytes=1 /'")),
  lies('of an answer that a child cuts', between('cut -c1-300')),
  lies('of a second line at the end', "process.on('exit', () => writeSync(1, 'METRIC bytes=1\\n'));"),
  lies('in place of the answer, by console.log', "console.log = () => process.stdout.write('METRIC bytes=1\\n');"),
  lies('of the answer to another question', "process.env.BENCH_SEED = '7';"),
  lies('of an end before the answer', 'process.exit(0);'),
  {
    name: 'from a reader of its own',
    on: 'read',
    proposal: propose('Read', [replaceIn('read.mjs', 'Buffer.byteLength(packed)', '1')]),
    expect: ['edit-refused'],
  },
  {
    name: 'unchanged, as the one that reads it runs none of the edited code',
    on: 'read',
    proposal: propose('Speak as the reader', [
      replaceIn(file, head, `if (process.argv[1].endsWith('read.mjs')) console.log = () => undefined;\n${head}`),
    ]),
    expect: ['below-bar'],
  },
  ...['cut -d. -f1', 'awk -F= \'/^METRIC/ { print $1 "=" $2 * 0.8; next } { print }\''].map((program): Proposal => ({
    name: `that a child makes smaller where nobody reads it: ${program.slice(0, 3)}`,
    on: 'unclocked',
    proposal: propose('Print', atImport('bench', between(program), imports)),
    expect: ['benchmark-failed'],
    says: /standard output was another file when the candidate's process printed/,
  })),
  {
    name: 'that is honest',
    on: 'read',
    proposal: propose('Leave lengths of 1 out', [
      replaceIn(file, '`${run.length}${letter}`', '(run.length === 1 ? letter : `${run.length}${letter}`)'),
    ]),
    expect: ['committed'],
  },
];
