import { isDue, type AdoptionAnswer, type AdoptionRef, type AdoptionSteps } from '../../domain/adoption/adoption.ts';
import { readOrder, writeOrder } from '../../store/selves.ts';
import { refused } from '../loop/refusal.ts';
import type { WorkerContext } from '../loop/resources.ts';

/** Runs a step only where all before it have passed here: whoever reaches the server can ask for any, in any order. */
export function inOrder<Ref extends AdoptionRef>(
  step: keyof AdoptionSteps,
  run: (context: WorkerContext, ref: Ref) => Promise<AdoptionAnswer>,
): (context: WorkerContext, ref: Ref) => Promise<AdoptionAnswer> {
  const verb = async (context: WorkerContext, ref: Ref): Promise<AdoptionAnswer> => {
    const { dataDirectory } = context.worker;
    const ordered = async () => {
      const order = await readOrder(dataDirectory);
      // Of another commit the step itself says that nobody has ordered it.
      if (order?.commit !== ref.commit) return null;
      if (!isDue(order.progress ?? null, ref.adoption, step))
        throw refused(`adoption: ${step} is not due; type "npx karpathy-loop adopt ${ref.commit.slice(0, 12)}" anew`);
      return order;
    };
    await ordered();
    const answer = await run(context, ref);
    const order = answer.kind === 'passed' ? await ordered() : null;
    if (order) {
      const passed = new Set([...(order.progress?.passed ?? []), step]);
      await writeOrder(dataDirectory, { ...order, progress: { adoption: ref.adoption, passed: [...passed] } });
    }
    return answer;
  };
  // Logs and counts name it.
  return Object.defineProperty(verb, 'name', { value: step });
}
