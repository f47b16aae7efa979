import { before, type Profiler } from './profiler.ts';

/** Runs what `go test` and `go run` have built: a test can profile itself. */
const exec = `#!/bin/sh
program=$1
shift
case $program in
  *.test) exec "$program" "-test.cpuprofile=$KARPATHY_LOOP_PROFILE/go-$$.pprof" "$@" ;;
esac
exec "$program" "$@"
`;

/** A test that the loop's build has made, with flags of its own: "./bench.test -test.bench=.". */
const builtTest = /(^|[\s;&|(])((?:[\w.-]*\/)+[\w.-]+\.test)(?= -test\.)/g;

export const go: Profiler = {
  name: 'pprof',
  files: () => Promise.resolve({ 'bin/karpathy-loop-go-exec': exec }),
  environment: ({ GOFLAGS }) => ({ GOFLAGS: before("'-exec={tools}/bin/karpathy-loop-go-exec'", GOFLAGS, ' ') }),
  wrap: (command) => command.replace(builtTest, '$1$2 "-test.cpuprofile=$$KARPATHY_LOOP_PROFILE/go-$$$$.pprof"'),
  slowdown: 2,
};
