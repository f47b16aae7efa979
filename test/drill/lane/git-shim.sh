#!/bin/sh
# Stands for git on the PATH of a drill's worker. A kill that is armed for a command and a place (the last part of the working directory) strikes
# once, before or after the real git; everything else goes straight on. `git` and `lane` are set above by whoever wrote this copy.
here=${PWD##*/}
case $here in *.git) here=${here%-*} ;; esac
arm=$lane/git/$here
[ -e "$arm" ] || exec "$git" "$@"
read -r command moment victim id < "$arm"
# Objects come into the repository by a fetch or, where little is new, unpacked.
case "$command $* " in
  *" $command "*) ;;
  "fetch "*" unpack-objects "*) ;;
  *) exec "$git" "$@" ;;
esac
input=/dev/null
case " $* " in *" update-ref "* | *" unpack-objects "*)
  # Whoever wrote it may be dead when it is wanted.
  input=$lane/git/input-$id
  cat > "$input"
  ;;
esac
run() {
  case $command in
    fetch | update-ref) "$git" "$@" < "$input" ;;
    *) "$git" "$@" ;;
  esac
}
strike() {
  mv "$arm" "$lane/fired/$id" 2> /dev/null || return
  case $victim in
    worker) kill -KILL "$PPID" ;;
    group) kill -KILL "-$PPID" ;;
    *) while [ ! -e "$lane/../acknowledged/$id" ]; do sleep 0.05; done ;;
  esac
}
# As a git leaves it that is killed after it has locked the refs of a transaction, and has moved none of them ("locked") or the first ("torn").
leave() {
  cat > "$input.refs"
  while read -r _ ref sha _; do
    mkdir -p "$(dirname ".git/$ref")"
    echo "$sha" > ".git/$ref.lock"
  done < "$input.refs"
}
changes() { grep -E '^(create|update|delete) ' "$input"; }
case $moment in
  locked)
    changes | leave
    strike
    ;;
  torn)
    { echo start; changes | head -n 1; echo prepare; echo commit; } > "$input.first"
    "$git" "$@" < "$input.first"
    changes | tail -n +2 | leave
    strike
    ;;
  before)
    strike
    # Only a worker that was stopped still waits for this.
    [ "$victim" = stop ] && run "$@"
    ;;
  after)
    run "$@"
    status=$?
    strike
    exit $status
    ;;
  late)
    strike
    sleep 9
    run "$@" > /dev/null 2>&1
    ;;
esac
