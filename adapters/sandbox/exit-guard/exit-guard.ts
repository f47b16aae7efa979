import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxRequest } from '../contract.ts';

const names = ['exit-guard.cjs', 'exit-guard-slots.cjs', 'exit-guard-clocks.cjs', 'sitecustomize.py'];

/** Reads the files of the exit guard, which run inside as they are: content by name. */
export async function exitGuardFiles(): Promise<Record<string, string>> {
  const read = async (name: string) => [name, await readFile(new URL(name, import.meta.url), 'utf8')] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/**
 * Makes each Node.js and Python process load the exit guard if files are watched.
 * `root`: the tree, `place`: the exit guard, as the run names them.
 */
export function exitGuardEnvironment(request: SandboxRequest, root: string, place: string): Record<string, string> {
  const { watched = [], environment } = request;
  if (watched.length === 0) return {};
  const { NODE_OPTIONS, PYTHONPATH } = environment;
  const file = join(place, 'exit-guard.cjs').replace(/["\\]/g, '\\$&');
  return {
    NODE_OPTIONS: [`--require "${file}"`, ...(NODE_OPTIONS ? [NODE_OPTIONS] : [])].join(' '),
    PYTHONPATH: [place, ...(PYTHONPATH ? [PYTHONPATH] : [])].join(':'),
    KARPATHY_LOOP_WATCHED: JSON.stringify(watched.map((path) => join(root, path))),
  };
}
