import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { startGitDaemon } from '../support/repository/git-daemon.ts';
import { checkDrill, type Finding } from './check/check.ts';
import { runDrill, type DrillOutcome } from './drill.ts';
import type { Namespaces } from './lane/namespaces.ts';
import type { Kill, Step } from './points.ts';

export interface HostsDrill {
  outcome: DrillOutcome;
  finding: Finding;
  /** Lines of the iterations about the hosts that they lost. */
  told: string[];
}

/** A loop of a URL on some workers, of which one is killed for good in each of these steps; one must be left. */
export async function runHostsDrill({
  steps,
  workers,
  network,
  say = () => undefined,
}: {
  steps: readonly Step[];
  workers: number;
  network?: Namespaces;
  say?: (line: string) => void;
}): Promise<HostsDrill> {
  const host = network?.host ?? '127.0.0.1';
  const daemon = await startGitDaemon(tmpdir(), { host });
  const loopId = 'drill-hosts';
  const kills = steps.map((step, index): Kill => ({
    id: `host-${index}`,
    loopId,
    step,
    at: step === 'commit' || step === 'rollback' ? 'after' : 'during',
    victim: 'host',
    iteration: 1,
    delayMs: 50,
  }));
  const told: string[] = [];
  try {
    const outcome = await runDrill({
      plan: [{ loopId, kind: 'exact', iterations: 4, kills }],
      lanes: workers,
      perLane: 1,
      host,
      say,
      urlOf: (path) => daemon.url(`${basename(path)}/.git`),
      settings: { hostTimeoutSeconds: 10 },
      ...(network && { prefixOf: network.prefixOf }),
      atEnd: async ({ client }) => {
        for (let iteration = 1; iteration <= 4; iteration++) {
          const { hostLost } = await client.workflow
            .getHandle(`${loopId}/iter-${iteration}`)
            .query<{ hostLost: string | null }>('status');
          if (hostLost) told.push(`iteration ${iteration}: ${hostLost}`);
        }
      },
    });
    return { outcome, finding: await checkDrill(outcome), told };
  } finally {
    await daemon.stop();
  }
}
