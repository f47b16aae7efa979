import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles, readFile, type TreeFile } from '../../adapters/git/trees.ts';
import { askProcess } from '../../adapters/limited-process.ts';
import { parseSource } from '../../adapters/parsers/parse.ts';
import { profilers, writeTools } from '../../adapters/profilers/list.ts';
import type { Profiler } from '../../adapters/profilers/profiler.ts';
import { editableShare, profileDoubt, type ProfileAttempt, type ReadBounds } from '../../domain/profiles/missing.ts';
import { nameSpots } from '../../domain/profiles/name-spots.ts';
import { inSource } from '../../domain/protection/held-out.ts';
import type { ParsedSource } from '../../domain/source/function.ts';
import type { Hotspot } from '../../domain/steps.ts';
import { removeTree } from '../../store/discard.ts';
import { exists, readJson, writeAtomically } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { editableFiles, type OpenLoop } from '../loop/open-loop.ts';
import { told } from '../loop/told.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';
import { execute, explainRun, grantedEnvironment } from './execute.ts';

/** Far above what honest profiles need on a busy machine. */
const defaults: ReadBounds = { seconds: 45, memoryMiB: 512 };
/** Files whose functions are named. */
const maxNamed = 12;

/** Where a champion's time goes, and a doubt about that; else null. */
export interface Profile {
  hotspots: Hotspot[];
  /** Share of the busy time in editable files and what they call; null where no profile tells. */
  editable?: number | null;
  doubt: string | null;
}

/** Profiles a champion once on this worker, in runs of their own, since profiling would spoil the metric. */
export async function profileChampion(context: StepContext, tree: MountedTree, champion: string): Promise<Profile> {
  const { loop } = context;
  const file = loopPaths(loop.directory).hotspots(champion);
  const known = await readProfile(loop, champion);
  if (known) return known;
  const files = await editableFiles(loop, champion);
  const attempts: ProfileAttempt[] = [];
  for (const group of profilers[loop.plan.config.profile]) {
    attempts.push(await attempt(context, { group, tree, champion, files }));
    if (attempts.at(-1)!.spots.length > 0) break;
  }
  const hotspots = await nameHotspots(loop, champion, attempts.at(-1));
  const editable = editableShare(attempts);
  const doubt = profileDoubt(attempts, files, { isTold: !loop.grants.guard, bounds: defaults });
  await writeAtomically(file, JSON.stringify({ hotspots, editable, doubt }));
  return { hotspots, editable, doubt };
}

/** @returns null where it was not profiled on this worker */
export function readProfile({ directory }: Pick<OpenLoop, 'directory'>, champion: string): Promise<Profile | null> {
  return readJson<Profile>(loopPaths(directory).hotspots(champion));
}

interface AttemptInput {
  group: readonly Profiler[];
  tree: MountedTree;
  champion: string;
  files: readonly TreeFile[];
}

async function attempt(context: StepContext, { group, tree, champion, files }: AttemptInput): Promise<ProfileAttempt> {
  const { loop } = context;
  const { config } = loop.plan;
  const nothing = { spots: [], busy: 0, outside: null, read: 0, unread: 0 };
  for (const one of group) {
    const problem = await one.unusable?.(context.worker.sandbox.kind);
    if (problem) return { ...nothing, problem };
  }
  const names = group.map(({ name }) => name).join(', ');
  context.say(`profile of the champion (${names})`);
  const { profile: directory, profilers: tools, watched } = loopPaths(loop.directory);
  const watch = group.find((one) => one.watch)?.watch?.(watched(champion));
  const profile = { directory: directory(champion), tools: tools(champion), environment: {}, ...watch };
  try {
    for (const place of [profile.directory, profile.tools]) {
      await removeTree(place);
      await mkdir(place, { recursive: true });
    }
    await writeTools(group, profile.tools);
    const granted = grantedEnvironment(loop);
    for (const one of group) Object.assign(profile.environment, one.environment?.(granted));
    const command = group.reduce((command, one) => one.wrap?.(command) ?? command, config.benchmark.command);
    const seconds = config.limits.benchmarkSeconds * Math.max(...group.map(({ slowdown }) => slowdown));
    const request = { ...tree, command, seconds, benchSeed: config.seed, profile };
    const run = await exclusively(context, async (held) => {
      const run = await execute(held, request);
      await watch?.end();
      // Only now: a run could leave a link in its place.
      if (watch && (await exists(watched(champion)))) {
        await rename(watched(champion), join(profile.directory, 'perf.data'));
        await execute(held, { ...request, command: watch.convert, profile: { ...profile, begins: () => undefined } });
      }
      return run;
    });
    const problem = run.status === 'ok' ? null : told(loop, explainRun('benchmark', run));
    const pathsOf = (some: readonly TreeFile[]) => some.map(({ path }) => path);
    const all = config.build === undefined ? null : pathsOf(await listFiles(loop.clone, champion));
    const question = { directory: profile.directory, tree: tree.tree, editable: pathsOf(files) };
    return { ...(await readProfiles({ ...question, kept: all && [...all, ...config.provided] })), problem };
  } finally {
    await removeTree(profile.directory);
    await removeTree(profile.tools);
  }
}

interface ReadQuestion {
  directory: string;
  tree: string;
  editable: readonly string[];
  /** Paths of the tree that no build made; null without a build. */
  kept: readonly string[] | null;
}

/** Reads profiles in a process of bounded memory and time. The program wrote them: nothing is trusted. @internal */
export async function readProfiles(
  question: ReadQuestion,
  bounds = defaults,
): Promise<Omit<ProfileAttempt, 'problem'>> {
  const answer = await askProcess('activities/measure/profile-reader.mjs', question, bounds);
  return (answer ?? { spots: [], busy: 0, outside: null, read: 0, unread: null }) as Omit<ProfileAttempt, 'problem'>;
}

/** With a guard no name is told that the source does not have: its text may be in a profile. */
async function nameHotspots(loop: OpenLoop, champion: string, found: ProfileAttempt | undefined): Promise<Hotspot[]> {
  if (!found) return [];
  const files = [...new Set(found.spots.map(({ file }) => file))].slice(0, maxNamed);
  const texts = new Map<string, string>();
  const parsed = new Map<string, ParsedSource>();
  for (const file of files) {
    const text = (await readFile(loop.clone, champion, file))?.toString('utf8') ?? '';
    texts.set(file, text);
    const source = await parseSource(file, text);
    if (source) parsed.set(file, source);
  }
  const hotspots = nameSpots(found, parsed);
  return loop.grants.guard ? hotspots.map((spot) => inSource(spot, texts.get(spot.file) ?? '')) : hotspots;
}
