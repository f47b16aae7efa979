import { createCache } from '../../adapters/cache.ts';
import { readFiles, textOf, type TreeFile } from '../../adapters/git/trees.ts';
import { parseSource } from '../../adapters/parsers/parse.ts';
import { policyOf } from '../../domain/config/plan.ts';
import { toBrief, type Brief } from '../../domain/proposal/brief.ts';
import { shortName } from '../../domain/source/find.ts';
import { hasWord, type ParsedSource, type SourceFile } from '../../domain/source/function.ts';
import { calledIn } from '../../domain/source/reach.ts';
import type { HypothesizeInput } from '../../domain/steps.ts';
import { readHistory } from '../../ledger/history.ts';
import { editableFiles, type OpenLoop } from '../loop/open-loop.ts';
import { isHeldOut, readBenchmark, readLog, readRuntime } from './brief-facts.ts';

/** Limits of sources in a brief, in characters: of one with hotspots, and of all others. */
const [maxHotLength, maxSourceLength] = [2 ** 20, 400_000];
/** Files beside those with hotspots that are looked through for callers and callees. */
const maxReached = 8;

/** Tells whoever proposes of the goal, the hot code and the iterations before. */
export async function makeBrief(loop: OpenLoop, input: HypothesizeInput): Promise<Brief> {
  return (await briefMaker(loop, input))(0);
}

/** Reads once what the briefs of all answers of an iteration are made of; returns what makes that of one answer. */
export async function briefMaker(loop: OpenLoop, input: HypothesizeInput): Promise<(sample: number) => Brief> {
  const { config, loopId } = loop.plan;
  const { minImprovement, better, minDifference } = policyOf(loop.plan);
  const hot = [...new Set(input.hotspots.map(({ file }) => file))];
  const [records, sources, log] = await Promise.all([
    readHistory(loop.clone, loopId),
    readSources(loop, input),
    readLog(loop, input.champion, hot),
  ]);
  const facts = {
    loopId,
    config,
    policy: { minImprovement, better, ...(minDifference !== undefined && { minDifference }) },
    input,
    records,
    sources: await parsed(loop, sources, input),
    benchmark: await readBenchmark(loop),
    runtime: await readRuntime(loop, hot),
    log,
  };
  return (sample) => toBrief({ ...facts, sample });
}

/** A text file with the id of its content. */
type Text = Omit<SourceFile, 'parsed'> & { sha: string };

/** Editable text files of the champion, those with hotspots first. */
async function readSources(loop: OpenLoop, { champion, hotspots }: HypothesizeInput): Promise<Text[]> {
  const order = hotspots.map(({ file }) => file);
  const rank = (path: string) => (order.includes(path) ? order.indexOf(path) : order.length);
  const isHot = ({ path }: { path: string }) => order.includes(path);
  const editable = (await editableFiles(loop, champion)).filter(
    (file) => file.size <= (isHot(file) ? maxHotLength : maxSourceLength) && !isHeldOut(loop, file.path),
  );
  editable.sort((a, b) => rank(a.path) - rank(b.path) || a.size - b.size);
  const sources: Text[] = [];
  let length = 0;
  for (const part of inParts(editable)) {
    if (length >= maxSourceLength) break;
    const blobs = await readFiles(loop.clone, part);
    for (const { path, sha } of part) {
      const content = textOf(blobs.get(sha)!);
      if (content === null || (!isHot({ path }) && length + content.length > maxSourceLength)) continue;
      length += content.length;
      sources.push({ path, content, sha });
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

/** Parses the files with hotspots, and those that may call their functions or be called by them. */
async function parsed(loop: OpenLoop, texts: readonly Text[], { hotspots }: HypothesizeInput): Promise<SourceFile[]> {
  const hot = texts.filter(({ path }) => hotspots.some(({ file }) => file === path));
  const names = hotspots.map(({ name }) => shortName(name ?? '')).filter((name) => name !== '');
  const called = new Set(hot.flatMap(({ content }) => [...calledIn(content)]));
  const isNear = ({ content }: Text) =>
    names.some((name) => hasWord(content, name)) || [...called].some((name) => definition(name).test(content));
  const near = texts.filter((text) => !hot.includes(text) && isNear(text)).slice(0, maxReached);
  return Promise.all(
    texts.map(async (text) => ({
      path: text.path,
      content: text.content,
      parsed: hot.includes(text) || near.includes(text) ? await parseOnce(text) : null,
    })),
  );
}

/** @param name of word characters and "$" alone */
function definition(name: string): RegExp {
  return new RegExp(`\\b(?:function\\*?|def|func|fn|const|let|var)\\s+${name.replaceAll('$', '\\$')}(?![\\w$])`);
}

const parses = createCache({ max: 200 });

/** Parses each content once: most files stay the same from one champion to the next. */
function parseOnce({ path, content, sha }: Text): Promise<ParsedSource | null> {
  return parses(`${path.slice(path.lastIndexOf('.'))} ${sha}`, () => parseSource(path, content));
}
