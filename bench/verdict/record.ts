/**
 * Records what a clock says of one program run again and again: the noise that the verdict is replayed on (replay.ts). Linux with bash and python3.
 * Usage: npx tsx bench/verdict/record.ts [--runs 600] [--label busy] [--conditions "shared VM, other jobs running"] [workload…]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { formatTrace, tracesDirectory, type Clock } from './trace-file.ts';

interface Program {
  name: string;
  command: string;
  file: string;
  args?: string[];
  runtime: string;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '600' },
    label: { type: 'string', default: '' },
    conditions: { type: 'string', default: 'not stated' },
  },
});

mkdirSync(tracesDirectory, { recursive: true });
for (const program of await programs()) {
  if (positionals.length > 0 && !positionals.includes(program.name)) continue;
  const name = [program.name, options.label].filter(Boolean).join('-');
  const loadBefore = load();
  const runs = await record(program, Number(options.runs));
  const comments = [
    `workload ${[program.file, ...(program.args ?? [])].join(' ')}, ${program.runtime}; ${runs.length} consecutive runs, each a process of its own; all values in ms`,
    `recorded ${new Date().toISOString().slice(0, 10)}; ${availableParallelism()} cores; load average ${loadBefore} before, ${load()} after`,
    `conditions: ${options.conditions}`,
  ];
  writeFileSync(new URL(`${name}.tsv`, tracesDirectory), formatTrace(comments, runs));
  console.log(`${name}: ${runs.length} runs recorded`);
}

async function programs(): Promise<Program[]> {
  // A version manager may put a script before the interpreter; its start-up is not to be recorded.
  const python = (
    await execa('python3', ['-c', 'import sys; print(sys.executable, sys.version.split()[0], sep="\\n")'])
  ).stdout.split('\n');
  const node = { command: process.execPath, runtime: `Node ${process.version}` };
  return [
    { name: 'integer', file: 'integer.mjs', ...node },
    { name: 'allocate', file: 'allocate.mjs', ...node },
    { name: 'files', file: 'files.mjs', args: ['/dev/shm'], ...node },
    { name: 'files-disk', file: 'files.mjs', args: [tmpdir()], ...node },
    { name: 'text', file: 'text.py', command: python[0]!, runtime: `Python ${python[1]!}` },
  ];
}

async function record(program: Program, count: number): Promise<Record<Clock, number>[]> {
  await runOnce(program); // Brings the program into the page cache.
  const runs: Record<Clock, number>[] = [];
  while (runs.length < count) runs.push(await runOnce(program));
  return runs;
}

/** One run with all clocks at once. bash's `time` counts the process tree, to the millisecond. */
async function runOnce({ command, file, args = [] }: Program): Promise<Record<Clock, number>> {
  const path = fileURLToPath(new URL(`workloads/${file}`, import.meta.url));
  const timed = await execa('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', command, path, ...args]);
  const { cpu, wall } = JSON.parse(timed.stdout) as { cpu: number[]; wall: number[] };
  const [real = NaN, user = NaN, system = NaN] = timed.stderr.split(' ').map((seconds) => 1000 * Number(seconds));
  return {
    'cpu-min5': Math.min(...cpu),
    'cpu-mean5': mean(cpu),
    'cpu-1': cpu[0]!,
    'wall-mean5': mean(wall),
    'process-cpu': user + system,
    'process-wall': real,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function load(): string {
  return loadavg()[0]!.toFixed(1);
}
