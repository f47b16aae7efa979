/** Compares the source with the limits of the house. `--list` names the offenders; a directory counts another checkout. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countFile, type Comment, type FileCount } from './house-counts.ts';

const rooms = ['domain', 'store', 'ledger', 'workflows', 'activities', 'adapters', 'client', 'worker'];
const own = fileURLToPath(new URL('..', import.meta.url));
const headless = /^(what|of|whether|by|nor|that|where|whose|who|which|how)\b/i;

interface Row {
  count: string;
  value: string | number;
  /** Undefined where nothing is asked. */
  limit?: string;
  isOver?: boolean;
  offenders?: string[];
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { list: { type: 'boolean' } } });
const root = resolve(positionals[0] ?? own);
const rows = measure();
for (const { count, value, limit, isOver, offenders = [] } of rows) {
  console.log(`${isOver ? 'x' : ' '} ${count.padEnd(48)} ${String(value).padEnd(20)} ${limit ?? ''}`.trimEnd());
  if (values.list) for (const offender of offenders) console.log(`      ${offender}`);
}
process.exitCode = rows.some(({ isOver }) => isOver) ? 1 : 0;

function measure(): Row[] {
  const paths = rooms.flatMap(filesUnder);
  const counts = new Map(paths.map((path) => [path, countFile(path, readFileSync(join(root, path), 'utf8'))]));
  const files = [...counts.values()];
  const lines = files.map((file) => file.lines);
  const total = sum(lines);
  return [
    { count: 'source files', value: files.length },
    { count: 'source lines', value: total, limit: '<= 40990', isOver: total > 40_990 },
    { count: 'lines per file: median / p90 / max', value: spread(lines) },
    folderRow('files per folder', paths, true),
    folderRow('test files per folder', filesUnder('test'), false),
    { count: 'exports per file: median / p90 / max', value: spread(files.map((file) => file.exports)) },
    { count: 'imports per file: median / p90 / max', value: spread(files.map((file) => file.imports)) },
    ...functionRows(counts),
    { count: 'comment lines', value: percent(sum(files.map((file) => file.commentLines)), total) },
    ...commentRows(counts),
    widthRow(counts),
    circleRow(),
  ];
}

function filesUnder(room: string): string[] {
  if (!existsSync(join(root, room))) return [];
  return readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|cjs|mjs|py)$/.test(path) && !path.includes('node_modules'))
    .map((path) => join(room, path))
    .sort();
}

function folderRow(count: string, paths: readonly string[], isLimited: boolean): Row {
  const sizes = new Map<string, number>();
  for (const path of paths) sizes.set(dirname(path), (sizes.get(dirname(path)) ?? 0) + 1);
  const all = [...sizes.values()];
  const isOver = quantile(all, 0.5) > 10 || quantile(all, 1) > 16;
  return {
    count: `${count}: median / p90 / max`,
    value: spread(all),
    ...(isLimited && { limit: 'median <= 10, max <= 16', isOver }),
    offenders: [...sizes].filter(([, size]) => size > 16).map(([folder, size]) => `${folder}: ${size} files`),
  };
}

function functionRows(counts: Map<string, FileCount>): Row[] {
  const all = [...counts].flatMap(([path, file]) => file.functions.map((one) => ({ ...one, path })));
  const offenders = all
    .filter(({ parameters }) => parameters >= 5)
    .map(({ path, line, name, parameters }) => `${path}:${line} ${name}: ${parameters} parameters`);
  return [
    { count: 'functions', value: all.length },
    { count: 'lines per function: median / p90 / max', value: spread(all.map(({ lines }) => lines)) },
    {
      count: 'functions with 5 or more parameters',
      value: offenders.length,
      limit: '0',
      isOver: offenders.length > 0,
      offenders,
    },
  ];
}

function commentRows(counts: Map<string, FileCount>): Row[] {
  const all = [...counts].flatMap(([path, file]) => file.comments.map((comment) => ({ ...comment, path })));
  const words = all.map((comment) => comment.words);
  return [
    { count: 'comments', value: all.length },
    { count: 'words per comment: median / p90 / max', value: spread(words) },
    commentRow('comments that open with what, of, whether…', 0.03, all, ({ text }) => headless.test(text)),
    commentRow('comments over 30 words', 0.01, all, (comment) => comment.words > 30),
  ];
}

type PlacedComment = Comment & { path: string };

function commentRow(count: string, share: number, all: PlacedComment[], isOffender: (one: Comment) => boolean): Row {
  const offenders = all.filter(isOffender);
  return {
    count,
    value: `${percent(offenders.length, all.length)} (${offenders.length})`,
    limit: `<= ${share * 100} %`,
    isOver: offenders.length > share * all.length,
    offenders: offenders.map(({ path, line, words, text }) => `${path}:${line} (${words} words) ${text}`),
  };
}

function widthRow(counts: Map<string, FileCount>): Row {
  const widths = [...counts.values()].flatMap((file) => file.widths);
  const ranks = [0.5, 0.9, 0.99, 1].map((rank) => quantile(widths, rank));
  return {
    count: 'line width: median / p90 / p99 / max',
    value: ranks.join(' / '),
    limit: 'p99 <= 120',
    isOver: ranks[2]! > 120,
  };
}

/** Counts circles with type-only imports included. */
function circleRow(): Row {
  const present = rooms.filter((room) => existsSync(join(root, room)));
  const config = join(own, '.dependency-cruiser.cjs');
  const { stdout, stderr } = spawnSync(
    join(own, 'node_modules/.bin/depcruise'),
    ['--config', config, '--output-type', 'json', ...present],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (stdout === '') throw new Error(`dependency-cruiser: ${stderr}`);
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string; cycle?: { name: string }[] }[] };
  };
  const cycles = summary.violations.filter(({ rule }) => rule.name === 'no-cycles');
  return {
    count: 'import circles',
    value: cycles.length,
    limit: '0',
    isOver: cycles.length > 0,
    offenders: cycles.map(({ from, cycle = [] }) => [from, ...cycle.map(({ name }) => name)].join(' -> ')),
  };
}

function spread(numbers: readonly number[]): string {
  return [0.5, 0.9, 1].map((rank) => quantile(numbers, rank)).join(' / ');
}

/** Returns the smallest value that the given share of all values does not exceed. */
function quantile(numbers: readonly number[], rank: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? 0;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
