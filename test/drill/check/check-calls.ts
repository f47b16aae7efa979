import type { ModelCall, Struck } from '../drill.ts';

/** A command source that its worker had just started says that it was asked when the worker may be dead already, in ms. */
const startUpMs = 2_000;

/**
 * Each question that was asked again must have a kill of its own, of its worker or the model, since it was asked before.
 * @param laneOf the worker of a loop; undefined where any may have asked
 */
export function checkCalls(
  calls: readonly ModelCall[],
  struck: readonly Struck[],
  laneOf: (loopId: string) => number | undefined,
): { violations: string[]; repeated: number } {
  const excuses = struck
    .filter(({ kill }) => kill.victim !== 'server')
    .map(({ at, lane, kill }) => ({ at, lane, kill, used: false }));
  const violations: string[] = [];
  let repeated = 0;
  const last = new Map<string, number>();
  for (const { loopId, iteration, at } of [...calls].sort((a, b) => a.at - b.at)) {
    const question = `${loopId}, iteration ${iteration}`;
    const before = last.get(question);
    last.set(question, at);
    if (before === undefined) continue;
    repeated++;
    const lane = laneOf(loopId);
    const isNear = ({ kill, lane: other }: Struck) =>
      lane === undefined || lane === other || kill.victim === 'model' || kill.victim === 'all';
    const excuse = excuses.find((one) => !one.used && one.at >= before - startUpMs && one.at <= at && isNear(one));
    if (excuse) excuse.used = true;
    else violations.push(`${question}: the model was asked again without a kill`);
  }
  return { violations, repeated };
}
