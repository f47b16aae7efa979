import { Context } from '@temporalio/activity';
import { likelyHotspots } from '../../domain/profiles/missing.ts';
import type { AnalyzeAnswer, AnalyzeInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { editableFiles } from '../loop/open-loop.ts';
import { readCommand } from '../measure/command-texts.ts';
import { readProfile } from '../measure/profiles.ts';
import { baseTree } from '../trees/runnable-tree.ts';

/** Tells the hotspots; without a profile, the editable files that the benchmark names, then the largest. */
export async function analyze(context: StepContext, input: AnalyzeInput): Promise<AnalyzeAnswer> {
  const { loop, say } = context;
  const { hotspots = [], doubt = null } = (input.profile && (await readProfile(loop, input.champion))) || {};
  if (doubt) {
    say(doubt);
    Context.current().log.warn(doubt);
  }
  const told = doubt && { doubt };
  if (hotspots.length > 0) return { ...told, hotspots };
  const { texts } = await readCommand(context, { tree: await baseTree(loop) });
  return { ...told, hotspots: likelyHotspots(await editableFiles(loop, input.champion), texts) };
}
