import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DrillLoop } from '../lane/target.ts';

/** Refs of a loop, from one observation to the next. */
export interface Observed {
  loopId: string;
  /** Epoch, ms. */
  at: number;
  ledger: string | null;
  branch: string | null;
}

/** Looks at the refs of loops all the time; only what changed is kept. */
export function watchRefs(everyMs = 20): { add(loop: DrillLoop): void; stop(): Observed[] } {
  const loops: DrillLoop[] = [];
  const observed: Observed[] = [];
  const last = new Map<string, string>();
  const look = () => {
    for (const { loopId, repository } of loops) {
      const read = (ref: string) => readRef(repository.path, ref);
      const ledgerRef = `refs/karpathy-loop/${loopId}/ledger`;
      const ledger = read(ledgerRef);
      const branch = read(`refs/heads/karpathy-loop/${loopId}`);
      // Two files cannot be read at once: what moved meanwhile is looked at the next time.
      if (read(ledgerRef) !== ledger || last.get(loopId) === `${ledger} ${branch}`) continue;
      last.set(loopId, `${ledger} ${branch}`);
      observed.push({ loopId, at: Date.now(), ledger, branch });
    }
  };
  const timer = setInterval(look, everyMs);
  return {
    add: (loop) => void loops.push(loop),
    stop() {
      look();
      clearInterval(timer);
      return observed;
    },
  };
}

function readRef(repository: string, ref: string): string | null {
  try {
    return readFileSync(join(repository, '.git', ref), 'utf8').trim();
  } catch {
    return null;
  }
}
