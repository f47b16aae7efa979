import { readHistory } from '../../ledger/history.ts';
import { listFiles, readFiles, type TreeFile } from '../../adapters/git/trees.ts';
import { policyOf } from '../../domain/config/plan.ts';
import { pastIteration, type Brief } from '../../domain/proposal/brief.ts';
import { findChoices, untried } from '../../domain/proposal/choices.ts';
import type { HypothesizeInput } from '../../domain/steps.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Limit of all sources in a brief, in characters. */
const maxSourceLength = 400_000;
const maxHistory = 20;

/** Tells whoever proposes of the goal, the sources and the iterations before. */
export async function makeBrief(loop: OpenLoop, input: HypothesizeInput): Promise<Brief> {
  const { config, loopId } = loop.plan;
  const { minImprovement, better, minDifference } = policyOf(loop.plan);
  const [records, files] = await Promise.all([readHistory(loop.clone, loopId), readSources(loop, input)]);
  const sinceChampion = new Set(
    records.filter(({ champion }) => champion === input.champion).map(({ hypothesis }) => hypothesis?.title ?? ''),
  );
  return {
    version: 1,
    loopId,
    iteration: input.iteration,
    seed: (config.seed + input.iteration * 1_000 + input.attempt) % 2 ** 31,
    goal: {
      unit: config.benchmark.unit,
      better,
      minImprovement,
      ...(minDifference !== undefined && { minDifference }),
      benchmark: config.benchmark.command,
      test: config.test,
    },
    metric: input.metric,
    hotspots: input.hotspots,
    files,
    choices: untried(findChoices(files), sinceChampion),
    history: records.slice(-maxHistory).map(pastIteration),
    previous: input.previous,
  };
}

/** Editable text files of the champion, those with hotspots first. */
async function readSources(loop: OpenLoop, { champion, hotspots }: HypothesizeInput): Promise<Brief['files']> {
  const order = hotspots.map(({ file }) => file);
  const rank = (path: string) => (order.includes(path) ? order.indexOf(path) : order.length);
  const editable = (await listFiles(loop.clone, champion)).filter(
    ({ path, mode, size }) => mode.startsWith('100') && size <= maxSourceLength && loop.isEditable(path),
  );
  editable.sort((a, b) => rank(a.path) - rank(b.path) || a.size - b.size);
  const sources: Brief['files'] = [];
  let length = 0;
  for (const part of inParts(editable)) {
    if (length >= maxSourceLength) break;
    const blobs = await readFiles(loop.clone, part);
    for (const { path, sha } of part) {
      const content = blobs.get(sha)!.toString('utf8');
      if (content.includes('\0') || length + content.length > maxSourceLength) continue;
      length += content.length;
      sources.push({ path, content });
    }
  }
  return sources;
}

/** Splits files into parts of at most a brief's size, each to be read by one git. */
function* inParts(files: readonly TreeFile[]): Generator<TreeFile[]> {
  let part: TreeFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (bytes + file.size > maxSourceLength) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(file);
    bytes += file.size;
  }
  yield part;
}
