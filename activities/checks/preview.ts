import { readdir } from 'node:fs/promises';
import { fetchCommits, openClone } from '../../adapters/git/clone.ts';
import { resolveBase } from '../../adapters/git/repository.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { likelyHotspots } from '../../domain/profiles/missing.ts';
import { sourceName, tuneSource, type Plan, type Source } from '../../domain/config/plan.ts';
import type { Brief } from '../../domain/proposal/brief.ts';
import { formBySize } from '../../domain/proposal/form.ts';
import type { Preview } from '../../domain/proposal/preview.ts';
import { toQuestion } from '../../domain/proposal/prompt.ts';
import { championOf } from '../../ledger/refs.ts';
import { fetchLedger } from '../../ledger/sync.ts';
import { readJson } from '../../store/files.ts';
import { dataPaths, iterationPaths, loopPaths } from '../../store/layout.ts';
import { readPlan } from '../../store/loop-files.ts';
import { editableFiles, openPlan } from '../loop/open-loop.ts';
import type { Worker } from '../loop/resources.ts';
import { makeBrief } from '../propose/make-brief.ts';
import { benchmarkOnly } from './benchmark-only.ts';

export interface PreviewInput {
  /** A loop that has run on this data directory; null: a config that may not have. */
  loopId: string | null;
  config: LoopConfig | null;
  /** Model to ask in place of the loop's own; null: that. */
  model: string | null;
}

/** Makes the next brief of a loop, and its question, without asking anybody. */
export async function preview(worker: Worker, input: PreviewInput): Promise<Preview> {
  const known = input.loopId === null ? null : await readPlan(dataPaths(worker.dataDirectory).loop(input.loopId));
  if (input.loopId !== null && !known)
    throw new Error(`loop: "${input.loopId}" has not run on ${worker.dataDirectory}; give its loop.json, or --data`);
  const config = known?.config ?? input.config!;
  const { repository } = config;
  const clone = await openClone(worker.dataDirectory, repository);
  const baseSha = known?.baseSha ?? (await resolveBase(repository, config.base));
  if (!baseSha) throw new Error(`base: "${config.base}" is no commit of ${repository}; give one that is there`);
  const champion = known ? ((await championOf(repository, known)) ?? baseSha) : baseSha;
  await fetchCommits(clone, repository, [...new Set([baseSha, champion])]);
  if (known) await fetchLedger(clone, repository, known.loopId);
  const source = input.model === null && known ? known.source : sourceBy(config, input.model);
  const fixed = { version: 1, branch: '', alpha: config.falseCommitRate, source, baseSha } as const;
  const plan: Plan = { ...fixed, loopId: known?.loopId ?? 'brief', config: benchmarkOnly(config) };
  // The person at the keyboard reads a repository of theirs; nothing is run.
  const settings = { ...worker.settings, repositories: [repository] };
  const loop = await openPlan({ ...worker, settings }, { repository, clone }, plan);
  const last = await lastBrief(worker, known?.loopId ?? null, repository);
  const hotspots = last?.hotspots ?? likelyHotspots(await editableFiles(loop, champion), []);
  const ref = { loopId: plan.loopId, repository, champion, startedAt: '', ...(last?.hint && { hint: last.hint }) };
  const turn = { iteration: known && last ? last.iteration + 1 : 1, attempt: 0, previous: null };
  const brief = await makeBrief(loop, { ...ref, ...turn, hotspots, metric: last?.metric ?? 0 });
  const isAsked = source.kind !== 'command' && source.kind !== 'tune';
  const asked = isAsked ? toQuestion(brief, source) : null;
  return {
    brief,
    question: asked?.ok ? asked.value : null,
    problem: asked && !asked.ok ? asked.problems.join('\n') : null,
    model: sourceName(source),
    notes: [
      ...(last ? [] : ['no profile of this repository is on this machine: the largest editable files stand for it']),
      ...(source.speed || !isAsked ? [] : ["the model's speed is not measured yet: 1,500 tokens are taken"]),
    ],
  };
}

/** A model that was not asked: its form follows the size in its name. */
function sourceBy({ hypothesis }: LoopConfig, model: string | null): Source {
  const { source, contextTokens, command } = hypothesis;
  if (model === null && source === 'tune') return tuneSource;
  const isCommand = model === null && source === 'command';
  const name = model ?? hypothesis.model ?? (isCommand ? command! : 'not chosen yet');
  const [, size, unit] = /(\d+(?:\.\d+)?)\s*([bm])\b/i.exec(name) ?? [];
  const parameters = size === undefined ? null : Number(size) * (unit!.toLowerCase() === 'b' ? 1e9 : 1e6);
  const form = formBySize(parameters);
  return { kind: isCommand ? 'command' : 'ollama', name, contextTokens, thoughtTokens: 0, form, speed: null };
}

/** The newest brief of a loop, or of any loop on a repository. */
async function lastBrief({ dataDirectory }: Worker, loopId: string | null, repository: string): Promise<Brief | null> {
  const { loops, loop } = dataPaths(dataDirectory);
  const names = loopId === null ? (await readdir(loops).catch(() => [])).map(decodeURIComponent) : [loopId];
  const briefs: Brief[] = [];
  for (const name of names) {
    const directory = loop(name);
    if ((await readPlan(directory))?.config.repository !== repository) continue;
    const numbers = (await readdir(loopPaths(directory).iterations).catch(() => [])).map(Number).sort((a, b) => b - a);
    for (const number of numbers) {
      const brief = await readJson<Brief>(iterationPaths(loopPaths(directory).iteration(number)).brief(0));
      if (!brief?.hotspots) continue;
      briefs.push(brief);
      break;
    }
  }
  return briefs.at(-1) ?? null;
}
