import type { LoopConfig } from '../config/loop-config.ts';

export type HarnessName = NonNullable<LoopConfig['benchmark']['harness']>;

/** One benchmark of a suite as its harness prints it; `ns` is the time of a repeat. */
export interface PrintedTime {
  name: string;
  ns: number;
}

const nanoseconds: Record<string, number> = { ps: 1e-3, ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9 };

interface Reader {
  /** A typical line, for people. */
  example: string;
  read: (output: string) => PrintedTime[];
}

const readers: Record<HarnessName, Reader> = {
  'go-bench': {
    example: 'BenchmarkParse-2  1000  1234 ns/op',
    read: readGo,
  },
  'pytest-benchmark': {
    example: 'the table below "Name (time in us)  Min  Max  Mean  StdDev  Median"',
    read: readPytest,
  },
  'vitest-bench': { example: 'the table below "name  hz  min  max  mean  p75"', read: readVitest },
  tinybench: { example: 'console.table(bench.table())', read: readTinybench },
  criterion: {
    example: 'parse  time:  [1.2 µs 1.3 µs 1.4 µs]',
    read: (output) =>
      [
        ...output.matchAll(
          /^(\S[^\n]{0,200}?)?\s{1,200}time: {1,20}\[[\d.]{1,20} [pnuµμm]?s ([\d.]{1,20}) ([pnuµμm]?s) [\d.]{1,20} [pnuµμm]?s\]/gm,
        ),
      ].map((match) => timeOf(match[1], match[2], match[3])),
  },
};

/** Reads the times that a harness prints, the last of each name; none where it prints none. Run it under a timeout. */
export function readTimes(output: string, harness: HarnessName): PrintedTime[] {
  const found = readers[harness].read(output).filter(({ ns }) => Number.isFinite(ns) && ns > 0);
  // Vitest prints some tables twice, and what stands twice would weigh twice.
  return [...new Map(found.map((one) => [one.name, one])).values()];
}

/** A line as the harness prints it. */
export function exampleOf(harness: HarnessName): string {
  return readers[harness].example;
}

/** Geometric mean of the times, in ns: a benchmark that takes twice as long counts as much as each other one. */
export function meanOf(times: readonly PrintedTime[]): number {
  return Math.exp(times.reduce((sum, { ns }) => sum + Math.log(ns), 0) / times.length);
}

function timeOf(name: string | undefined, number: string | undefined, unit: string | undefined): PrintedTime {
  return {
    name: (name ?? '').trim(),
    ns: Number((number ?? '').replaceAll(',', '')) * (nanoseconds[unit ?? ''] ?? NaN),
  };
}

/** A name stands before its run, so that what the benchmark itself prints may stand between it and its time. */
function readGo(output: string): PrintedTime[] {
  let name = '';
  return output.split('\n').flatMap((line) => {
    name = /^(Benchmark\S{0,200}?)(?:-\d{1,4})?\s/.exec(line)?.[1] ?? name;
    const [, ns] = /(?:^|\s)\d{1,12}\s{1,80}([\d.]{1,20}) ns\/op/.exec(line) ?? [];
    return name && ns ? [timeOf(name, ns, 'ns')] : [];
  });
}

/** Takes the median of each row: one slow round moves the mean. */
function readPytest(output: string): PrintedTime[] {
  const found: PrintedTime[] = [];
  let head: { unit: string; column: number } | null = null;
  for (const line of output.split('\n')) {
    const [, unit, columns] = /^Name \(time in (\w?s|[µμ]s)\)\s+(.*)$/.exec(line) ?? [];
    if (unit && columns) head = { unit, column: columnOf(columns) };
    const [, name, cells] = /^(\S.{0,300}?)\s{2,}(\d.*)$/.exec(line) ?? [];
    if (!head || !name || !cells || line.startsWith('Name')) continue;
    const values = cells
      .replace(/ \([^)]*\)/g, '')
      .trim()
      .split(/\s+/);
    found.push(timeOf(name.replace(/ \([^)]*\)$/, ''), values[head.column], head.unit));
  }
  return found;
}

/** A person may choose the columns. */
function columnOf(columns: string): number {
  const names = columns.trim().split(/\s+/);
  return ['Median', 'Mean', 'Min'].map((name) => names.indexOf(name)).find((at) => at >= 0) ?? -1;
}

/** Its times are in ms, with four decimals: of a short one the rate tells more. */
function readVitest(output: string): PrintedTime[] {
  const found: PrintedTime[] = [];
  let column = -1;
  let group = '';
  for (const line of output.split('\n')) {
    const [, heading] = /^\s*[✓✔] (\S.*?)(?: \d+ms)?$/u.exec(line) ?? [];
    if (heading) group = `${heading} > `;
    if (/^\s+name\s+hz\s/.test(line)) column = line.trim().split(/\s+/).indexOf('mean');
    const [, name, cells] = /^\s+·\s(.{1,200}?)\s{2,}([\d,.]+\s.*)$/u.exec(line) ?? [];
    if (column <= 0 || !name || !cells) continue;
    const values = cells.trim().split(/\s+/);
    const rate = Number(values[0]!.replaceAll(',', ''));
    const time = timeOf(group + name.trim(), values[column - 1], 'ms');
    found.push(rate >= 100 ? { ...time, ns: 1e9 / rate } : time);
  }
  return found;
}

/** A table with a frame; the median where there is one. */
function readTinybench(output: string): PrintedTime[] {
  const rows = output
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [head = []] = rows;
  const place = (...patterns: RegExp[]) =>
    patterns.map((one) => head.findIndex((cell) => one.test(cell))).find((at) => at >= 0) ?? -1;
  const column = place(/^Latency med.*\((\w+)\)/, /^(Latency|Average).*\((\w+)\)/);
  const unit = /\((\w+)\)/.exec(head[column] ?? '')?.[1];
  const name = place(/^Task name/i);
  if (column < 0 || name < 0) return [];
  return rows
    .slice(1)
    .map((cells) => timeOf(cells[name]?.replace(/^'|'$/g, ''), /[\d.,]+/.exec(cells[column] ?? '')?.[0], unit));
}
