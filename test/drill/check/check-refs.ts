import type { IterationRecord } from '../../../domain/ledger/record.ts';
import type { DrillLoop } from '../lane/target.ts';
import type { Observed } from './watch-refs.ts';

/** How long a reader may see the one ref before the other follows: git moves the files of a transaction one after the other. */
const transactionMs = 1_000;

/**
 * Checks that the branch was at the newest committed record of the ledger whenever both were seen.
 * @param wasTorn true where a git was killed between the two refs: then the next attempt must have put it right
 */
export async function checkRefs(
  { loopId, repository, base }: DrillLoop,
  observed: readonly Observed[],
  wasTorn: boolean,
): Promise<string[]> {
  const known = new Map<string | null, string>([[null, base]]);
  const championIn = async (ledger: string | null): Promise<string> => {
    if (!known.has(ledger)) known.set(ledger, await newestCommit((...args) => repository.git(...args), ledger!, base));
    return known.get(ledger)!;
  };
  const faults: string[] = [];
  for (const [index, { ledger, branch, at }] of observed.entries()) {
    const now = branch ?? base;
    if (now === (await championIn(ledger))) continue;
    const next = observed[index + 1];
    // Seen in the middle of a transaction, or torn?
    const passed =
      next !== undefined &&
      (wasTorn || next.at - at < transactionMs) &&
      (next.branch ?? base) === (await championIn(next.ledger));
    if (!passed)
      faults.push(
        `${loopId}: refs torn: the branch was at ${now}, the ledger ${ledger} says ${await championIn(ledger)}`,
      );
  }
  return faults;
}

async function newestCommit(
  git: (...args: string[]) => Promise<string>,
  ledger: string,
  base: string,
): Promise<string> {
  const paths = (await git('ls-tree', '-r', '--name-only', ledger))
    .split('\n')
    .filter((path) => /^records\/\d+\/\d+\.json$/.test(path));
  const records = await Promise.all(
    paths.map(async (path) => JSON.parse(await git('show', `${ledger}:${path}`)) as IterationRecord),
  );
  const committed = records.filter(({ outcome }) => outcome === 'committed').sort((a, b) => b.iteration - a.iteration);
  return committed[0]?.candidate?.commit ?? base;
}
