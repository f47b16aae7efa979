import { listFiles } from '../../adapters/git/trees.ts';
import { hottest } from '../../domain/proposal/profile.ts';
import type { AnalyzeAnswer, AnalyzeInput } from '../../domain/steps.ts';
import { readProfiles } from '../measure/profiles.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { checkSha, openLoop, type Resources } from '../loop/resources.ts';

/** Turns the profile into hotspots; without one, the largest editable files are all that is known. */
export async function analyze(resources: Resources, input: AnalyzeInput): Promise<AnalyzeAnswer> {
  return withHeartbeat(async () => {
    const loop = await openLoop(resources, input);
    checkSha('champion', input.champion);
    const files = (await listFiles(loop.clone, input.champion)).filter(
      ({ path, mode }) => mode.startsWith('100') && loop.isEditable(path),
    );
    const editable = new Set(files.map(({ path }) => path));
    const hotspots =
      input.profile === null ? [] : hottest(await readProfiles(loop, input.champion), (path) => editable.has(path));
    if (hotspots.length > 0) return { hotspots };
    const largest = files.sort((a, b) => b.size - a.size).slice(0, 8);
    return { hotspots: largest.map(({ path }) => ({ file: path, name: null, line: null, share: null })) };
  });
}
