import { Context } from '@temporalio/activity';
import { listFiles, readFile } from '../../adapters/git/trees.ts';
import { inSource } from '../../domain/protection/held-out.ts';
import type { AnalyzeAnswer, AnalyzeInput, Hotspot } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { readProfiles } from '../measure/profiles.ts';

/** Turns the profile into hotspots; without one, the largest editable files are all that is known. */
export async function analyze({ loop, say }: StepContext, input: AnalyzeInput): Promise<AnalyzeAnswer> {
  const files = (await listFiles(loop.clone, input.champion)).filter(
    ({ path, mode }) => mode.startsWith('100') && loop.isEditable(path),
  );
  const editable = new Set(files.map(({ path }) => path));
  const profiled = input.profile === null ? null : await readProfiles(loop, input.champion, editable);
  const { hotspots = [], doubt = null } = profiled ?? {};
  if (doubt) {
    say(doubt);
    Context.current().log.warn(doubt);
  }
  const told = doubt && { doubt };
  if (hotspots.length > 0)
    return { ...told, hotspots: loop.grants.guard ? await known(loop, input.champion, hotspots) : hotspots };
  const largest = files.sort((a, b) => b.size - a.size).slice(0, 8);
  return { ...told, hotspots: largest.map(({ path }) => ({ file: path, name: null, line: null, share: null })) };
}

/** The program has written its profile, and a guard's text may be in it. */
function known(loop: OpenLoop, champion: string, hotspots: readonly Hotspot[]): Promise<Hotspot[]> {
  return Promise.all(
    hotspots.map(async (spot) =>
      inSource(spot, (await readFile(loop.clone, champion, spot.file))?.toString('utf8') ?? ''),
    ),
  );
}
