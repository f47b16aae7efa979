import { join } from 'node:path';

/**
 * Environment by which every Node.js and Python process of a run loads the witness (witness.cjs, sitecustomize.py); nothing where nothing is watched.
 * @param root of the tree, as its files name themselves when they run
 * @param place of the witness, as the run can name it
 * @param environment of the run, whose own options are kept
 */
export function witnessEnvironment({ watched = [], root, place, environment }: WitnessOptions): Record<string, string> {
  if (watched.length === 0) return {};
  const { NODE_OPTIONS, PYTHONPATH } = environment;
  const file = join(place, 'witness.cjs').replace(/["\\]/g, '\\$&');
  return {
    NODE_OPTIONS: [`--require "${file}"`, ...(NODE_OPTIONS ? [NODE_OPTIONS] : [])].join(' '),
    PYTHONPATH: [place, ...(PYTHONPATH ? [PYTHONPATH] : [])].join(':'),
    KARPATHY_LOOP_WATCHED: JSON.stringify(watched.map((path) => join(root, path))),
  };
}

interface WitnessOptions {
  watched: string[] | undefined;
  root: string;
  place: string;
  environment: Record<string, string>;
}
