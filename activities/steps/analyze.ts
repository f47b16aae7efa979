import { listFiles, readFile } from '../../adapters/git/trees.ts';
import { hottest } from '../../domain/proposal/profile.ts';
import { inSource } from '../../domain/protection/held-out.ts';
import type { AnalyzeAnswer, AnalyzeInput, Hotspot } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { readProfiles } from '../measure/profiles.ts';

/** Turns the profile into hotspots; without one, the largest editable files are all that is known. */
export async function analyze({ loop }: StepContext, input: AnalyzeInput): Promise<AnalyzeAnswer> {
  const files = (await listFiles(loop.clone, input.champion)).filter(
    ({ path, mode }) => mode.startsWith('100') && loop.isEditable(path),
  );
  const editable = new Set(files.map(({ path }) => path));
  const profiles = input.profile === null ? [] : await readProfiles(loop, input.champion);
  const hotspots = hottest(profiles, (path) => editable.has(path));
  if (hotspots.length > 0)
    return { hotspots: loop.grants.guard ? await known(loop, input.champion, hotspots) : hotspots };
  const largest = files.sort((a, b) => b.size - a.size).slice(0, 8);
  return { hotspots: largest.map(({ path }) => ({ file: path, name: null, line: null, share: null })) };
}

/** The program has written its profile, and a guard's text may be in it. */
function known(loop: OpenLoop, champion: string, hotspots: readonly Hotspot[]): Promise<Hotspot[]> {
  return Promise.all(
    hotspots.map(async (spot) =>
      inSource(spot, (await readFile(loop.clone, champion, spot.file))?.toString('utf8') ?? ''),
    ),
  );
}
