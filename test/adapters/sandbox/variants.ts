import { execFile } from 'node:child_process';
import { chownSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { probeCgroup } from '../../../adapters/sandbox/limits/cgroup.ts';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import type { LimitsLayer, SandboxRequest, SandboxResult } from '../../../adapters/sandbox/contract.ts';
import { hasBubblewrap, isRoot, makeDirectory } from './request.ts';

/** Any uid but root's; it needs no account. */
export const user = 54_321;

/** One way to hold a run: a limits layer, for one kind of user. */
export interface Variant {
  title: string;
  layer: LimitsLayer;
  /** Of the run's processes, on the host. */
  uid: number;
  /** Runs the requests one after the other. What they write must belong to `owner`. */
  run(requests: Record<string, SandboxRequest>): Promise<Record<string, SandboxResult>>;
  /** Makes a directory that the worker can give to a run to write. */
  makeWritable(): string;
}

/** Those that there are here: cgroups need root, and both users can be had only by root. */
export const variants: Variant[] = hasBubblewrap ? await listVariants() : [];

export const createModule = JSON.stringify(
  fileURLToPath(new URL('../../../adapters/sandbox/create.ts', import.meta.url)),
);

async function listVariants(): Promise<Variant[]> {
  if (!isRoot) return [here('polled, as this user', 'polled')];
  return [
    ...((await probeCgroup()) === null ? [] : [here('cgroup, as root', 'cgroup')]),
    here('polled, as root', 'polled'),
    {
      title: 'polled, as an ordinary user',
      layer: 'polled',
      uid: user,
      run: async (requests) => (await asUser(makeOwned(), requests)).results,
      makeWritable: makeOwned,
    },
  ];
}

function here(title: string, layer: 'cgroup' | 'polled'): Variant {
  const run: Variant['run'] = async (requests) => {
    const sandbox = await createSandbox({
      allowUnsandboxed: false,
      generatedDirectory: makeDirectory(),
      cgroup: layer === 'cgroup',
    });
    const results: Record<string, SandboxResult> = {};
    for (const [name, request] of Object.entries(requests)) results[name] = await sandbox.run(request);
    return results;
  };
  return { title, layer, uid: isRoot ? 65_527 : process.getuid!(), run, makeWritable: makeDirectory };
}

function makeOwned(): string {
  const directory = makeDirectory();
  chownSync(directory, user, user);
  return directory;
}

interface Answer {
  kind: string;
  limitsLayer: string;
  problems: string[];
  results: Record<string, SandboxResult>;
}

/** Runs the requests, and the self-test, in a worker of an ordinary user. */
export async function asUser(home: string, requests: Record<string, SandboxRequest>): Promise<Answer> {
  const script = `
    import { createSandbox } from ${createModule};
    const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: ${JSON.stringify(`${home}/generated`)} });
    const results = {};
    for (const [name, request] of Object.entries(${JSON.stringify(requests)})) {
      const result = await sandbox.run(request);
      results[name] = { ...result, left: result.left && [...result.left] };
    }
    console.log(JSON.stringify({ kind: sandbox.kind, limitsLayer: sandbox.limitsLayer, problems: await sandbox.selfTest(['node']), results }));`;
  const [file, ...args] = userCommand(script);
  const { stdout } = await promisify(execFile)(file!, args, {
    cwd: home,
    env: environmentIn(home),
    maxBuffer: 16 * 2 ** 20,
  });
  const answer = JSON.parse(stdout) as Answer;
  for (const result of Object.values(answer.results)) result.left &&= new Map(result.left);
  return answer;
}

export function userCommand(script: string): string[] {
  const tsx = fileURLToPath(import.meta.resolve('tsx/esm'));
  const identity = ['--reuid', String(user), '--regid', String(user), '--clear-groups', '--'];
  return ['setpriv', ...identity, process.execPath, '--import', tsx, '--input-type=module', '-e', script];
}

export function environmentIn(home: string): Record<string, string | undefined> {
  return { PATH: process.env.PATH, HOME: home, TMPDIR: home };
}

/** Whether runs find a Python: only that of the system is shown. */
export const hasPython = existsSync('/usr/bin/python3');
