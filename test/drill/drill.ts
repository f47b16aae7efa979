import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedQueue } from '../../domain/names.ts';
import { freePort } from '../support/ollama.ts';
import type { LoopResult } from '../../workflows/messages.ts';
import { readLines, type Execution } from './check/executions.ts';
import { startLane, type Lane } from './lane/lane.ts';
import { startModelServer, type ModelServer } from './lane/model.ts';
import type { Kill } from './points.ts';
import type { PlannedLoop } from './plan.ts';
import { openServer, patiently, type DrillServer, type ServerKill } from './lane/server.ts';
import { makeLoop, sourceCommand, type DrillLoop } from './lane/target.ts';
import { watchRefs, type Observed } from './check/watch-refs.ts';

/** A kill that struck. */
export interface Struck {
  kill: Kill;
  lane: number;
  /** Epoch, ms. */
  at: number;
}

export interface EndedLoop extends DrillLoop {
  /** Its worker; undefined where any worker could take its steps. */
  lane: number | undefined;
  /** Null where it did not end by itself. */
  result: LoopResult | null;
  problem: string | null;
}

/** Everything that a drill leaves for its check. */
export interface DrillOutcome {
  scratch: string;
  server: DrillServer;
  loops: EndedLoop[];
  struck: Struck[];
  /** Kills whose point never came. */
  unstruck: Kill[];
  serverKills: ServerKill[];
  executions: (Execution & { lane: number })[];
  calls: ModelCall[];
  observed: Observed[];
  /** Workers that ended otherwise than by a kill. */
  faults: string[];
  /** Ends the server and removes what was made. */
  end(): Promise<void>;
}

export interface ModelCall {
  at: number;
  loopId: string;
  iteration: number;
}

export interface DrillOptions {
  plan: readonly PlannedLoop[];
  /** Workers. */
  lanes: number;
  /** Loops at once on one worker. */
  perLane: number;
  address?: string | undefined;
  /** How long a stopped worker stands still: longer than the heartbeat timeout. */
  stopMs?: number;
  /**
   * Maps a repository's path to its address for workers (default: the path). A loop of a URL starts on the shared
   * queue.
   */
  urlOf?: (path: string) => string;
  /** Further settings of the workers. */
  settings?: object;
  /** Prefix of a worker's command, by the worker's number. */
  prefixOf?: (lane: number) => readonly string[];
  /** Address of server and model. Default 127.0.0.1. */
  host?: string;
  /** Called when the loops have ended, while workers are still there. */
  atEnd?: (server: DrillServer, struck: readonly Struck[]) => Promise<void>;
  /** Done while the loops run, given the workers' data directories before the workers start; returns how to end it. */
  meanwhile?: (dataDirectories: readonly string[]) => Promise<() => Promise<void>>;
  say?: (line: string) => void;
}

