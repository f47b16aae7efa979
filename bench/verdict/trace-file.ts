/** Recorded traces as files: comments, a line of clock names, then one line per run; tab-separated, to four significant digits. */
import { readdirSync, readFileSync } from 'node:fs';

export const tracesDirectory = new URL('traces/', import.meta.url);

/** cpu and wall: of the timed section, over its repeats after a warm-up. process: of the whole process tree, start-up included. */
const clocks = ['cpu-min5', 'cpu-mean5', 'cpu-1', 'wall-mean5', 'process-cpu', 'process-wall'] as const;
export type Clock = (typeof clocks)[number];

export interface Trace {
  /** Workload and clock. */
  name: string;
  /** One time per run in ms, in the order of the runs. */
  times: number[];
}

export function formatTrace(comments: readonly string[], runs: readonly Record<Clock, number>[]): string {
  const rows = runs.map((run) => clocks.map((clock) => Number(run[clock].toPrecision(4))).join('\t'));
  return [...comments.map((comment) => `# ${comment}`), clocks.join('\t'), ...rows, ''].join('\n');
}

/** Every clock of every recorded workload is a trace of its own. */
export function readTraces(): Trace[] {
  const files = readdirSync(tracesDirectory).filter((file) => file.endsWith('.tsv'));
  return files
    .sort()
    .flatMap((file) => parseTraces(file.replace('.tsv', ''), readFileSync(new URL(file, tracesDirectory), 'utf8')));
}

function parseTraces(workload: string, text: string): Trace[] {
  const [names = [], ...rows] = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
  return names.map((clock, column) => ({
    name: `${workload} ${clock}`,
    times: rows.map((row) => Number(row[column])),
  }));
}
