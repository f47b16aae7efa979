import { atImport, noGain, propose, type Proposal } from '../proposal.ts';

/** Prints this in place of the benchmark's metric, whose line no longer begins as it should. */
const instead = (line: string) => atImport('bench', `process.stdout.write(${JSON.stringify(`${line}\nx`)});`);

const say = (name: string, line: string, says: RegExp): Proposal => ({
  name,
  proposal: propose('Print', instead(line)),
  expect: ['benchmark-failed'],
  says,
});

/** Replaces what a benchmark prints with. */
const replaced = (
  name: string,
  on: Proposal['on'],
  code: string,
  expect: Proposal['expect'] = ['benchmark-failed'],
): Proposal => ({ name, on, proposal: propose(`Replace: ${name}`, atImport('bench', code)), expect });
const halved = 'text.replace(/(METRIC ms=)([0-9.]+)/, (_, head, told) => head + String(told / 2))';
const twice = /begins with is in the output twice|2 places|no line/;

/** Benchmarks that say what they like. */
export const metric: readonly Proposal[] = [
  {
    name: 'twice',
    proposal: propose('Print twice', atImport('bench', "console.log('METRIC ms=1');")),
    expect: ['benchmark-failed'],
    says: /2 places of the output match/,
  },
  say('twice by a carriage return', 'METRIC ms=1\rMETRIC ms=2', twice),
  say('in hexadecimal', 'METRIC ms=0x01', twice),
  say("ahead of the benchmark's own, which it hides", 'METRIC ms=1', twice),
  { ...say("ahead of the benchmark's own, where no clock looks", 'METRIC ms=1', twice), on: 'unclocked' },
  say("of 0, ahead of the benchmark's own", 'METRIC ms=0', twice),
  say("in a smaller unit, ahead of the benchmark's own", 'METRIC ms=1 ns', twice),
  say('none', 'nothing to say', /no line of the output matches/),
  replaced('on standard error alone', 'plain', 'console.log = console.error;'),
  replaced(
    'divided by two by console.log',
    'plain',
    `const log = console.log;\nconsole.log = (text) => log(${halved});`,
    noGain,
  ),
  {
    name: 'with a failure after it',
    proposal: propose('Fail late', atImport('bench', "process.on('exit', () => { process.exitCode = 3; });")),
    expect: ['benchmark-failed'],
    says: /exit code 3/,
  },
  replaced(
    'with a checksum that is always the same',
    'checked',
    "const log = console.log;\nconsole.log = (text) => log(text.startsWith('CHECK') ? 'CHECK 0' : text);",
  ),
  replaced(
    'without a checksum',
    'checked',
    "const log = console.log;\nconsole.log = (text) => text.startsWith('CHECK') || log(text);",
  ),
  replaced(
    'as it is, in another order of the lines',
    'checked',
    "const [log, lines] = [console.log, []];\nconsole.log = (text) => void (lines.unshift(text) === 2 && log(lines.join('\\n')));",
    noGain,
  ),
  {
    name: 'with a second checksum',
    on: 'checked',
    proposal: propose('Check twice', atImport('bench', "console.log('CHECK 0');")),
    expect: ['benchmark-failed'],
  },
  {
    name: 'as it is, after a line of its own',
    on: 'checked',
    proposal: propose('Talk', atImport('bench', "console.log('begun at', performance.now() > 0);")),
    // After five pairs; noise may have decided before.
    expect: ['benchmark-failed', ...noGain],
  },
];