/** Runs the loops of a plan and carries out its kills. */
export async function runDrill(options: DrillOptions): Promise<DrillOutcome> {
  const {
    plan,
    lanes: laneCount,
    perLane,
    address,
    stopMs = 8_000,
    host = '127.0.0.1',
    urlOf,
    prefixOf = () => [],
    say = () => undefined,
  } = options;
  const scratch = mkdtempSync('/var/tmp/karpathy-loop-drill-');
  chmodSync(scratch, 0o755);
  const calls = join(scratch, 'calls');
  for (const directory of ['server', 'calls']) mkdirSync(join(scratch, directory));
  const server = await openServer(join(scratch, 'server'), { host, ...(address && { address }) });
  const models = plan.filter(({ kind }) => kind === 'model').map(({ loopId }) => loopId);
  const model = await startModelServer(host, await freePort(), calls, models);
  const loops = await Promise.all(
    plan.map(({ loopId, kind, iterations }) => makeLoop(loopId, kind, iterations, urlOf)),
  );
  const settings = {
    repositories: loops.map(({ config }) => config.repository),
    commandSources: { script: { command: sourceCommand(calls) } },
    ollamaHost: model.host,
    ...options.settings,
  };
  const numbers = Array.from({ length: laneCount }, (_, index) => index);
  const endMeanwhile = await options.meanwhile?.(numbers.map((lane) => join(scratch, `data-${lane}`)));
  const lanes: Lane[] = await Promise.all(
    numbers.map((lane) => {
      const place = { directory: join(scratch, `lane-${lane}`), data: join(scratch, `data-${lane}`) };
      return startLane({ ...place, address: server.address, settings, prefix: prefixOf(lane) });
    }),
  );
  const watcher = watchRefs();
  const desk = openDesk({ plan, lanes, server, model, stopMs, say });
  const run = async (loop: DrillLoop, lane: number): Promise<EndedLoop> => {
    desk.arm(loop.loopId);
    watcher.add(loop);
    const ended = await runLoop(server, urlOf ? sharedQueue : lanes[lane]!.queue, loop);
    say(
      `${loop.loopId} (${loop.kind}) ${ended.problem ?? `ended: ${ended.result?.committed} committed, ${ended.result?.rolledBack} rolled back, ${ended.result?.failed} failed`}; ${desk.struck.length} kills so far`,
    );
    return { ...loop, ...ended, lane: urlOf ? undefined : lane };
  };
  const queue = [...loops];
  const work = async (lane: number) => {
    const done: EndedLoop[] = [];
    for (let loop = queue.shift(); loop; loop = queue.shift()) done.push(await run(loop, lane));
    return done;
  };
  const ended = (
    await Promise.all(Array.from({ length: laneCount * perLane }, (_, index) => work(index % laneCount)))
  ).flat();
  await desk.close();
  await options.atEnd?.(server, desk.struck);
  await Promise.all(lanes.map((lane) => lane.stop()));
  await endMeanwhile?.();
  await model.stop();
  return {
    scratch,
    server,
    loops: ended,
    struck: desk.struck,
    unstruck: plan.flatMap(({ kills }) => kills).filter((kill) => !desk.struck.some((struck) => struck.kill === kill)),
    serverKills: desk.serverKills,
    executions: lanes.flatMap(({ paths }, lane) =>
      readLines<Execution>(paths.executions).map((execution) => ({ ...execution, lane })),
    ),
    calls: readdirSync(calls).flatMap((name) => readLines<ModelCall>(join(calls, name))),
    observed: watcher.stop(),
    faults: lanes.flatMap(({ faults }) => faults),
    async end() {
      await server.client.connection.close();
      await server.stop();
      await Promise.all(loops.map(({ repository }) => repository.remove()));
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

async function runLoop(
  { client }: DrillServer,
  queue: string,
  { loopId, config, kind }: DrillLoop,
): Promise<Pick<EndedLoop, 'result' | 'problem'>> {
  const args = kind === 'carried' ? [config, { perRun: 2 }] : [config];
  try {
    const handle = await patiently(() =>
      client.workflow.start('karpathyLoop', {
        workflowId: loopId,
        taskQueue: queue,
        args,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      }),
    );
    return {
      result: (await patiently(() => client.workflow.getHandle(handle.workflowId).result(), 1_200)) as LoopResult,
      problem: null,
    };
  } catch (error) {
    return { result: null, problem: messages(error).join(': ') };
  }
}

function messages(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...messages(error.cause)] : [];
}

interface Desk {
  struck: Struck[];
  serverKills: ServerKill[];
  arm(loopId: string): void;
  close(): Promise<void>;
}

interface DeskOptions extends Required<Pick<DrillOptions, 'plan' | 'stopMs' | 'say'>> {
  lanes: readonly Lane[];
  server: DrillServer;
  model: ModelServer;
}

/** Sees which kills have struck, and kills whom a worker cannot kill. */
function openDesk({ plan, lanes, server, model, stopMs, say }: DeskOptions): Desk {
  const kills = new Map(plan.flatMap((loop) => loop.kills.map((kill) => [kill.id, kill] as const)));
  const struck: Struck[] = [];
  const serverKills: ServerKill[] = [];
  const known = new Set<string>();
  const running: Promise<void>[] = [];
  const killServer = async () => {
    if (server.kill) serverKills.push(await server.kill());
  };
  const carryOut = async ({ id, victim }: Kill, lane: Lane) => {
    const acknowledge = () => writeFileSync(join(lane.paths.acknowledged, id), '');
    if (victim === 'server') await killServer();
    if (victim === 'model') await model.kill();
    if (victim === 'host') lane.destroy();
    if (victim === 'all') {
      signal(-lane.pid(), 'SIGKILL');
      await Promise.all([killServer(), model.kill()]);
    }
    if (victim === 'stop') {
      const pid = lane.pid();
      signal(pid, 'SIGSTOP');
      await sleep(stopMs);
      signal(pid, 'SIGCONT');
      // A git that its worker started before writes when the next attempt has long begun.
      await sleep(2_500);
    }
    acknowledge();
  };
  const look = () => {
    for (const [index, lane] of lanes.entries())
      for (const id of readdirSync(lane.paths.fired)) {
        if (known.has(id)) continue;
        known.add(id);
        const kill = kills.get(id)!;
        // The rename that marked it changed this time, and no other.
        struck.push({ kill, lane: index, at: statSync(join(lane.paths.fired, id)).ctimeMs });
        say(`kill ${struck.length}: ${kill.loopId} ${kill.step}: ${kill.at} (${kill.victim})`);
        if (!['worker', 'group'].includes(kill.victim)) running.push(carryOut(kill, lane));
      }
  };
  const timer = setInterval(look, 20);
  return {
    struck,
    serverKills,
    arm(loopId) {
      for (const kill of plan.find((loop) => loop.loopId === loopId)!.kills) {
        writeFileSync(join(lanes[0]!.paths.arms, `${kill.id}.json`), JSON.stringify(kill));
      }
    },
    async close() {
      look();
      clearInterval(timer);
      await Promise.all(running);
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just died of another kill.
  }
}
