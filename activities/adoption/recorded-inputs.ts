import { readdir, readFile } from 'node:fs/promises';
import type { Clone } from '../../adapters/git/command.ts';
import { listFiles, readBlobs } from '../../adapters/git/trees.ts';
import type { RecordedInputs } from '../../domain/adoption/shadow.ts';
import { listLedgers } from '../../ledger/refs.ts';
import { fetchLedger } from '../../ledger/sync.ts';
import { dataPaths, iterationPaths, loopPaths } from '../../store/layout.ts';
import { listClones } from '../../store/loop-files.ts';
import type { WorkerContext } from '../loop/resources.ts';

/** Here, since what reads records may be changed by who is judged. */
const recordPath = /^records\/\d+\/\d+\.json$/;
/** Most of each loop, and of all loops together, in characters. */
const [maxIterations, maxLength] = [8, 4e6];

/** Reads what loops of this data directory, and those whose ledgers lie in the repository, had to deal with. */
export async function readRecordedInputs(
  { worker }: WorkerContext,
  clone: Clone,
  repository: string,
): Promise<RecordedInputs> {
  const { dataDirectory } = worker;
  for (const { loopId } of await listLedgers(repository)) await fetchLedger(clone, repository, loopId);
  const ledgers: RecordedInputs['ledgers'] = [];
  for (const directory of await listClones(dataDirectory))
    for (const { loopId, sha } of await listLedgers({ directory }))
      ledgers.push({ loopId, records: await readRecords({ directory }, sha) });
  const { loops, loop } = dataPaths(dataDirectory);
  const asked: RecordedInputs['asked'] = [];
  for (const name of await readdir(loops).catch(() => []))
    asked.push(...(await readAsked(loop(decodeURIComponent(name)))));
  return { ledgers: upTo(maxLength, ledgers), asked: upTo(maxLength, asked) };
}

async function readRecords(clone: Clone, head: string): Promise<string[]> {
  const files = (await listFiles(clone, head)).filter(({ path }) => recordPath.test(path));
  const blobs = await readBlobs(clone, new Set(files.map(({ sha }) => sha)));
  return files.map(({ sha }) => blobs.get(sha)!.toString());
}

/** First briefs and answers of a loop's newest iterations. */
async function readAsked(directory: string): Promise<RecordedInputs['asked']> {
  const { iterations, iteration } = loopPaths(directory);
  const numbers = (await readdir(iterations).catch(() => [])).map(Number).sort((a, b) => b - a);
  const found = numbers.slice(0, maxIterations).map(async (number) => {
    const paths = iterationPaths(iteration(number));
    const [brief, answer] = await Promise.all(
      [paths.brief(0), paths.answer(0)].map((path) => readFile(path, 'utf8').catch(() => null)),
    );
    return brief ? [{ name: `${directory.split('/').at(-1)}/iter-${number}`, brief, answer: answer ?? null }] : [];
  });
  return (await Promise.all(found)).flat();
}

function upTo<T>(length: number, from: readonly T[]): T[] {
  let rest = length;
  return from.filter((one) => (rest -= JSON.stringify(one).length) >= 0);
}
