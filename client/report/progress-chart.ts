import type { Mark, Spec } from 'vega';
import { gain } from '../../domain/verdict/gain.ts';
import type { Attempt, Progress } from '../../domain/ledger/page/progress.ts';
import { outcomeTexts } from '../../domain/ledger/reason-text.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import { toLine } from '../../domain/text.ts';
import type { Html } from './html.ts';
import { draw } from './vega.ts';

/** The place of one iteration's details in the page. */
export function anchorOf(iteration: number): string {
  return `iteration-${iteration}`;
}

/** "7, rolled back: slower, 3.1 % worse: Set BLOCK to 64" */
function attemptText({ iteration, outcome, reason, verdict, hypothesis }: IterationRecord): string {
  const told = [
    `${outcomeTexts[outcome]}${reason ? `: ${reason}` : ''}`,
    verdict && gain(verdict.reported.ratio, verdict),
  ];
  return `${iteration}, ${told.filter(Boolean).join(', ')}${hypothesis ? `: ${hypothesis.title}` : ''}`;
}

/** Height of the picture, and of the lane at its foot for what was not measured. */
const [height, lane] = [360, 34];
/** Share of the champion's way by which the picture goes on beyond it: what is worse stands at the edge. */
const beyond = 0.35;
/** Room of a character of a mark's title, and of its line. */
const [characterWidth, lineHeight] = [5.8, 13];

