import type { Axis, Mark, Scale, Spec } from 'vega';
import type { Evidence } from '../../domain/ledger/record.ts';
import { viewsOf } from '../../domain/verdict/corroboration.ts';
import { bar, defaultPatience, leastOf, toRatio, type RecordedVerdict } from '../../domain/verdict/decision.ts';
import { betterBy } from '../../domain/verdict/gain.ts';
import { capitalPath } from '../../domain/ledger/page/capital-path.ts';
import type { Html } from './html.ts';
import { draw } from './vega.ts';

const width = 330;
const panels = { pairs: { top: 0, height: 120 }, capital: { top: 146, height: 80 } };
/** Capital is told in powers of ten; a path that fell further is at the foot. */
const leastCapital = -4;

/** Draws the pairs of a decision with the interval that is told, and how its capitals went. */
export async function verdictChart(evidence: Evidence, verdict: RecordedVerdict, alt: string): Promise<Html> {
  const { pairs, fresh, policy, corroboration: clock } = evidence;
  const all = [...pairs, ...fresh];
  const [metric, ...clocks] = viewsOf(all, policy, clock);
  const toPoints = (view: readonly number[], by: string) =>
    view.map((sample, at) => ({ pair: at + 1, gain: betterBy(toRatio(sample), policy), by }));
  const seen = clocks.length > 0 ? toPoints(leastOf(clocks).view, 'clock') : [];
  const points = [...seen, ...toPoints(metric!, 'metric')].filter((point) => Number.isFinite(point.gain));
  const path = capitalPath(pairs, { policy, clock });
  const spec: Spec = {
    ...{ width, height: panels.capital.top + panels.capital.height, padding: 4 },
    data: [
      { name: 'points', values: points },
      { name: 'told', values: [toldOf(verdict, pairs.length, all.length)] },
      { name: 'real', values: logsOf(path.real) },
      { name: 'atBar', values: logsOf(path.atBar) },
    ],
    scales: [
      { name: 'x', type: 'linear', domain: [0.5, Math.max(all.length, 3) + 0.5], range: 'width' },
      scale('pairs', gainsDomain(points, verdict)),
      scale('capital', capitalDomain(path, policy.alpha)),
    ],
    axes: [
      xAxis(all.length),
      yAxis('pairs', policy.minDifference === undefined ? 'better by %' : 'better by'),
      yAxis('capital', 'capital, 10^'),
    ],
    marks: [
      line('pairs', 0, 'line', []),
      line('pairs', betterBy(bar(policy), policy), 'quiet', [4, 3]),
      told.interval,
      told.median,
      dots,
      line('capital', log10(-Math.log(policy.alpha)), 'committed', [4, 3]),
      line('capital', log10(Math.log(policy.patience ?? defaultPatience)), 'failed', [4, 3]),
      way('atBar', 'failed'),
      way('real', 'committed'),
    ],
  };
  return draw(spec, alt);
}

/** The told gain is that of the fresh pairs, where there are some. */
function toldOf(verdict: RecordedVerdict, decided: number, all: number) {
  const { ratio, interval, pairs } = verdict.reported;
  const from = pairs === decided || all === decided ? 0.5 : decided + 0.5;
  const [high, low] = interval.map((end) => betterBy(end, verdict)) as [number, number];
  return { from, to: Math.min(from + pairs, all + 0.5), at: betterBy(ratio, verdict), low, high };
}

/** Shows all pairs but the wildest, zero and the bar. */
function gainsDomain(points: readonly { gain: number }[], verdict: RecordedVerdict): [number, number] {
  const sorted = points.map(({ gain }) => gain).sort((a, b) => a - b);
  const [low, high] = [0.04, 0.96].map((rank) => sorted[Math.round(rank * (sorted.length - 1))] ?? 0) as [
    number,
    number,
  ];
  const goal = betterBy(bar(verdict), verdict);
  const [least, most] = [Math.min(low, 0), Math.max(high, goal)];
  const room = 0.15 * Math.max(most - least, Number.EPSILON);
  return [least - room, most + room];
}

function capitalDomain({ real, atBar }: ReturnType<typeof capitalPath>, alpha: number): [number, number] {
  const logs = [...real, ...atBar].map(log10).filter(Number.isFinite);
  return [Math.max(leastCapital, Math.min(-1.5, ...logs)), Math.max(log10(-Math.log(alpha)) + 0.4, ...logs)];
}

function log10(natural: number): number {
  return natural / Math.LN10;
}

function logsOf(logs: readonly number[]) {
  return [0, ...logs].map((log, at) => ({ pair: at + 0.5, log: log10(log) }));
}

type Panel = keyof typeof panels;

function scale(name: Panel, domain: [number, number]): Scale {
  const { top, height } = panels[name];
  return { name, type: 'linear', domain, range: [top + height, top], clamp: true };
}

function xAxis(count: number): Axis {
  return { orient: 'bottom', scale: 'x', title: 'pair', tickCount: Math.min(count, 10), tickMinStep: 1, format: 'd' };
}

function yAxis(name: Panel, title: string): Axis {
  const { top, height } = panels[name];
  return { orient: 'left', scale: name, title, titleY: top + height / 2, tickCount: 4, domain: false };
}

function line(panel: Panel, value: number, colour: string, dash: number[]): Mark {
  return {
    type: 'rule',
    encode: {
      enter: {
        x: { value: 0 },
        x2: { value: width },
        y: { scale: panel, value },
        stroke: { value: `var(--${colour})` },
        strokeDash: { value: dash },
      },
    },
  };
}

const span = { x: { scale: 'x', field: 'from' }, x2: { scale: 'x', field: 'to' } };
const told: Record<'interval' | 'median', Mark> = {
  interval: {
    type: 'rect',
    from: { data: 'told' },
    encode: {
      enter: {
        ...span,
        y: { scale: 'pairs', field: 'high' },
        y2: { scale: 'pairs', field: 'low' },
        fill: { value: 'var(--band)' },
      },
    },
  },
  median: {
    type: 'rule',
    from: { data: 'told' },
    encode: {
      enter: {
        ...span,
        y: { scale: 'pairs', field: 'at' },
        stroke: { value: 'var(--ink)' },
        strokeWidth: { value: 1.5 },
      },
    },
  },
};

const dots: Mark = {
  type: 'symbol',
  from: { data: 'points' },
  encode: {
    enter: {
      x: { scale: 'x', field: 'pair' },
      y: { scale: 'pairs', field: 'gain' },
      size: { value: 26 },
      fill: { signal: "datum.by === 'metric' ? 'var(--ink)' : 'none'" },
      stroke: { signal: "datum.by === 'metric' ? 'none' : 'var(--quiet)'" },
    },
  },
};

function way(data: 'real' | 'atBar', colour: string): Mark {
  return {
    type: 'line',
    from: { data },
    encode: {
      enter: {
        x: { scale: 'x', field: 'pair' },
        y: { scale: 'capital', field: 'log' },
        stroke: { value: `var(--${colour})` },
        strokeWidth: { value: 2 },
      },
    },
  };
}
