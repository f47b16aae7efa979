import { atImport, noGain, propose, replaceIn, type Proposal } from '../proposal.ts';

/** Keeps a text in the page cache of a file that every run can read: bit by bit, pages that are in memory or not. */
const channel = `
import os, sys
fd = os.open(max((os.path.join('/usr/bin', name) for name in os.listdir('/usr/bin')), key=lambda path: os.path.getsize(os.path.realpath(path)) if os.path.isfile(path) else 0), os.O_RDONLY)
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
step = 64 * 4096
if sys.argv[1] == 'put':
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    data = sys.argv[2].encode()
    for bit in range(len(data) * 8):
        if data[bit // 8] >> (bit % 8) & 1: os.pread(fd, 1, bit * step)
else:
    out = bytearray(int(sys.argv[2]))
    for bit in range(len(out) * 8):
        try:
            os.preadv(fd, [bytearray(1)], bit * step, os.RWF_NOWAIT); out[bit // 8] |= 1 << (bit % 8)
        except BlockingIOError: pass
    print(out)
`;
const python = (...args: string[]) =>
  `execFileSync('python3', ['-c', ${JSON.stringify(channel)}, ${args.join(', ')}], { encoding: 'utf8' })`;
const imports = "import { execFileSync } from 'node:child_process';\nimport { readFileSync } from 'node:fs';";
const heard = `const heard = 'HEARD ' + ${python("'get'", "'12'")};`;

/** Tells what it hears by the end of a run; nothing of it may be told to whoever proposes. */
const tell = (name: string, code: string): Proposal => ({
  name,
  on: 'whispered',
  proposal: propose(`Tell: ${name}`, atImport('test', `${heard}\n${code}`, imports)),
  expect: ['tests-failed'],
  says: /^test: ended with exit code # \(no more is told [a-z ]+\)$/,
});

/** Text of held-out tests, on its way to the next proposal. */
export const whisper: readonly Proposal[] = [
  {
    name: 'the held-out tests, put into the page cache',
    on: 'whispered',
    proposal: propose(
      'Whisper',
      atImport(
        'always',
        `if (process.env.GUARD) ${python("'put'", "readFileSync(process.env.GUARD + '/guard.test.mjs', 'utf8').slice(-12)")};`,
        imports,
      ),
    ),
    expect: [...noGain, 'tests-failed', 'guard-failed'],
  },
  tell('by an error', 'throw new Error(heard);'),
  tell('by standard error alone', 'process.stderr.write(heard);\nthrow null;'),
  tell('by the name of a failing test', "console.log('not ok 99 - ' + heard);\nthrow new Error();"),
  {
    name: 'by a build that fails',
    on: 'whisperedBuilt',
    proposal: propose('Tell by the build', [
      replaceIn(
        'src/banner.mjs',
        '/** The first line of a built file. */',
        `${imports}\nif (process.argv[1].endsWith('build.mjs')) {\n${heard}\nthrow new Error(heard);\n}\n`,
      ),
    ]),
    expect: ['build-failed'],
    says: /^build: ended with exit code # \(no more is told [a-z ]+\)$/,
  },
  {
    name: 'by the name of a file that the build makes',
    on: 'whisperedBuilt',
    proposal: propose('Tell by a name', [
      replaceIn(
        'src/banner.mjs',
        '/** The first line of a built file. */',
        `import { mkdirSync, writeFileSync } from 'node:fs';\nif (process.argv[1].endsWith('build.mjs')) {\nmkdirSync('.heard', { recursive: true });\nwriteFileSync('.heard/me', '');\n}\n`,
      ),
    ]),
    expect: ['build-failed'],
    says: /^build: made "…", which only the base may have \(a hidden file or directory, which tools read\) \(no more/,
  },
  {
    name: "by the benchmark's end",
    on: 'whispered',
    proposal: propose('Tell by the benchmark', atImport('bench', `${heard}\nthrow new Error(heard);`, imports)),
    expect: ['benchmark-failed'],
    says: /^benchmark: ended with exit code # \(no more is told [a-z ]+\)$/,
  },
];
