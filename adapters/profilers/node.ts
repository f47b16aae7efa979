import type { Profiler } from './profiler.ts';

/**
 * Stands before the real `node` on PATH, since NODE_OPTIONS may not hold --cpu-prof. Without inlining: V8 gives an inlined
 * function's time to its caller.
 */
const shim = `#!/bin/sh
IFS=:
for directory in $PATH; do
  [ "$directory" = "\${0%/*}" ] && continue
  [ -x "$directory/node" ] && exec "$directory/node" --no-turbo-inlining --cpu-prof "--cpu-prof-dir=$KARPATHY_LOOP_PROFILE" "$@"
done
echo "node: not found" >&2
exit 127
`;

export const node: Profiler = {
  name: 'node --cpu-prof',
  files: () => Promise.resolve({ 'bin/node': shim }),
  slowdown: 2,
};
