import { runCommandSource } from '../../adapters/models/command.ts';
import { createOllamaModel } from '../../adapters/models/ollama.ts';
import { ModelError, type Model } from '../../adapters/models/model.ts';
import { bringUpToDate } from '../../ledger/sync.ts';
import { readHistory } from '../../ledger/history.ts';
import { listFiles, readBlobs, type TreeFile } from '../../adapters/git/trees.ts';
import { withMachineLock } from '../../adapters/lock.ts';
import { pastIteration, type Brief } from '../../domain/proposal/brief.ts';
import { findChoices, untried } from '../../domain/proposal/choices.ts';
import { parseHypothesis, type Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { Parsed } from '../../domain/config/problem.ts';
import { toQuestion, type Question } from '../../domain/proposal/prompt.ts';
import { answerSeconds } from '../../domain/config/step-seconds.ts';
import type { HypothesizeAnswer, HypothesizeInput } from '../../domain/steps.ts';
import { toBlock } from '../../domain/text.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { iterationDirectory, openLoop, refused, type OpenLoop, type Resources } from '../loop/resources.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { iterationPaths } from '../../store/layout.ts';

/** Most characters of sources that go into a brief. */
const maxSourceLength = 400_000;
const maxHistory = 20;

interface Answer {
  /** The answer as it came; a problem where none came. */
  text: string;
  problem: string | null;
  tokens: number;
}

/** Asks whoever proposes for one hypothesis. The answer is kept, so that an answer that came is never paid for twice. */
export async function hypothesize(resources: Resources, input: HypothesizeInput): Promise<HypothesizeAnswer> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    const directory = await iterationDirectory(loop, input);
    if (!Number.isInteger(input.attempt)) throw refused([`attempt: ${JSON.stringify(input.attempt)} is not a number`]);
    // Another host may have collected, and others may have written the ledger meanwhile.
    await bringUpToDate(loop.clone, loop.repository, loop.plan, input.champion);
    const brief = await makeBrief(loop, input);
    const source = loop.plan.source;
    const question = source.kind === 'command' ? null : toQuestion(brief, source.contextTokens, source.form);
    const paths = iterationPaths(directory);
    const file = paths.answer(input.attempt);
    let answer = await readJson<Answer>(file);
    if (!answer) {
      // What was told stays beside what was answered, so that a command source can be run by hand on it.
      await writeAtomically(paths.brief(input.attempt), JSON.stringify(brief));
      answer = await withMachineLock(() => ask(resources, loop, brief, question, signal), { signal });
      await writeAtomically(file, JSON.stringify({ ...answer, question }));
    }
    const parsed: Parsed<Hypothesis> = answer.problem
      ? { ok: false, problems: [answer.problem] }
      : (question?.read ?? parseHypothesis)(answer.text);
    if (!parsed.ok) return { kind: 'none', detail: toBlock(parsed.problems.join('\n'), 2_000), tokens: answer.tokens };
    return { kind: 'hypothesis', hypothesis: parsed.value, tokens: answer.tokens };
  });
}

async function ask(
  resources: Resources,
  loop: OpenLoop,
  brief: Brief,
  question: Question | null,
  signal: AbortSignal,
): Promise<Answer> {
  const { commandSource } = loop.grants;
  if (!question) {
    if (!commandSource) return { text: '', problem: 'hypothesis.command: names no command source', tokens: 0 };
    const result = await runCommandSource({ ...commandSource, brief, signal });
    return 'text' in result
      ? { text: result.text, problem: null, tokens: 0 }
      : { text: '', problem: result.problem, tokens: 0 };
  }
  const model = await openModel(resources, loop);
  const patience = AbortSignal.timeout(answerSeconds * 1000);
  try {
    const reply = await model.ask({ ...question, seed: brief.seed, signal: AbortSignal.any([signal, patience]) });
    const problem = reply.cut ? `answer: was cut at ${question.maxTokens} tokens, before its end` : null;
    return { text: reply.text, problem, tokens: reply.promptTokens + reply.answerTokens };
  } catch (error) {
    // The engine's own complaint about this question is an outcome; a server that is away may come back.
    if (error instanceof ModelError && error.kind === 'refused') return { text: '', problem: error.message, tokens: 0 };
    // Nor may a model that hangs take the night.
    if (patience.aborted && !signal.aborted)
      return { text: '', problem: `answer: did not come within ${answerSeconds} s`, tokens: 0 };
    throw error;
  }
}

function openModel(resources: Resources, { plan: { source } }: OpenLoop): Promise<Model> {
  if (source.kind === 'embedded') return resources.embedded();
  return createOllamaModel({
    host: resources.settings.ollamaHost,
    model: source.name,
    contextTokens: source.contextTokens,
  });
}

async function makeBrief(loop: OpenLoop, input: HypothesizeInput): Promise<Brief> {
  const { config, loopId } = loop.plan;
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
      better: config.benchmark.better,
      minImprovement: config.minImprovement,
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
    const blobs = await readBlobs(
      loop.clone,
      part.map(({ sha }) => sha),
    );
    for (const { path, sha } of part) {
      const content = blobs.get(sha)!.toString('utf8');
      if (content.includes('\0') || length + content.length > maxSourceLength) continue;
      length += content.length;
      sources.push({ path, content });
    }
  }
  return sources;
}

/** Parts of at most what a brief holds, each to be read by one git. */
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
