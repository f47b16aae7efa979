import { basename, dirname, join } from 'node:path';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { writeAll } from '../sandbox/bubblewrap/etc-files.ts';
import { callgrind } from './callgrind.ts';
import { go } from './go.ts';
import { node } from './node.ts';
import { perf } from './perf.ts';
import type { Profiler } from './profiler.ts';
import { python } from './python.ts';

/** What is tried for each choice of `profile`: groups that share a run, until one finds something. */
export const profilers: Record<LoopConfig['profile'], readonly (readonly Profiler[])[]> = {
  auto: [[node, python, go], [perf]],
  callgrind: [[callgrind]],
  none: [],
};

/** Writes the files of profilers for the runs of anybody. */
export async function writeTools(group: readonly Profiler[], directory: string): Promise<void> {
  await writeAll(directory, {}, 0o755);
  for (const { files } of group)
    for (const [path, content] of Object.entries((await files?.()) ?? {}))
      await writeAll(join(directory, dirname(path)), { [basename(path)]: content }, 0o755);
}
