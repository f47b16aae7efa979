import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files by which driver and worker of a lane meet. */
export interface LanePaths {
  /** Kills that wait for their moment, one file each; of all lanes. */
  arms: string;
  /** Kills that wait for a git command. */
  git: string;
  /** Kills that have struck. */
  fired: string;
  /** Kills whose victim is another process, once the driver has killed it; of all lanes. */
  acknowledged: string;
  executions: string;
  /** Calls of models, a file a loop; of all lanes. */
  calls: string;
}

export function lanePaths(lane: string): LanePaths {
  const shared = (name: string) => join(dirname(lane), name);
  const own = (name: string) => join(lane, name);
  return {
    arms: shared('arms'),
    acknowledged: shared('acknowledged'),
    calls: shared('calls'),
    git: own('git'),
    fired: own('fired'),
    executions: own('executions.jsonl'),
  };
}

export function makeLane(lane: string): LanePaths {
  const paths = lanePaths(lane);
  for (const directory of [paths.arms, paths.git, paths.fired, paths.acknowledged, paths.calls])
    mkdirSync(directory, { recursive: true });
  return paths;
}
