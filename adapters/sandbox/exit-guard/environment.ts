import { join } from 'node:path';

/**
 * Environment by which every Node.js and Python process of a run loads the exit guard (exit-guard.cjs, sitecustomize.py); nothing where nothing is watched.
 * @param root of the tree, as its files name themselves when they run
 * @param place of the exit guard, as the run can name it
 * @param environment of the run, whose own options are kept
 */
export function exitGuardEnvironment({
  watched = [],
  root,
  place,
  environment,
}: ExitGuardOptions): Record<string, string> {
  if (watched.length === 0) return {};
  const { NODE_OPTIONS, PYTHONPATH } = environment;
  const file = join(place, 'exit-guard.cjs').replace(/["\\]/g, '\\$&');
  return {
    NODE_OPTIONS: [`--require "${file}"`, ...(NODE_OPTIONS ? [NODE_OPTIONS] : [])].join(' '),
    PYTHONPATH: [place, ...(PYTHONPATH ? [PYTHONPATH] : [])].join(':'),
    KARPATHY_LOOP_WATCHED: JSON.stringify(watched.map((path) => join(root, path))),
  };
}

interface ExitGuardOptions {
  watched: string[] | undefined;
  root: string;
  place: string;
  environment: Record<string, string>;
}
