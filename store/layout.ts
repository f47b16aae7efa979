import { join } from 'node:path';

/** Paths in a data directory; its names stand in this file only. */
export function dataPaths(data: string) {
  const at = (name: string) => join(data, name);
  return {
    /** The owner's settings for the worker. */
    settings: at('settings.json'),
    /** Settings that `run` wrote for its worker; `stop` ends a loop under them. */
    runSettings: at('run-settings.json'),
    checkSettings: at('check-settings.json'),
    workerId: at('worker-id'),
    bootId: at('boot-id'),
    workerLock: at('worker.lock'),
    runLock: at('run.lock'),
    workerLog: at('worker.log'),
    serverLog: at('temporal.log'),
    serverDatabase: at('temporal.db'),
    /** Address and process of the server that a `run` or the daemon keeps. */
    server: at('server.json'),
    /** The daemon's record of itself, and its log. */
    daemon: at('daemon.json'),
    daemonLog: at('daemon.log'),
    /** Files that the sandbox shows to its commands. */
    sandbox: at('sandbox'),
    loops: at('loops'),
    /** Loops as `verify` and `doctor` open them. */
    checks: at('checks'),
    /** Results of setup commands, shared by loops. */
    setups: at('setups'),
    /** Facts on bases, shared by loops. */
    bases: at('bases'),
    clones: at('clones'),
    /** Directories that are being removed. */
    removed: at('removed'),
    /** Which build the worker runs, and the builds. */
    selves: at('selves.json'),
    selvesLock: at('selves.lock'),
    builds: at('selves'),
    build: (commit: string) => join(data, 'selves', commit),
    /** The adoption that a person at this machine has ordered. */
    adoption: at('adoption.json'),
    loop: (loopId: string) => join(data, 'loops', encodeURIComponent(loopId)),
    check: (loopId: string) => join(data, 'checks', encodeURIComponent(loopId)),
    doctor: (run: string) => join(data, 'checks', `${doctorPrefix}${run}`),
    setup: (key: string) => join(data, 'setups', key),
    base: (key: string) => ({ facts: join(data, 'bases', key, 'facts.json'), lock: join(data, 'bases', key, 'lock') }),
  };
}

export const doctorPrefix = 'doctor-';

/** Paths in the directory of a loop or a check. */
export function loopPaths(directory: string) {
  const at = (...names: string[]) => join(directory, ...names);
  return {
    plan: at('plan.json'),
    lock: at('lock'),
    /** Files that runs of the base write into their copy of the tree. */
    baseWritten: (key: string) => at('base', `written-${key}.json`),
    /** Recorded calls of the base's functions, by language. */
    recorded: (language: string) => at('base', `recorded-${language}.json`),
    /** Runs of the base's tests over something broken. */
    baseBroken: (key: string) => at('base', `broken-${key}.json`),
    trees: at('trees'),
    tree: (key: string) => at('trees', key),
    collections: at('collected'),
    collected: (champion: string) => at('collected', champion, 'collected.json'),
    /** Why the loop leaves a champion, and for which. */
    failed: (champion: string) => at('collected', champion, 'failed.json'),
    /** What its profiles say, and where they lie until they are read, beside what makes them. */
    hotspots: (champion: string) => at('collected', champion, 'hotspots.json'),
    profile: (champion: string) => at('collected', champion, 'profile'),
    iterations: at('iterations'),
    profilers: (champion: string) => at('collected', champion, 'profilers'),
    watched: (champion: string) => at('collected', champion, 'watched.data'),
    iteration: (iteration: number) => at('iterations', String(iteration)),
    headToHead: (base: string, champion: string) => at('head-to-head', `${base.slice(0, 16)}-${champion.slice(0, 16)}`),
  };
}

/** Paths in the directory of a tree that commands run on. */
export function treePaths(directory: string) {
  const at = (name: string) => join(directory, name);
  return { exported: at('export'), built: at('built'), ownBuild: at('own-build.json') };
}

/** Paths in the directory of an iteration. */
export function iterationPaths(directory: string) {
  return {
    brief: (attempt: number, sample = '') => join(directory, `brief-${attempt}${sample}.json`),
    answer: (attempt: number, sample = '') => join(directory, `answer-${attempt}${sample}.json`),
    /** The answer to the question that asks again. */
    again: (attempt: number, sample = '') => join(directory, `answer-${attempt}${sample}-again.json`),
    screened: (tree: string) => join(directory, 'screened', tree),
    screenedResult: (tree: string) => join(directory, 'screened', tree, 'result.json'),
    testFailure: (tree: string) => join(directory, `failed-tests-${tree}.json`),
    decision: (tree: string) => join(directory, 'decisions', tree),
  };
}

/** Paths in the directory of a decision. */
export function decisionPaths(directory: string) {
  return {
    pairs: join(directory, 'pairs.jsonl'),
    attempt: (attempt: number) => join(directory, `attempt-${attempt}`),
    unseeded: join(directory, 'unseeded'),
    challenge: join(directory, 'challenge.json'),
    side: (metric: string) => join(directory, `side-${metric}`),
  };
}

/** Directories below a loop that its own commands fill, or in which nothing is temporary. */
export const closedDirectories: ReadonlySet<string> = new Set(['export', 'built', 'profile', 'decisions', 'lock']);
