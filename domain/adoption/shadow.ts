import { z } from 'zod';

/** Inputs that loops on this machine had; texts as they were kept. */
export interface RecordedInputs {
  ledgers: { loopId: string; records: string[] }[];
  /** Briefs, each with the answer to it, if one came. */
  asked: { name: string; brief: string; answer: string | null }[];
}

const toldSchema = z.object({
  /** Each input's name, and a digest of the answer. */
  answers: z.array(z.tuple([z.string(), z.string()])),
  cpuMs: z.number().nonnegative(),
  /** Bytes that stay after each round of inputs. */
  kept: z.array(z.number()),
});

/** Figures that a run of a build on one part's inputs tells. */
export type ToldRun = z.infer<typeof toldSchema>;

/** With what was seen from outside. */
export interface ShadowRun extends ToldRun {
  wholeMs: number;
  /** Null where nothing counts it. */
  peakMiB: number | null;
}

/** The last good build's run and the new one's, beside each other. */
export interface ShadowPair {
  last: ShadowRun;
  fresh: ShadowRun;
}

/** Most that a figure may be above the last good build's: by this share, and this much more. */
const bounds = [
  { figure: 'cpuMs', what: 'CPU time', share: 0.1, more: 20, unit: 'ms' },
  // Work that is put off, or done while modules load.
  { figure: 'wholeMs', what: 'CPU time of the whole run', share: 0.1, more: 100, unit: 'ms' },
  { figure: 'peakMiB', what: 'peak memory', share: 0.25, more: 16, unit: 'MiB' },
] as const;
/** Bytes by which what stays may grow in the second half of a run's rounds beyond the last good build's. */
const maxGrowth = 64 * 1024;

/** Reads what a run printed; null where it is something else. */
export function parseTold(stdout: string): ToldRun | null {
  try {
    return toldSchema.safeParse(JSON.parse(stdout)).data ?? null;
  } catch {
    return null;
  }
}

/** Says which input the new build answers otherwise; null where there is none. */
export function differenceIn({ last, fresh }: ShadowPair): string | null {
  const at = last.answers.findIndex(([name, digest], index) => {
    const [other, found] = fresh.answers[index] ?? [];
    return name !== other || digest !== found;
  });
  if (at >= 0) return `answers ${last.answers[at]![0]} otherwise`;
  const [more] = fresh.answers.slice(last.answers.length);
  return more ? `answers ${more[0]}, which nobody asked` : null;
}

/** Says what the new build needs more of in all pairs but one, so that it is no accident; null where it needs no more. */
export function lastingCost(pairs: readonly ShadowPair[]): string | null {
  const isLasting = (exceeds: (pair: ShadowPair) => boolean) =>
    pairs.filter(exceeds).length >= Math.max(1, pairs.length - 1);
  for (const { figure, what, share, more, unit } of bounds) {
    if (!isLasting(({ last, fresh }) => (fresh[figure] ?? 0) > (last[figure] ?? Infinity) * (1 + share) + more))
      continue;
    const [before, after] = [
      middle(pairs.map(({ last }) => last[figure]!)),
      middle(pairs.map(({ fresh }) => fresh[figure]!)),
    ];
    return `needs more ${what}: ${Math.round(after)} instead of ${Math.round(before)} ${unit}`;
  }
  const grown = ({ last, fresh }: ShadowPair) => growth(fresh.kept) - growth(last.kept);
  if (!isLasting((pair) => grown(pair) > maxGrowth)) return null;
  return `keeps more memory with each call: ${kibibytes(middle(pairs.map(grown)))} KiB more in half a run`;
}

/** One line of evidence on a part that passed. */
export function shadowFacts(part: string, pairs: readonly ShadowPair[]): string {
  const { answers } = pairs[0]!.last;
  const names = new Set(answers.map(([name]) => name));
  const recorded = [...names].filter((name) => !name.startsWith('made-up ')).length;
  const ratio = (figure: (typeof bounds)[number]['figure']) => {
    const value = middle(pairs.map(({ last, fresh }) => (fresh[figure] ?? NaN) / (last[figure] ?? NaN)));
    return Number.isFinite(value) ? value.toFixed(2) : 'not counted';
  };
  const grown = kibibytes(middle(pairs.map(({ last, fresh }) => growth(fresh.kept) - growth(last.kept))));
  const inputs = `${part} ${names.size} inputs (${recorded} recorded)`;
  return `${inputs}, time ${ratio('cpuMs')}, memory ${ratio('peakMiB')}, kept ${grown} KiB`;
}

/** Growth after half of the rounds, by when what is only filled once is full. */
function growth(kept: readonly number[]): number {
  return (kept.at(-1) ?? 0) - (kept[Math.floor((kept.length - 1) / 2)] ?? 0);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function kibibytes(bytes: number): number {
  return Math.round(bytes / 1024);
}
