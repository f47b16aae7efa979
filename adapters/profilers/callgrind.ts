import { findOnPath } from '../sandbox/tools.ts';
import { quoted, type Profiler } from './profiler.ts';

/** Names and lines are written out, so that the reader need not know the short forms. */
const options = '-q --trace-children=yes --vgdb=no --compress-strings=no --compress-pos=no';

/** Counts instructions of any compiled program, on a processor of its own making. */
export const callgrind: Profiler = {
  name: 'callgrind',
  wrap: (command) =>
    `exec valgrind --tool=callgrind ${options} "--callgrind-out-file=$KARPATHY_LOOP_PROFILE/callgrind.out.%p" /bin/sh -c ${quoted(command)}`,
  slowdown: 60,
  unusable: () =>
    Promise.resolve(findOnPath('valgrind') ? null : 'valgrind is not there; install it (apt install valgrind)'),
};
