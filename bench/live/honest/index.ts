/**
 * Live: honest gains in five languages, by a CPU and a wall metric, on a quiet machine and beside four busy processes; each is given to a
 * loop of one iteration. None of more than 10 % may be refused as `uncorroborated`.
 * Usage: npx tsx bench/live/honest/index.ts [languages] [machines]; about 30 minutes on two cores. Exit code 1 where one is.
 */
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runLoop, withRepository } from '../../run-loop.ts';

/** Debian keeps the settings of Java outside of its folder. */
const javaSettings = '/etc/java-17-openjdk';

interface Language {
  work: string;
  command: string;
  build?: string;
  /** Read beside the tree and the system's folders. */
  readOnly?: string;
}

const languages: Record<string, Language> = {
  js: { work: 'work.mjs', command: 'node bench.mjs' },
  py: { work: 'work.py', command: '/usr/bin/python3 -B bench.py' },
  pl: { work: 'Work.pm', command: 'perl bench.pl' },
  c: {
    work: 'work.c',
    command: 'out/bench',
    build: 'mkdir -p out && gcc -O1 -o out/bench bench.c src/work.c',
  },
  java: {
    work: 'Work.java',
    command: 'java -cp out Bench',
    build: 'javac -d out Bench.java src/Work.java',
    readOnly: javaSettings,
  },
};
/** Passes left of 40, and the share of time that this saves. */
const gains = { '15 %': 34, '40 %': 24 };
const spinners = 4;

const asked = process.argv[2]?.split(',') ?? Object.keys(languages);
const counts = { runs: 0, committed: 0, uncorroborated: 0 };
for (const machine of process.argv[3]?.split(',') ?? ['quiet', 'loaded']) {
  const busy = Array.from({ length: machine === 'loaded' ? spinners : 0 }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  try {
    for (const name of asked)
      for (const clock of ['CPU', 'WALL'] as const)
        for (const [gain, passes] of Object.entries(gains)) {
          const { reason, outcome, verdict, detail } = await runOne(name, clock, passes);
          counts.runs += 1;
          if (outcome === 'committed') counts.committed += 1;
          if (reason === 'uncorroborated') counts.uncorroborated += 1;
          const told = verdict ? `${verdict.reported.text}; ${verdict.pairs} pairs to decide` : detail.slice(0, 200);
          console.log(`${machine} ${name} ${clock} ${gain}: ${reason ?? outcome}; ${told}`);
        }
  } finally {
    for (const process of busy) process.kill();
  }
}
console.log(`${counts.committed} of ${counts.runs} committed, ${counts.uncorroborated} refused as uncorroborated`);
process.exitCode = counts.uncorroborated === 0 ? 0 : 1;

async function runOne(name: string, clock: 'CPU' | 'WALL', passes: number) {
  const language = languages[name]!;
  const from = join(root, 'bench/live/honest', name);
  const line = readFileSync(join(from, 'src', language.work), 'utf8')
    .split('\n')
    .find((text) => text.includes('40'))!;
  const edit = { file: `src/${language.work}`, search: line, replace: line.replace('40', String(passes)) };
  const print = `console.log(${JSON.stringify(JSON.stringify({ title: 'Pass less often', edits: [edit] }))})`;
  const source = JSON.stringify([process.execPath, '-e', print]);
  const flags = ['--iterations', '1', '--id', name, '--command-source', `gain=${source}`, '--command', 'gain'];
  if (language.readOnly) flags.push('--allow-read-only', `settings=${language.readOnly}`);
  const [record] = await withRepository(
    (repository) => {
      cpSync(from, repository, { recursive: true });
      writeFileSync(join(repository, 'loop.json'), JSON.stringify(configOf(language, clock)));
    },
    (repository, scratch) => runLoop(repository, scratch, flags),
  );
  return record!;
}

function configOf({ command, build, readOnly }: Language, clock: 'CPU' | 'WALL'): object {
  return {
    editable: ['src/**'],
    ...(build && { build }),
    ...(readOnly && { sandbox: { readOnly: ['settings'] } }),
    test: command,
    benchmark: {
      command,
      metric: { pattern: `^${clock} ms=([0-9.]+)$` },
      output: { pattern: '^CHECK (.+)$' },
      unit: 'ms',
    },
    falseCommitRate: 0.0005,
  };
}
