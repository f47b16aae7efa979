/**
 * Measures a loop's cost beside its work: a bare Temporal loop of the same shape, the real workflows with activities that do nothing,
 * a thousand loops at once, and a whole loop of real parts; in one run, one after the other in turn.
 *
 *     npx tsx bench/orchestration/index.ts [rates,full,thousand]
 *
 * Takes about 15 minutes with all three parts and wants the machine for itself. Exit code 1 where a goal is missed.
 */
import { cpus, loadavg, release } from 'node:os';
import { openBenchServer } from './bench-server.ts';
import { describeSteps, exactBenchmark, iterationsOf, openFullLoop } from './full-loop.ts';
import { runLoops, type Kind } from './no-op-loops.ts';
import { median, startBenchWorker, type BenchWorker } from './processes.ts';

const goals = { realOverBare: 1.5, fullOverBare: 2 };
/** Loops at once, and iterations of each; rounds in which bare and real take turns. */
const loads = [
  { loops: 1, iterations: 30 },
  { loops: 10, iterations: 10 },
  { loops: 100, iterations: 3 },
];
const rounds = 3;

const parts = (process.argv[2] ?? 'rates,full,thousand').split(',');
const { scratch, server, client, end } = await openBenchServer('127.0.0.1:7400');
const misses: string[] = [];
try {
  console.log(
    `Node.js ${process.version}, kernel ${release()}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}; dev server with a database file, poll limits lifted`,
  );
  const workers = {
    bare: await startBenchWorker('no-op-worker.ts', ['bare'], server.address),
    real: await startBenchWorker('no-op-worker.ts', ['real'], server.address),
  };
  if (parts.includes('rates')) await compareRates(workers);
  if (parts.includes('full')) await compareFull(workers.bare);
  if (parts.includes('thousand')) await runThousand(workers.real);
  await Promise.all([workers.bare.stop(), workers.real.stop()]);
} finally {
  await end();
}
console.log(misses.length === 0 ? 'PASS' : `FAIL: ${misses.join('; ')}`);
process.exit(misses.length === 0 ? 0 : 1);

async function compareRates(workers: Record<Kind, BenchWorker>): Promise<void> {
  for (const kind of ['bare', 'real'] as const) await runLoops(client, kind, workers[kind], server.pid, 1, 5);
  console.log('loops at once   bare it/s   real it/s   bare/real (goal: at most 1.5)');
  for (const { loops, iterations } of loads) {
    const rates = { bare: [] as number[], real: [] as number[] };
    for (let round = 0; round < rounds; round++)
      for (const kind of round % 2 === 0 ? (['bare', 'real'] as const) : (['real', 'bare'] as const))
        rates[kind].push((await runLoops(client, kind, workers[kind], server.pid, loops, iterations)).rate);
    const [bare, real] = [median(rates.bare), median(rates.real)];
    judge(`${loops} loops at once`, bare / real, goals.realOverBare);
    console.log(
      `${String(loops).padStart(13)}${bare.toFixed(1).padStart(12)}${real.toFixed(1).padStart(12)}${(bare / real).toFixed(2).padStart(12)}`,
    );
  }
}

/** Each block of a bare loop is followed by one of the full loop, so that whatever else the machine does meets both. */
async function compareFull(bareWorker: BenchWorker): Promise<void> {
  const propose =
    "return { title: 'Sum in ' + (300 + n) + ' rounds', edits: [{ file: 'src/total.mjs', search: 'const ROUNDS = 300;', replace: 'const ROUNDS = ' + (300 + n) + ';' }] };";
  const full = await openFullLoop(scratch, server.address, propose);
  const [floors, overheads] = [[] as number[], [] as number[]];
  let seen = 0;
  for (let block = 0; block < 4; block++) {
    floors.push(1000 / (await runLoops(client, 'bare', bareWorker, server.pid, 1, 20)).rate);
    await full.run(client, `full-${block}`, { ...exactBenchmark, iterations: 13 });
    const trace = full.metered();
    // The first iterations of a loop look at its base.
    const iterations = iterationsOf(trace.slice(seen)).filter(({ iteration }) => iteration > 2);
    seen = trace.length;
    overheads.push(...iterations.map(({ overheadMs }) => overheadMs));
    if (block === 3)
      console.log(`own time of each step of the full loop, and what it started:\n${describeSteps(iterations)}`);
  }
  const [floor, overhead] = [median(floors), median(overheads)];
  judge('full loop', overhead / floor, goals.fullOverBare);
  console.log(
    `an iteration of the bare loop takes ${floor.toFixed(0)} ms; one of the full loop ${overhead.toFixed(0)} ms beside sandboxed runs and source: ${(overhead / floor).toFixed(2)} times (goal: at most ${goals.fullOverBare})`,
  );
  await full.stop();
}

async function runThousand(worker: BenchWorker): Promise<void> {
  const { whole, rate, serverMiB, workerMiB } = await runLoops(client, 'real', worker, server.pid, 1000, 1);
  if (whole !== 1000) misses.push(`${1000 - whole} of 1000 loops were not whole`);
  console.log(
    `1000 loops at once: ${whole} whole, ${rate.toFixed(1)} it/s; server at most ${serverMiB.toFixed(0)} MiB, worker ${workerMiB.toFixed(0)} MiB resident`,
  );
}

function judge(what: string, ratio: number, goal: number): void {
  if (!(ratio <= goal)) misses.push(`${what}: ${ratio.toFixed(2)} times the bare loop, at most ${goal} wanted`);
}
