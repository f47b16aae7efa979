import { repeatable, type Call } from './calls.ts';

/** Writes a benchmark of what tests call; null where they call nothing that can be repeated. */
export function pythonBenchmark(
  imports: readonly string[],
  all: readonly Call[],
  corpus: readonly string[],
): string | null {
  const calls = repeatable(all, corpus);
  if (calls.length === 0) return null;
  const written = calls.map(({ callee, args }) =>
    args === null
      ? `    (lambda: ${callee}, lambda: [pack(one) for one in TEXTS[:40]]),`
      : `    (lambda: ${callee}, lambda: [pack(${args.replace(/\s*\n\s*/g, ' ')})]),`,
  );
  return `# Written by "karpathy-loop init": what the tests call, with inputs of theirs.
# Make it your own: a benchmark decides what is improved.
${head}${imports.join('\n')}

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
# What the tests give to it.
TEXTS = [
${corpus.map((one) => `    ${JSON.stringify(one)},`).join('\n')}
]


def pack(*args, **options):
    return args, options


CALLS = [
${written.join('\n')}
]

${rest}`;
}

const rest = `# A seed that is new in every run: a cache of results that were seen before must not look like a gain.
rng = random.Random(int(os.environ.get("BENCH_SEED", "1")))


def vary(value):
    if isinstance(value, int) and not isinstance(value, bool) and value > 9:
        return value + rng.randrange(7)
    if not isinstance(value, str) or len(value) < 4:
        return value
    if re.search("[0-9]", value):
        return re.sub("[0-9]", lambda digit: str((int(digit.group()) + rng.randrange(9)) % 10), value)
    return value + " " + rng.choice(TEXTS) if TEXTS else value


def inputs(is_varied):
    made = []
    for get, make in CALLS:
        try:
            call = get()
        except AttributeError:
            continue
        for args, options in make():
            made.append((call, tuple(vary(one) for one in args) if is_varied else args, options))
    return made


checksum = hashlib.sha256()


def run(work, one_of):
    results = []
    before = time.process_time()
    for call, args, options in work:
        try:
            result = call(*args, **options)
            results.append(list(result) if isgenerator(result) else result)
        except Exception as error:
            results.append("raises " + type(error).__name__)
    took = time.process_time() - before
    # Some of them, drawn now: no program can know which, and to look at all would take longer than the work.
    for result in results:
        if rng.randrange(one_of) > 0:
            continue
        shown = sorted(map(repr, result)) if isinstance(result, (set, frozenset)) else repr(result)
        checksum.update(re.sub(" at 0x[0-9A-Fa-f]+", "", str(shown)).encode("utf-8", "replace"))
    return took


first = inputs(False)
if not first:
    sys.exit("none of the functions is there")
run(first, 1)  # warm-up, with the tests' own inputs
seconds = 0.0
for done in range(0, ROUNDS, 50):
    work = [one for _ in range(min(50, ROUNDS - done)) for one in inputs(True)]
    seconds += run(work, 16)
print(f"METRIC ms={seconds * 1000:.3f}")
print(f"CHECK {checksum.hexdigest()[:16]}")
`;

const head = `import hashlib
import os
import random
import re
import sys
import time
from inspect import isgenerator

sys.path.insert(0, os.getcwd())
`;
