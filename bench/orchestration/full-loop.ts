import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { LoopConfigInput } from '../../domain/config/loop-config.ts';
import { createTarget, targetConfig } from '../../test/support/repository/target.ts';
import type { Metered } from './metering.ts';
import { median, startBenchWorker, type BenchWorker } from './processes.ts';

/** One iteration of a loop of real parts, in ms. */
export interface MeteredIteration {
  iteration: number;
  /** From its beginning to that of the next one. */
  wallMs: number;
  /** Of it outside of sandboxed runs, the source, and other processes' holds on the machine's lock. */
  overheadMs: number;
  steps: Metered[];
}

/** A tiny repository and a real worker, whose command source proposes what a program text says. */
export interface FullLoop {
  worker: BenchWorker;
  repository: string;
  /** Sums over its activities so far. */
  metered(): Metered[];
  run(client: Client, loopId: string, part: Partial<LoopConfigInput>): Promise<void>;
  stop(): Promise<void>;
}

/** The metric is a number in the source, so that it repeats to the last digit and no iteration waits for many pairs. */
export const exactBenchmark: Partial<LoopConfigInput> = {
  benchmark: {
    command: 'node rounds.mjs',
    metric: { pattern: '^METRIC rounds=([0-9]+)$' },
    unit: 'rounds',
    noise: 'exact',
    clock: 'none',
  },
  profile: 'none',
};

/** @param propose body of a JavaScript function of the iteration's number that returns a hypothesis */
export async function openFullLoop(scratch: string, address: string, propose: string): Promise<FullLoop> {
  const rounds =
    "import { readFileSync } from 'node:fs';\nconsole.log('METRIC rounds=' + /ROUNDS = (\\d+)/.exec(readFileSync('src/total.mjs', 'utf8'))[1]);\n";
  const target = await createTarget({ 'rounds.mjs': rounds });
  const [data, source, trace] = [join(scratch, 'data'), join(scratch, 'source.mjs'), join(scratch, 'trace.jsonl')];
  writeFileSync(
    source,
    `import { readFileSync } from 'node:fs';\nconst propose = (n) => {${propose}};\nconsole.log(JSON.stringify(propose(JSON.parse(readFileSync(0, 'utf8')).iteration)));\n`,
  );
  mkdirSync(data, { recursive: true });
  const settings = { repositories: [target.path], commandSources: { script: { command: [process.execPath, source] } } };
  writeFileSync(join(data, 'settings.json'), JSON.stringify(settings));
  const worker = await startBenchWorker('metered-worker.ts', [data, trace], address);
  return {
    worker,
    repository: target.path,
    metered: reader(trace),
    async run(client, loopId, part) {
      await client.workflow.execute('karpathyLoop', {
        workflowId: loopId,
        taskQueue: worker.queue,
        args: [targetConfig(target.path, part)],
      });
    },
    async stop() {
      await worker.stop();
      await target.remove();
    },
  };
}

/** Reads what was added since the last time only: a long trace must not cost more and more beside what it measures. */
function reader(file: string): () => Metered[] {
  const found: Metered[] = [];
  let [position, rest] = [0, ''];
  return () => {
    if (!existsSync(file)) return found;
    const descriptor = openSync(file, 'r');
    const added = Buffer.alloc(fstatSync(descriptor).size - position);
    position += readSync(descriptor, added, 0, added.length, position);
    closeSync(descriptor);
    const lines = `${rest}${added.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    found.push(...lines.map((line) => JSON.parse(line) as Metered));
    return found;
  };
}

/** Reads a trace's iterations, without the last one. */
export function iterationsOf(trace: readonly Metered[]): MeteredIteration[] {
  const byIteration = new Map<number, Metered[]>();
  for (const activity of trace)
    byIteration.set(activity.iteration, [...(byIteration.get(activity.iteration) ?? []), activity]);
  // Counts lines of no iteration as 0.
  byIteration.delete(0);
  return [...byIteration].flatMap(([iteration, steps]) => {
    const next = byIteration.get(iteration + 1);
    if (!next) return [];
    const wallMs = Date.parse(next[0]!.startedAt) - Date.parse(steps[0]!.startedAt);
    const elsewhere = steps.reduce(
      (sum, { sandboxMs, sourceMs, queuedMs }) => sum + sandboxMs + sourceMs + queuedMs,
      0,
    );
    return [{ iteration, wallMs, overheadMs: wallMs - elsewhere, steps }];
  });
}

/** One line a step: medians of its own time and of what it started. */
export function describeSteps(iterations: readonly MeteredIteration[]): string {
  const names = [...new Set(iterations.flatMap(({ steps }) => steps.map(({ step }) => step)))];
  return names
    .map((name) => {
      const found = iterations.flatMap(({ steps }) => steps.filter(({ step }) => step === name));
      const own = median(
        found.map(({ wallMs, sandboxMs, sourceMs, queuedMs }) => wallMs - sandboxMs - sourceMs - queuedMs),
      );
      const programs = Object.entries(found[Math.floor(found.length / 2)]!.programs).map(
        ([program, times]) => `${times} ${program}`,
      );
      return `  ${name.padEnd(12)}${own.toFixed(0).padStart(5)} ms; ${programs.join(', ')}`;
    })
    .join('\n');
}
