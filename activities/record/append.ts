import { ledgerCommit } from '../../ledger/ledger.ts';
import { publish, type Publication } from '../../ledger/publish.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Times that an append is tried when another writer moves the ledger. */
const maxAppends = 5;

type Entry = Omit<Parameters<typeof ledgerCommit>[2], 'loopId' | 'identity'>;

/**
 * Appends an entry to the ledger, and may move the champion with it.
 * @param findHead finds the ledger; undefined gives up
 * @returns why the champion cannot be moved, or null
 */
export async function appendEntry(
  { clone, repository, plan }: OpenLoop,
  entry: Entry,
  findHead: () => Promise<string | null | undefined>,
  champion: Publication['champion'] = null,
): Promise<string | null> {
  const { loopId, branch, config } = plan;
  const { identity } = config.commit;
  for (let attempt = 1; ; attempt++) {
    const old = await findHead();
    if (old === undefined) return null;
    const ledger = { old, new: await ledgerCommit(clone, old, { ...entry, loopId, identity }) };
    const result = await publish(clone, repository, { loopId, branch, ledger, champion });
    if (result.kind === 'published') return null;
    if (result.what === 'champion') return result.detail;
    if (attempt >= maxAppends) throw new Error(`ledger: could not be moved in ${attempt} tries (${result.detail})`);
  }
}
