import { boundaryPoints, commonPoints, pairPoints, type Kill, type Point, type Victim } from './points.ts';
import type { Random } from './random.ts';
import type { LoopKind } from './lane/target.ts';

export interface PlannedLoop {
  loopId: string;
  kind: LoopKind;
  iterations: number;
  kills: Kill[];
}

export interface PlanOptions {
  loops: number;
  kills: number;
  iterations: number;
  random: Random;
  /** True where the server is the drill's own and may be killed. */
  ownServer: boolean;
}

const kinds: readonly LoopKind[] = ['exact', 'model', 'carried', 'exact', 'model', 'measured', 'carried', 'exact'];

/** Spreads kills over loops: every named point once as far as they go, then points and victims at random. */
export function makePlan({ loops, kills, iterations, random, ownServer }: PlanOptions): PlannedLoop[] {
  const planned = Array.from({ length: loops }, (_, index): PlannedLoop => {
    const kind = kinds[index % kinds.length]!;
    return { loopId: `drill-${index + 1}`, kind, iterations: kind === 'measured' ? 2 : iterations, kills: [] };
  });
  const named = [
    ...commonPoints,
    ...pairPoints,
    ...boundaryPoints,
    ...boundaryPoints,
    ...answerPoints,
    ...answerPoints,
  ];
  const victims = namedVictims(ownServer);
  const wanted: { point: Point; victim: Victim }[] = [
    ...random.shuffle(named.map((point) => ({ point, victim: 'worker' as const }))),
    ...random.shuffle(victims),
  ].slice(0, kills);
  while (wanted.length < kills) wanted.push(anyKill(random, ownServer));
  for (const { point, victim } of wanted) add(leastLoaded(planned, point, victim), point, victim, random);
  return planned;
}

const answerPoints: readonly Point[] = [{ step: 'hypothesize', at: 'answer' }];

/** Each victim at points of every sort. */
function namedVictims(ownServer: boolean): { point: Point; victim: Victim }[] {
  const at = (victim: Victim, points: readonly [Point['step'], string][]) =>
    points.map(([step, where]) => ({ point: { step, at: where }, victim }));
  const server: readonly [Point['step'], string][] = [
    ['prepare', 'after'],
    ['collect', 'reported'],
    ['analyze', 'after'],
    ['hypothesize', 'after'],
    ['apply', 'reported'],
    ['apply', 'after'],
    ['test', 'after'],
    ['benchmark', 'before'],
    ['benchmark', 'after'],
    ['commit', 'during'],
    ['commit', 'after'],
    ['rollback', 'after'],
    ['rollback', 'reported'],
    ['collect', 'after'],
  ];
  const all: readonly [Point['step'], string][] = [
    ['prepare', 'during'],
    ['hypothesize', 'answer'],
    ['benchmark', 'pair 0'],
    ['commit', 'after'],
    ['rollback', 'before'],
  ];
  return [
    ...(ownServer ? [...at('server', server), ...at('all', all)] : []),
    ...at('model', [
      ['hypothesize', 'answer'],
      ['hypothesize', 'answer'],
      ['hypothesize', 'before'],
    ]),
    ...at('stop', [
      ['benchmark', 'pair 0'],
      ['commit', 'git update-ref before'],
      ['commit', 'git fetch before'],
      ['rollback', 'git update-ref before'],
      ['hypothesize', 'answer'],
      ['apply', 'during'],
    ]),
    ...at('group', [
      ['benchmark', 'pair 1'],
      ['commit', 'during'],
      ['commit', 'git update-ref after'],
      ['apply', 'during'],
      ['hypothesize', 'answer'],
    ]),
  ];
}

function anyKill(random: Random, ownServer: boolean): { point: Point; victim: Victim } {
  const point = random.pick([...commonPoints, ...pairPoints]);
  const victims: Victim[] = ['worker', 'worker', 'worker', 'worker', 'group', 'group'];
  if (ownServer && !point.at.startsWith('git')) victims.push('server', 'all');
  return { point, victim: random.pick(victims) };
}

function leastLoaded(planned: readonly PlannedLoop[], point: Point, victim: Victim): PlannedLoop {
  const fits = planned.filter(({ kind }) => {
    if (victim === 'model') return kind === 'model';
    if (/^pair ([2-9]|\d\d)/.test(point.at)) return kind === 'measured';
    if (point.at === 'reported' && point.step === 'rollback') return kind === 'carried';
    return true;
  });
  return (fits.length > 0 ? fits : planned).reduce((least, loop) =>
    load(loop, point) < load(least, point) ? loop : least,
  );
}

/** Kills at one and the same step use up its attempts, so they are spread first of all. */
function load({ kills }: PlannedLoop, { step }: Point): number {
  return kills.length + 2 * kills.filter((kill) => kill.step === step).length;
}

function add(loop: PlannedLoop, point: Point, victim: Victim, random: Random): void {
  const { loopId, kills, iterations } = loop;
  const once = point.step === 'prepare' || point.step === 'finish';
  const iteration = once ? 0 : 1 + random.below(Math.max(1, iterations - 2));
  kills.push({ ...point, victim, loopId, iteration, delayMs: random.below(300), id: `${loopId}-${kills.length + 1}` });
}
