# Trains in a process that may read neither what judges it nor the history, and start nothing.
# A profiler cannot look into such a process; the number of its run is thrown away.
[ -n "$KARPATHY_LOOP_PROFILE" ] && exec node train.mjs
set --
for entry in "$PWD"/* "$PWD"/.[!.]*; do
  case $entry in "$PWD/judge" | "$PWD/.git") ;; *) set -- "$@" "--allow-fs-read=$entry" ;; esac
done
# What the run may write goes with it. The loop's recorder of calls needs it.
[ -n "$TMPDIR" ] && set -- "$@" "--allow-fs-read=$TMPDIR" "--allow-fs-write=$TMPDIR"
exec node --no-warnings --experimental-permission "$@" train.mjs