/** Draws how the champion's metric came down, or up, and each attempt as a mark of its outcome that leads to its details. */
export async function progressChart(
  progress: Progress,
  records: readonly IterationRecord[],
  width: number,
): Promise<Html> {
  const last = Math.max(records.at(-1)!.iteration, 5);
  const [low, high] = domainOf(progress);
  const room = high - low;
  const xOf = (iteration: number) => (iteration / (last + 1)) * width;
  const yOf = (value: number) => (height - lane) * (1 - (value - low) / (high - low));
  const texts = new Map(records.map((record) => [record.iteration, attemptText(record)]));
  const marks = progress.attempts.map(({ level, iteration, outcome }) => ({
    ...{ iteration, outcome, href: `#${anchorOf(iteration)}`, text: texts.get(iteration) },
    at: level && within(level.at, low, high),
    // An end that is not determined would be a line across the picture.
    ...(level &&
      level.low >= low - room &&
      level.high <= high + room && { low: within(level.low, low, high), high: within(level.high, low, high) }),
  }));
  const { level: champion } = progress.steps.at(-1)!;
  const spec: Spec = {
    ...{ width, height, padding: 4 },
    data: [
      { name: 'steps', values: [...progress.steps, { iteration: last + 0.5, level: champion }] },
      { name: 'measured', values: marks.filter(({ at }) => at !== null) },
      { name: 'sure', values: marks.filter((mark) => 'low' in mark) },
      { name: 'unmeasured', values: marks.filter(({ at }) => at === null) },
      { name: 'total', values: progress.measured ? [{ ...progress.measured, iteration: last + 0.75 }] : [] },
      { name: 'titles', values: titlesOf(progress, xOf, yOf) },
    ],
    scales: [
      { name: 'x', type: 'linear', domain: [0, last + 1], range: 'width' },
      { name: 'y', type: 'linear', domain: [low, high], range: [height - lane, 0], zero: false },
    ],
    axes: [
      {
        orient: 'bottom',
        scale: 'x',
        title: 'iteration',
        tickCount: Math.min(last, width / 40),
        tickMinStep: 1,
        format: 'd',
      },
      { orient: 'left', scale: 'y', title: String(progress.unit), tickCount: 6, grid: true },
    ],
    marks: [stepLine, intervals, ...total, ...outcomeMarks, ...titles, laneWord],
  };
  return draw(spec, altOf(progress, records.length), true);
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Shows the champion's whole way, and some of what lies beyond its worst. */
function domainOf({ steps, better, measured }: Progress): [number, number] {
  const levels = [...steps.map(({ level }) => level), ...(measured ? [measured.at] : [])];
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  const room = Math.max(most - least, 0.1 * Math.abs(steps[0]!.level), Number.EPSILON);
  return better === 'lower' ? [least - 0.15 * room, most + beyond * room] : [least - beyond * room, most + 0.15 * room];
}

interface Title {
  x: number;
  y: number;
  text: string;
}

/** Writes each commit's title at the left of its mark, where the picture is empty; its number alone where that is too narrow. */
function titlesOf(
  { attempts, better }: Progress,
  xOf: (iteration: number) => number,
  yOf: (value: number) => number,
): Title[] {
  const placed: Title[] = [];
  for (const { iteration, title, level } of attempts.filter(({ outcome }) => outcome === 'committed')) {
    if (!level) continue;
    const [x, y] = [xOf(iteration) - 9, yOf(level.at) + (better === 'lower' ? 9 : -3)];
    const room = Math.floor(x / characterWidth) - 2;
    const isFree = placed.every((one) => Math.abs(one.y - y) >= lineHeight);
    const text = room >= 16 && isFree ? toLine(`${iteration} ${title}`, Math.min(room, 44)) : String(iteration);
    placed.push({ x, y, text });
  }
  return placed;
}

const place = { x: { scale: 'x', field: 'iteration' }, y: { scale: 'y', field: 'at' } };

const stepLine: Mark = {
  type: 'line',
  aria: false,
  from: { data: 'steps' },
  encode: {
    enter: {
      x: { scale: 'x', field: 'iteration' },
      y: { scale: 'y', field: 'level' },
      interpolate: { value: 'step-after' },
      stroke: { value: 'var(--good)' },
      strokeWidth: { value: 2 },
    },
  },
};

const intervals: Mark = {
  type: 'rule',
  aria: false,
  from: { data: 'sure' },
  encode: {
    enter: {
      x: { scale: 'x', field: 'iteration' },
      y: { scale: 'y', field: 'low' },
      y2: { scale: 'y', field: 'high' },
      stroke: { signal: "'var(--' + datum.outcome + ')'" },
      strokeOpacity: { value: 0.6 },
    },
  },
};

const outcomeMarks: Mark[] = ['measured', 'unmeasured'].map((data) => ({
  type: 'symbol',
  from: { data },
  encode: {
    enter: {
      ...place,
      ...(data === 'unmeasured' && { y: { value: height - 10 } }),
      shape: { signal: "datum.outcome === 'failed' ? 'M-.7,-.7L.7,.7M.7,-.7L-.7,.7' : 'circle'" },
      size: { signal: "datum.outcome === 'committed' ? 110 : 60" },
      fill: { signal: "datum.outcome === 'committed' ? 'var(--committed)' : 'var(--paper)'" },
      stroke: { signal: "'var(--' + datum.outcome + ')'" },
      strokeWidth: { value: 2 },
      href: { field: 'href' },
      description: { field: 'text' },
    },
  },
}));

/** Base against champion, measured afresh: beside the line, which adds up what the commits told. */
const total: Mark[] = [
  {
    type: 'rule',
    aria: false,
    from: { data: 'total' },
    encode: {
      enter: {
        x: { scale: 'x', field: 'iteration' },
        y: { scale: 'y', field: 'low' },
        y2: { scale: 'y', field: 'high' },
        stroke: { value: 'var(--link)' },
      },
    },
  },
  {
    type: 'symbol',
    aria: false,
    from: { data: 'total' },
    encode: { enter: { ...place, shape: { value: 'diamond' }, size: { value: 90 }, fill: { value: 'var(--link)' } } },
  },
];

/** Twice: a seam first, so that they can be read over other marks. */
const titles: Mark[] = ['paper', 'ink'].map((colour) => ({
  type: 'text',
  aria: false,
  from: { data: 'titles' },
  encode: {
    enter: {
      x: { field: 'x' },
      y: { field: 'y' },
      text: { field: 'text' },
      align: { value: 'right' },
      fontSize: { value: 11 },
      fill: { value: `var(--${colour})` },
      ...(colour === 'paper' && { stroke: { value: 'var(--paper)' }, strokeWidth: { value: 4 } }),
    },
  },
}));

const laneWord: Mark = {
  type: 'text',
  aria: false,
  encode: {
    enter: {
      x: { value: 4 },
      y: { value: height - lane + 12 },
      text: { value: 'not measured' },
      fontSize: { value: 10 },
      fill: { value: 'var(--quiet)' },
    },
  },
};

function altOf({ unit, base, steps, attempts }: Progress, count: number): string {
  const [first, last] = [base, steps.at(-1)!.level].map((level) => String(Number(level.toPrecision(4))));
  const commits = attempts.filter(({ outcome }) => outcome === 'committed').length;
  return `The champion's metric over ${count} iterations: from ${first} to ${last} ${unit} by ${commits} commits`;
}

/** Tells what stands at the edge of the picture, since it lies beyond. */
export function isBeyond(progress: Progress, { level }: Attempt): boolean {
  const [low, high] = domainOf(progress);
  return level !== null && (level.at < low || level.at > high);
}
