/**
 * Kills workers, the Temporal server, the model server, the command line and all of them, at every named point and at random moments, fills the disk
 * (root) and cuts the repository off; then looks at what is left.
 * Usage: tsx test/drill/run.ts [--loops 24] [--kills 220] [--iterations 6] [--lanes 3] [--per-lane 2] [--seed n] [--parts loops,cli,disk,remote]
 * With TEMPORAL_TEST_ADDRESS only the loops run, on that server, which is not killed.
 */
import { parseArgs } from 'node:util';
import { checkDrill } from './check/check.ts';
import { randomVictims, runCliDrill } from './cli-drill.ts';
import { runDrill } from './drill.ts';
import { drillCutRemote, drillFullDisk } from './other-drills.ts';
import { makePlan } from './plan.ts';
import { createRandom } from './random.ts';
import { report } from './report.ts';

const { values } = parseArgs({
  options: Object.fromEntries(
    ['loops', 'kills', 'iterations', 'lanes', 'per-lane', 'seed', 'parts'].map((name) => [
      name,
      { type: 'string' as const },
    ]),
  ),
});
const option = (name: string, otherwise: number) => Number(values[name] ?? otherwise);
const seed = option('seed', Math.floor(Math.random() * 2 ** 32));
const random = createRandom(seed);
const address = process.env['TEMPORAL_TEST_ADDRESS'];
const began = Date.now();
const say = (line: string) => console.log(`${((Date.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}`);

console.log(`seed ${seed}`);
const all = {
  loops: drillLoops,
  cli: drillCommandLine,
  disk: () => drillOne(drillFullDisk),
  remote: () => drillOne(drillCutRemote),
};
const parts = address ? 'loops' : (values['parts'] ?? Object.keys(all).join(','));
let violations = 0;
for (const part of parts.split(',')) {
  say(part);
  violations += await all[part as keyof typeof all]();
}
say(`${violations} violations in all; seed ${seed}`);
process.exit(violations === 0 ? 0 : 1);

async function drillLoops(): Promise<number> {
  const sizes = { loops: option('loops', 24), kills: option('kills', 220), iterations: option('iterations', 6) };
  const plan = makePlan({ ...sizes, random, ownServer: !address });
  return conclude(await runDrill({ plan, lanes: option('lanes', 3), perLane: option('per-lane', 2), address, say }));
}

async function drillOne(
  drill: (random: ReturnType<typeof createRandom>, say: (line: string) => void) => ReturnType<typeof runDrill>,
): Promise<number> {
  if (drill === drillFullDisk && process.getuid?.() !== 0) {
    say('left out: only root can mount a small disk');
    return 0;
  }
  return conclude(await drill(random, say));
}

async function conclude(outcome: Awaited<ReturnType<typeof runDrill>>): Promise<number> {
  const finding = await checkDrill(outcome);
  console.log(report(outcome, finding));
  if (finding.violations.length === 0) await outcome.end();
  else console.log(`what is left lies in ${outcome.scratch}`);
  return finding.violations.length;
}

/** Two loops, as a person runs them: one after the other. */
async function drillCommandLine(): Promise<number> {
  const drills = [];
  for (const loopId of ['drill-cli-1', 'drill-cli-2'])
    drills.push(await runCliDrill({ loopId, iterations: 14, victims: randomVictims(random, 7), random, say }));
  for (const { kills, calls, refusals, result } of drills)
    console.log(
      `${result?.loopId}: ${kills} kills, the command given ${calls} times, ${refusals.length} refusals (${refusals.join(' | ')}); ${result?.committed} committed, ${result?.rolledBack} rolled back, ${result?.failed} failed`,
    );
  const found = drills.flatMap((drill) => drill.violations);
  found.forEach((violation) => console.log(`  ${violation}`));
  return found.length;
}
