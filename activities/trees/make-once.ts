import { rename } from 'node:fs/promises';
import { removeTree } from '../../store/discard.ts';
import { exists, uniqueBeside } from '../../store/files.ts';
import { exclusively, type HeldContext, type StepContext } from '../loop/context.ts';

/**
 * Makes a directory once and whole: elsewhere, then renamed.
 * @param make fills a directory; returns its problem or null
 * @returns that problem, or null
 */
export async function makeOnce<Problem>(
  context: StepContext,
  directory: string,
  make: (held: HeldContext, work: string) => Promise<Problem | null>,
): Promise<Problem | null> {
  if (await exists(directory)) return null;
  return exclusively(context, async (held) => {
    if (await exists(directory)) return null;
    const work = uniqueBeside(directory);
    try {
      const failure = await make(held, work);
      if (failure === null) await rename(work, directory);
      return failure;
    } finally {
      await removeTree(work);
    }
  });
}
