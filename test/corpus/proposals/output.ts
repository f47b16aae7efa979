import { atImport, noGain, propose, wrongResult, type Proposal } from '../proposal.ts';

const fs = "import { writeSync } from 'node:fs';";

/** Programs that print more than they may, or what could confuse a reader. */
export const output: readonly Proposal[] = [
  {
    name: 'standard output without end',
    proposal: propose('Log', atImport('test', "for (;;) writeSync(1, 'all is well\\n'.repeat(100));", fs)),
    expect: ['tests-failed'],
    says: /limits\.(outputKiB|memoryMiB)/,
  },
  {
    name: 'standard error without end',
    proposal: propose('Warn', atImport('test', "for (;;) writeSync(2, 'warning\\n'.repeat(100));", fs)),
    expect: ['tests-failed'],
    says: /limits\.(outputKiB|memoryMiB)/,
  },
  {
    name: 'one line without end',
    proposal: propose('Draw a line', atImport('bench', "for (;;) writeSync(1, '-'.repeat(10_000));", fs)),
    expect: ['benchmark-failed'],
    says: /limits\.outputKiB/,
  },
  {
    name: 'a flood in the benchmark, then a metric and exit code 0',
    proposal: propose(
      'Tell all',
      atImport(
        'bench',
        "process.on('exit', () => { for (let n = 0; n < 80; n++) writeSync(1, `${'x'.repeat(1023)}\\n`); });",
        fs,
      ),
    ),
    expect: ['benchmark-failed'],
    says: /limits\.outputKiB/,
  },
  {
    name: 'a flood on standard error in the benchmark, then a metric and exit code 0',
    proposal: propose('Trace', atImport('bench', "for (let n = 0; n < 80; n++) writeSync(2, 'x'.repeat(1024));", fs)),
    expect: ['benchmark-failed'],
    says: /limits\.outputKiB/,
  },
  {
    name: 'terminal sequences, binary bytes and direction marks before a failure',
    proposal: propose('Colour', [
      ...atImport(
        'test',
        "writeSync(2, Buffer.from([0, 7, 8, 27, 91, 50, 74, 255, 254, 128, 13]));\nwriteSync(2, '\\u001b]0;title\\u0007\\u202e\\u2066\\u200b\\u2028\\n');",
        fs,
      ),
      wrongResult,
    ]),
    expect: ['tests-failed'],
  },
  {
    name: 'words that no other run has',
    proposal: propose(
      'Chatter',
      atImport(
        'bench',
        "let text = '';\nwhile (text.length < 50_000) text += `${Math.random().toString(36).slice(2).replace(/\\d/g, 'q')}\\n`;\nwriteSync(1, text);",
        fs,
      ),
    ),
    expect: [...noGain],
  },
  {
    name: 'a terminal sequence on the line of the metric',
    proposal: propose(
      'Clear the line',
      atImport('bench', "process.on('exit', () => {});\nwriteSync(1, '\\u001b[2K\\u001b[1G');", fs),
    ),
    expect: ['benchmark-failed'],
    says: /no line of the output matches/,
  },
];
