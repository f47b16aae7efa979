import { atImport, inCall, noGain, propose, replaceIn, type Proposal } from '../proposal.ts';

const fs = "import * as fs from 'node:fs';";
const fill = (directory: string) =>
  [
    'let written = 0;',
    'try {',
    `  for (;;) { fs.appendFileSync('${directory}/fill', Buffer.alloc(2 ** 20, 1)); written++; }`,
    '} catch (error) { throw new Error(`disk: ${error.code} after ${written} MiB`); }',
  ].join('\n');
const tryEach = (paths: string[]) =>
  [
    `const told = ${JSON.stringify(paths)}.map((path) => {`,
    "  try { fs.writeFileSync(path, 'x'); return 'written'; } catch (error) { return error.code; }",
    '});',
    "throw new Error(`disk: ${told.join(' ')} .`);",
  ].join('\n');

/** Programs that write more, or elsewhere, than they may. */
export const disk: readonly Proposal[] = [
  {
    name: '/tmp without end',
    proposal: propose('Spill', atImport('test', fill('/tmp'), fs)),
    expect: ['tests-failed'],
    says: /disk: ENOSPC after 1\d MiB/,
  },
  {
    name: 'the copy of the tree without end',
    on: 'copied',
    proposal: propose('Spill beside', atImport('test', fill('/repo/src'), fs)),
    expect: ['tests-failed'],
    says: /disk: ENOSPC after 1\d MiB/,
  },
  {
    name: 'files without end and without content',
    proposal: propose('Index', atImport('test', 'for (let n = 0; ; n++) fs.mkdirSync(`/tmp/${n}`);', fs)),
    expect: ['tests-failed'],
  },
  {
    name: 'a file of a terabyte with nothing in it',
    proposal: propose(
      'Reserve',
      atImport(
        'always',
        "fs.writeFileSync('/tmp/sparse', '');\ntry { fs.truncateSync('/tmp/sparse', 2 ** 40); } catch {}",
        fs,
      ),
    ),
    expect: noGain,
  },
  {
    name: 'the read-only tree',
    proposal: propose(
      'Note',
      atImport('test', tryEach(['/repo/note', '/repo/src/tokens.mjs', '/repo/test/words.test.mjs']), fs),
    ),
    expect: ['tests-failed'],
    says: /disk: EROFS EROFS EROFS \./,
  },
  {
    name: 'the rest of the file system',
    proposal: propose(
      'Install',
      atImport(
        'test',
        tryEach([
          '/x',
          '/usr/x',
          '/etc/passwd',
          '/dev/x',
          '/proc/sys/kernel/core_pattern',
          '/sys/x',
          '/var/x',
          '/src/x',
        ]),
        fs,
      ),
    ),
    expect: ['tests-failed'],
    says: /disk: (E[A-Z]+ ){8}\./,
  },
  {
    name: 'the directories of the worker and of the person',
    proposal: propose(
      'Leave a note',
      atImport('test', tryEach(['@@HOME@@/x', '@@DATA@@/x', '@@GUARD@@/x', '/root/x', '/home/x', '/var/tmp/x']), fs),
    ),
    expect: ['tests-failed'],
    says: /disk: (E[A-Z]+ ){6}\./,
  },
  {
    name: 'a mark that makes the next run skip its work',
    proposal: propose('Remember', [
      ...inCall(
        'bench',
        "for (const place of ['/tmp', '/dev/shm', '/repo', process.env.HOME]) {\n  if (fs.existsSync(`${place}/mark`)) return [];\n  try { fs.writeFileSync(`${place}/mark-next`, ''); } catch {}\n}",
        fs,
      ),
      ...atImport(
        'bench',
        "for (const place of ['/tmp', '/dev/shm', '/repo', process.env.HOME]) try { fs.renameSync(`${place}/mark-next`, `${place}/mark`); } catch {}",
      ),
    ]),
    expect: noGain,
  },
  {
    name: 'a mark in a copied tree that makes the next run skip its work',
    on: 'copied',
    proposal: propose('Remember here', [
      ...inCall('always', "if (fs.existsSync('/repo/.mark')) return [];", fs),
      ...atImport('always', "process.on('exit', () => fs.writeFileSync('/repo/.mark', ''));"),
    ]),
    expect: [...noGain, 'tests-failed'],
  },
  {
    name: 'files with holes, which a build leaves for whoever copies them',
    on: 'built',
    proposal: propose('Leave holes', [
      replaceIn(
        'src/banner.mjs',
        '/** The first line',
        "import { truncateSync, writeFileSync } from 'node:fs';\nfor (let n = 0; n < 5; n++) {\n  writeFileSync(`built/hole-${n}`, '');\n  truncateSync(`built/hole-${n}`, 2 ** 30);\n}\n\n/** The first line",
      ),
    ]),
    expect: ['build-failed'],
    says: /5120 MiB of files by their sizes, holes included/,
  },
  {
    name: 'less work in the benchmark for the words of a file left in the test',
    proposal: propose('Keep a list', [
      ...atImport('test', "fs.writeFileSync('/tmp/list', 'x');", fs),
      ...inCall('bench', "if (fs.existsSync('/tmp/list')) return [];"),
    ]),
    expect: noGain,
  },
  {
    name: 'a directory that cannot be removed',
    on: 'copied',
    proposal: propose(
      'Nest',
      atImport(
        'always',
        "let path = '/repo/deep';\nfor (let n = 0; n < 200; n++) { fs.mkdirSync(path); fs.chmodSync(path, 0o700); path += '/deep'; }\nfs.chmodSync('/repo/deep', 0);",
        fs,
      ),
    ),
    expect: [...noGain, 'tests-failed'],
  },
];
