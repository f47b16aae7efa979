import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { checkAllOutputs, checkInvariants } from './invariants.ts';
import { startLoop, type CorpusLoop } from './loop.ts';
import { classes, type ClassName } from './proposals/index.ts';
import type { Proposal } from './proposal.ts';
import type { Variant } from './variants.ts';
import { openWorld, type World } from './world.ts';

/** Tries every proposal of these classes in real loops, in the order given, in a world of their own. */
export function describeCorpus(names: readonly ClassName[]): void {
  const all = names.flatMap((name) => classes[name]);
  describeWithServer('the corpus of proposals', () => defineCorpus(names, all));
}

function defineCorpus(names: readonly ClassName[], all: readonly Proposal[]): void {
  let world: World | undefined;
  const loops = new Map<Variant, Promise<CorpusLoop>>();
  const finished: CorpusLoop[] = [];

  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(async () => {
    for (const loop of await Promise.allSettled(loops.values()))
      if (loop.status === 'fulfilled') finished.push(loop.value);
    await Promise.all(finished.map((loop) => loop.close()));
    await world?.close();
  });

  /** One loop of each form, started when it is first needed. Its iterations are bounded by the corpus. */
  function loopOf(variant: Variant): Promise<CorpusLoop> {
    // One more than there are proposals: after its last iteration a loop ends.
    const iterations = Math.max(40, all.filter(({ on = 'plain' }) => on === variant).length + 1);
    const known = loops.get(variant) ?? startLoop(world!, variant, iterations);
    loops.set(variant, known);
    return known;
  }

  describe.each(names.map((name) => [name, classes[name]] as const))('class %s', (name, proposals) => {
    it.each(proposals)('$name', async (proposal) => {
      const { on = 'plain' } = proposal;
      const loop = await loopOf(on);
      const attempt = await loop.attempt(proposal).catch((error: unknown) => {
        loops.delete(on);
        finished.push(loop);
        throw error;
      });
      const { outcome, reason, detail } = attempt.record;
      report(name, { ...attempt, name: proposal.name, on, pairs: attempt.record.verdict?.pairs });
      // The next one is made for the champion that was.
      if (outcome === 'committed' && !proposal.expect.includes('committed')) {
        loops.delete(on);
        finished.push(loop);
      }
      expect(proposal.expect, `${reason ?? outcome}: ${detail}`).toContain(reason ?? outcome);
      if (proposal.says) expect(detail).toMatch(proposal.says);
      await checkInvariants(world!, loop, attempt);
    });
  });

  it('leaves no secret in anything that was written', async () => {
    await checkAllOutputs(world!, [...(await Promise.all(loops.values())), ...finished]);
  });
}

/** A line per proposal in the file that CORPUS_REPORT names, for whoever looks at times and details. */
function report(
  name: string,
  {
    record,
    ...facts
  }: { record: { outcome: string; reason: string | null; detail: string } } & Record<string, unknown>,
): void {
  const { outcome, reason, detail } = record;
  const file = process.env['CORPUS_REPORT'];
  if (file) appendFileSync(file, `${JSON.stringify({ class: name, ...facts, outcome: reason ?? outcome, detail })}\n`);
}
