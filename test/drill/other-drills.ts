import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGitDaemon } from '../support/repository/git-daemon.ts';
import { runDrill, type DrillOutcome } from './drill.ts';
import { fillDisk, minimumFreeMiB } from './fill-disk.ts';
import type { Random } from './random.ts';

/** A loop whose worker's disk runs full again and again. For root. */
export async function drillFullDisk(random: Random, say: (line: string) => void): Promise<DrillOutcome> {
  return runDrill({
    plan: [{ loopId: 'drill-disk', kind: 'exact', iterations: 4, kills: [] }],
    lanes: 1,
    perLane: 1,
    settings: { minimumFreeMiB },
    meanwhile: ([data = '']) => Promise.resolve(fillDisk(data, random, say)),
    say,
  });
}

/** A loop whose repository is cut off again and again. */
export async function drillCutRemote(
  random: Random,
  say: (line: string) => void,
  cutMs = 6_000,
): Promise<DrillOutcome> {
  let daemon = await startGitDaemon(tmpdir());
  const { port } = daemon;
  const end = new AbortController();
  const cut = async () => {
    for (;;) {
      await sleep(2_000 + random.below(6_000), null, { signal: end.signal });
      await daemon.stop();
      say('the repository is cut off');
      await sleep(cutMs, null, { signal: end.signal });
      daemon = await startGitDaemon(tmpdir(), { port });
      say('the repository is back');
    }
  };
  return runDrill({
    plan: [{ loopId: 'drill-remote', kind: 'exact', iterations: 4, kills: [] }],
    lanes: 1,
    perLane: 1,
    urlOf: (path) => daemon.url(`${basename(path)}/.git`),
    meanwhile() {
      const cutting = cut().catch(() => undefined);
      return Promise.resolve(async () => {
        end.abort();
        await cutting;
        await daemon.stop();
      });
    },
    say,
  });
}
