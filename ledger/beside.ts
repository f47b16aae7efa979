import type { Clone } from '../adapters/git/command.ts';
import { listFiles, readBlobs } from '../adapters/git/trees.ts';
import type { Evidence } from '../domain/ledger/record.ts';
import type { Hotspot } from '../domain/steps.ts';
import { toLine } from '../domain/text.ts';

/** What lies beside a ledger's records, by iteration; hotspots by champion. */
export interface Beside {
  diffs: Map<number, string>;
  evidence: Map<number, Evidence>;
  hotspots: Map<string, Hotspot[]>;
}

/** Reads what lies beside the records of a ledger, at one of its commits. A file that cannot be read is left out. */
export async function readBeside(clone: Clone, head: string): Promise<Beside> {
  const found = (await listFiles(clone, head)).filter(({ path }) => beside.test(path));
  const blobs = await readBlobs(
    clone,
    found.map(({ sha }) => sha),
  );
  const all: Beside = { diffs: new Map(), evidence: new Map(), hotspots: new Map() };
  for (const { path, sha } of found) {
    const [, iteration, ending, champion] = beside.exec(path)!;
    const text = blobs.get(sha)!.toString();
    if (champion !== undefined) all.hotspots.set(champion, readHotspots(text));
    else if (ending === 'diff') all.diffs.set(Number(iteration), text);
    else {
      const evidence = readEvidence(text);
      if (evidence) all.evidence.set(Number(iteration), evidence);
    }
  }
  return all;
}

const beside = /^(?:records\/\d+\/(\d+)\.(diff|evidence\.json)|hotspots\/([0-9a-f]+)\.json)$/;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Anybody may have written it: what is computed of it must be numbers. */
function readEvidence(text: string): Evidence | null {
  const found = parsed(text) as Partial<Evidence> | null;
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite);
  const areSamples = (samples: unknown) =>
    Array.isArray(samples) &&
    (samples as Partial<Evidence['pairs'][number] | null>[]).every(
      (one) => isPair(one?.pair) && isPair(one?.cpuMs) && isPair(one?.wallMs),
    );
  const isWhole = found?.version === 1 && areSamples(found.pairs) && areSamples(found.fresh);
  return isWhole && Number.isFinite(found.policy?.alpha) ? (found as Evidence) : null;
}

function readHotspots(text: string): Hotspot[] {
  const found = parsed(text);
  return (Array.isArray(found) ? (found as Partial<Hotspot | null>[]) : []).flatMap((one) => {
    const { file, name, line, share } = one ?? {};
    if (typeof file !== 'string') return [];
    const isShare = typeof share === 'number' && share >= 0 && share <= 1;
    return [
      {
        file: toLine(file),
        name: typeof name === 'string' ? toLine(name) : null,
        line: typeof line === 'number' ? line : null,
        share: isShare ? share : null,
      },
    ];
  });
}
