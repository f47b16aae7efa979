import { linkOf, parseEvidence, pathOf, type Link } from '../domain/adoption/chain.ts';
import type { SelfEvidence } from '../domain/adoption/adoption.ts';
import type { Selves } from '../domain/adoption/selves.ts';
import { fetchRefs, openClone } from '../adapters/git/clone.ts';
import { git, GitFailure, type Clone } from '../adapters/git/command.ts';
import { importCommit } from '../adapters/git/import-commit.ts';
import { readRef } from '../adapters/git/refs.ts';
import { entryAt, readFile } from '../adapters/git/trees.ts';
import { withLock } from '../adapters/lock.ts';
import { dataPaths } from '../store/layout.ts';
import { readSelves, writeSelves } from '../store/selves.ts';
import { moveRefs } from './move-refs.ts';

/** The chain of selves: one commit for each promotion, withdrawal or return. A loop's refs of that id end otherwise. */
export const chainRef = 'refs/karpathy-loop/selves/chain';
const identity = 'Karpathy Loop <loop@localhost>';
/** Times that the ref is read again when somebody else has moved it. */
const maxTries = 3;

/** Changes which build a data directory's worker runs, one process at a time; `change` returns null to leave it. */
export async function changeSelves(data: string, change: (selves: Selves) => Selves | null): Promise<Selves | null> {
  return withLock(dataPaths(data).selvesLock, async () => {
    const before = await readSelves(data);
    const after = change(before);
    if (after !== null && after !== before) await writeSelves(data, after);
    return after;
  });
}

/** Adds a link to the chain in the repository; a no-op where that adoption has one. */
export async function appendSelf(data: string, repository: string, evidence: SelfEvidence): Promise<Link> {
  const clone = await openClone(data, repository);
  const link = linkOf(evidence);
  for (let tries = 1; ; tries++) {
    const head = await fetchChain(clone, repository);
    if (head && (await entryAt(clone, head, link.file.path))) return link;
    const next = await commitOf(clone, head, evidence);
    try {
      await moveRefs(clone, repository, [{ name: chainRef, old: head, new: next }]);
      return link;
    } catch (error) {
      if (!(error instanceof GitFailure) || tries === maxTries) throw error;
    }
  }
}

export interface ChainLink extends Link {
  sha: string;
  evidence: SelfEvidence;
  /** False where the commit is not what its evidence makes. */
  isProven: boolean;
}

/** Reads the chain, the oldest link first, and makes each link anew of its evidence. */
export async function readChain(data: string, repository: string): Promise<ChainLink[]> {
  const clone = await openClone(data, repository);
  const head = await fetchChain(clone, repository);
  if (head === null) return [];
  const lines = (await git(clone, ['rev-list', '--reverse', '--parents', head])).trim().split('\n');
  const links: ChainLink[] = [];
  for (const line of lines) {
    const [sha = '', parent = null] = line.split(' ');
    const evidence = await addedBy(clone, sha);
    const isProven = (await commitOf(clone, parent, evidence)) === sha;
    links.push({ ...linkOf(evidence), sha, evidence, isProven });
  }
  return links;
}

async function fetchChain(clone: Clone, repository: string): Promise<string | null> {
  const head = await readRef(repository, chainRef, clone.signal);
  if (head !== null && (await readRef(clone, chainRef)) !== head)
    await fetchRefs(clone, repository, [`+${head}:${chainRef}`]);
  return head;
}

function commitOf(clone: Clone, parent: string | null, evidence: SelfEvidence): Promise<string> {
  const { file, message } = linkOf(evidence);
  return importCommit(clone, { parent, files: [file], message, identity, date: evidence.endedAt });
}

/** @throws Error where the commit is none of a chain */
async function addedBy(clone: Clone, sha: string): Promise<SelfEvidence> {
  const format = '--format=%(trailers:key=Adoption,valueonly)';
  const adoption = (await git(clone, ['show', '--no-patch', format, sha])).trim();
  const content = await readFile(clone, sha, pathOf(adoption));
  const evidence = content && parseEvidence(content.toString(), adoption);
  if (evidence === null)
    throw new Error(`selves: commit ${sha.slice(0, 12)} of ${chainRef} has no evidence; see git log ${chainRef}`);
  return evidence;
}
