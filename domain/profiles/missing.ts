import { percent } from '../verdict/gain.ts';
import type { Hotspot } from '../steps.ts';
import type { ProfileReading } from './tally.ts';

/** Bounds of reading what a program wrote. */
export interface ReadBounds {
  seconds: number;
  memoryMiB: number;
}

/** Fate of the profiles of a champion, until some of its code was found in one. */
export interface ProfileAttempt extends ProfileReading {
  /** Profiles that could be read. */
  read: number;
  /** Null: reading them took longer, or more memory, than it may. */
  unread: number | null;
  /** How the profiled run failed, or why there was none; else null. */
  problem: string | null;
}

const door = 'let the benchmark write collapsed stacks (*.folded) or pprof (*.pprof) to $KARPATHY_LOOP_PROFILE';
const remedies: [ending: RegExp, language: string, remedy: string][] = [
  [/\.([cm]?[jt]s|[jt]sx)$/, 'Node.js', 'let the command start "node" by its name, not by a path'],
  [/\.py$/, 'Python', 'let the command set no PYTHONPATH, and start Python without -I, -E and -S'],
  [/\.go$/, 'Go', `use "go test -bench" or its program of "go test -c", or ${door}`],
  [/\.(rs|c|h|cc|cpp|cxx|hpp|zig)$/, 'compiled', 'set "profile": "callgrind" (20 to 50 times slower)'],
];

/** Share of a run's busy time that edits can save: in editable files, and in what these call. */
export function editableShare(attempts: readonly ProfileAttempt[]): number | null {
  const read = attempts.filter((one) => one.read > 0 && one.busy > 0);
  const shares = read.map(({ spots, busy }) => spots.reduce((sum, { charged }) => sum + charged, 0) / busy);
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares));
}

/** Says in one line why little or nothing is known of where the time goes, and what would help; null where all is well. */
export function profileDoubt(
  attempts: readonly ProfileAttempt[],
  files: readonly { path: string; size: number }[],
  { isTold, bounds }: { isTold: boolean; bounds: ReadBounds },
): string | null {
  const last = attempts.at(-1);
  if (!last) return null;
  const look = 'the loop goes on without; see what the benchmark writes to /profile';
  if (attempts.some(({ unread }) => unread === null))
    return `profile: the champion's cannot be read within ${bounds.seconds} s and ${bounds.memoryMiB} MiB; ${look}`;
  const unread = attempts.reduce((sum, one) => sum + one.unread!, 0);
  if (unread > 0) return `profile: ${unread} of the champion's cannot be read; ${look}`;
  if (last.spots.length > 0) return null;
  const { language, remedy } = remedyFor(files);
  const read = attempts.filter((one) => one.read > 0).sort((a, b) => b.busy - a.busy)[0];
  if (read) {
    const { outside, busy } = read;
    const most = isTold && outside && busy > 0 ? ` (most of it: ${outside.name}, ${percent(outside.time / busy)})` : '';
    // Where the language's own profiler was read, the command starts it rightly.
    const help =
      attempts[0]!.read > 0 ? 'let the benchmark call that code more often' : `for ${language} code: ${remedy}`;
    return `profile: none of its time is in files that may be edited${most}; ${help}; or see "editable"`;
  }
  const [problem] = attempts.flatMap((one) => one.problem ?? []).slice(-1);
  const fact = problem ? `there is none (${problem.split('\n', 1)[0]!})` : `no ${language} program has left one`;
  return `profile: ${fact}; the largest files are shown first; ${remedy}`;
}

function remedyFor(files: readonly { path: string; size: number }[]): { language: string; remedy: string } {
  const sizes = remedies.map(([ending, language, remedy]) => {
    const size = files.reduce((sum, { path, size }) => sum + (ending.test(path) ? size : 0), 0);
    return { language, remedy, size };
  });
  const [largest] = sizes.sort((a, b) => b.size - a.size);
  return largest && largest.size > 0 ? largest : { language: 'other', remedy: door };
}

const maxHotspots = 8;

/** Tells files in place of hotspots where no profile tells of functions. */
export function likelyHotspots(files: readonly { path: string; size: number }[], texts: readonly string[]): Hotspot[] {
  const likely = likelyFirst(files, texts).slice(0, maxHotspots);
  return likely.map(({ path }) => ({ file: path, name: null, line: null, share: null }));
}

/** Puts first the files whose module the benchmark names, then those of its packages, then the largest. @internal */
export function likelyFirst<T extends { path: string; size: number }>(
  files: readonly T[],
  texts: readonly string[],
): T[] {
  const words = new Set(texts.flatMap((text) => text.split(/[^\w$-]+/)));
  const score = ({ path }: T) => {
    const [stem = '', ...holders] = path
      .replace(/\.\w+$/, '')
      .split('/')
      .reverse();
    return words.has(stem) ? 2 : holders.slice(0, 1).some((holder) => words.has(holder)) ? 1 : 0;
  };
  const scored = files.map((file) => ({ file, score: score(file) }));
  return scored.sort((a, b) => b.score - a.score || b.file.size - a.file.size).map(({ file }) => file);
}
