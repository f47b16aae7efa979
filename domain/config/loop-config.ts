import { z } from 'zod';
import { isRefName } from '../loop-id.ts';
import { groupsOf, hasOneGroup } from './groups.ts';

const share = z.number().gt(0).lt(1);
export const text = z.string().min(1);
const seconds = z.number().gt(0).max(86_400);
const count = z.int().min(1);
const hours = z.number().gt(0);
export const plainName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a plain name: letters, digits, ".", "_" and "-"');
const optionalText = text.optional();
const optionalName = plainName.optional();
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);
const relativePath = text.refine(
  (path) => !path.startsWith('/') && !path.split('/').includes('..') && !/[\0\n\\]/.test(path),
  'must be a path inside the repository, with "/" between its parts and no backslash',
);
const pattern = text.refine(hasOneGroup, {
  error({ input }) {
    const groups = groupsOf(String(input));
    const fact = typeof groups === 'string' ? `this one is none of JavaScript (${groups})` : `this one has ${groups}`;
    return `must be a regular expression with exactly one capture group, such as "^METRIC ms=([0-9.]+)$": ${fact}`;
  },
});
export const testCount = z
  .strictObject({ pattern: pattern.describe('Regular expression with one group; several matches are added up.') })
  .optional();
const harnessNames = ['go-bench', 'pytest-benchmark', 'vitest-bench', 'tinybench', 'criterion'] as const;
const pointer = z.strictObject({ pointer: z.string().startsWith('/', 'must be a JSON pointer, such as "/ms"') });
const place = z.union([z.strictObject({ pattern }), pointer]);
const metric = z
  .union([z.strictObject({ pattern }), pointer, z.strictObject({ harness: z.enum(harnessNames) })])
  .describe(
    'Where standard output says the number: {"pattern": "^METRIC ms=([0-9.]+)$"}, with one group and one match, or {"pointer": "/ms"} in JSON, or what a known harness prints. The unit behind the number is read. Else the command\'s time by the loop\'s clock, in ms.',
  )
  .optional();
const reader = optionalText.describe(
  'Command that prints the number in place of "command", by sh -c in a run of its own: on the base, with what "command" printed on its standard input. For a number that no clock can see.',
);
const better = oneOf('lower', 'higher').describe('Direction of the metric that is a gain.');
const noise = oneOf('measured', 'exact').describe(
  '"measured": the metric varies. "exact": it never does (bytes, allocations); one pair decides, one more confirms.',
);

export const loopConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('The JSON Schema, for completion in an editor. Not read by the loop.'),
    repository: text.describe(
      "The git repository: an absolute path on the worker's host, or a URL that any worker reaches (https, http, ssh, git, file, or user@host:path). Give no credentials here; git has its own.",
    ),
    base: text
      .regex(/^[^-\s][^\s]*$/, 'must be a revision, such as "HEAD" or "main"')
      .default('HEAD')
      .describe('Revision to start from. For a URL: HEAD, a branch, a tag or a full commit id.'),
    continues: text
      .refine(isRefName, 'must be the id of a loop, or what the ids of a series begin with, such as "nightly"')
      .optional()
      .describe(
        'Id of an earlier loop, or what the ids of a series begin with ("nightly" of a schedule): iteration 1 tries what the newest of them has committed, on this base, in place of a question.',
      ),
    branch: text.default('karpathy-loop/<loopId>').describe('Branch for the commits; "<loopId>" is the loop id.'),
    seed: z
      .int()
      .min(0)
      .max(0xffffffff)
      .default(1)
      .describe(
        'Seed of the model, and BENCH_SEED in setup and build. The order of the pairs is drawn afresh; its seed stands in the evidence.',
      ),
    editable: z
      .array(relativePath)
      .min(1)
      .describe(
        'Globs of the files that a hypothesis may change; "!" before a glob takes files out. Tests, benchmarks, manifests and tool configurations always come from the base.',
      ),
    directory: relativePath
      .default('.')
      .describe(
        'Directory, from the top of the repository, in which commands run and globs and paths of this file begin: a package of a monorepo. Left out: where the file lies, if it does not name the repository.',
      ),
    unprotected: z
      .array(relativePath)
      .default([])
      .describe(
        'Sources that only bear the name of a test, a benchmark or a library, by exact path: "editable" then opens them. Name nothing that tests or benchmark run by.',
      ),
    git: oneOf('none', 'sealed').describe(
      'What commands find as .git: "none", or "sealed", a read-only one of the base with its history and tags, for tests and builds that ask git.',
    ),
    setup: optionalText.describe(
      'Command that brings what the base needs ("npm ci"). Runs once per base and worker; with network if allowed.',
    ),
    provided: z.array(relativePath).default([]).describe('Paths that setup makes ("node_modules"), later read-only.'),
    build: optionalText.describe(
      'Command that builds a candidate. Runs once per candidate, in the sandbox; test and benchmark see its result.',
    ),
    workspace: oneOf('auto', 'readonly', 'copy').describe(
      'How runs see the tree: "readonly", or "copy" for a writable copy each. "auto": "readonly" if the base passes so.',
    ),
    test: text.describe(
      'Test command, by sh -c in the sandbox. Exit code 0 passes if as many tests ran as on the base.',
    ),
    testCount: testCount.describe(
      "Where the tests' output says how many ran. Left out: the lines that common test runners print.",
    ),
    flaky: oneOf('repeat', 'ignore').describe(
      'What a failure of nothing but tests that are flaky on the base means: "repeat" runs them up to 3 times, and one pass passes; "ignore" lets it pass, if all other tests ran.',
    ),
    guard: optionalName.describe(
      "Name of held-out tests in the worker's settings, run after the others. Only pass or fail is kept.",
    ),
    benchmark: z
      .strictObject({
        command: text.describe(
          'Benchmark command, by sh -c in the sandbox. It must exit with 0 and print exactly one metric.',
        ),
        reader,
        metric,
        unit: z
          .string()
          .max(32)
          .regex(/^[^\p{C}]*$/u)
          .default('ms')
          .describe(
            'Unit of the metric; a printed one is converted to it. For a time or a rate (ms, s, ops/s) alone the clock must see the gain too.',
          ),
        better,
        noise,
        clock: oneOf('cpu', 'wall', 'none').describe(
          'The loop\'s own clock, which must see a claimed gain too and is the metric where none is given: "cpu" time of the command, or "wall" time where waiting counts. "none": no clock can see the metric.',
        ),
        minDifference: z
          .number()
          .gt(0)
          .optional()
          .describe(
            'Gain that a commit needs as a difference, in the unit, in place of minImprovement: for scores around 0, of which no share makes sense.',
          ),
        harness: z
          .enum(harnessNames)
          .optional()
          .describe(
            'A harness whose output the loop reads, in place of "metric" and "unit": the time of a repeat, in ns; of several benchmarks their geometric mean.',
          ),
        floor: share
          .optional()
          .describe(
            'Worsening of one benchmark of a "harness" that a gain of the others may cost. Left out: 0.1, which is 10 %.',
          ),
        output: place
          .optional()
          .describe(
            'Where standard output says what was computed, such as a checksum: a pattern or a JSON pointer. It must be equal on both sides of every pair.',
          ),
      })
      .describe('The benchmark to improve.'),
    sideMetrics: z
      .array(
        z.strictObject({
          name: plainName.describe('Name of the side metric, in reports.'),
          command: text.describe('Command that measures it, by sh -c in the sandbox.'),
          reader,
          metric,
          better,
          noise,
          worstAllowed: z.number().min(0).lt(1).default(0.05).describe('Tolerated worsening, as a share: 0.05 is 5 %.'),
        }),
      )
      .max(8)
      .default([])
      .describe('Measurements that may not become worse; checked when the benchmark accepts. At most 8.'),
    minImprovement: share.default(0.05).describe('Gain that a commit needs, as a share: 0.05 is 5 %.'),
    falseCommitRate: share
      .default(0.001)
      .describe('Maximum chance that a decision accepts no gain. Long loops lower it to 0.05 / (2 × iterations).'),
    patience: z
      .number()
      .min(0.01)
      .max(0.5)
      .optional()
      .describe(
        'Level of the bet on a gain at which a candidate is given up: 0.05 takes most runs and misses least, 0.3 about half of them. Left out: by what a hypothesis costs beside a run. No level makes a false commit likelier.',
      ),
    iterations: count.max(100_000).default(50).describe('Iterations after which the loop ends.'),
    budget: z
      .strictObject({
        hours: hours
          .default(8)
          .describe(
            'Working time of the steps, in hours. Waiting for the machine or a worker, or asleep, does not count.',
          ),
        tokens: count.default(2_000_000).describe('Tokens of prompts and answers together.'),
        modelHours: hours
          .optional()
          .describe('Working time of questions to the model, in hours. Left out: only "hours".'),
        benchmarkHours: hours
          .optional()
          .describe('Working time of measuring candidates, in hours. Left out: only "hours".'),
        consecutiveFailures: count.default(20).describe('Failed iterations in a row.'),
        stagnation: count
          .default(10)
          .describe('Iterations in a row with nothing new to measure: no hypothesis, a refused edit, or a duplicate.'),
      })
      .prefault({})
      .describe('The loop ends when one of these is used up; looked at before each iteration.'),
    hypothesis: z
      .strictObject({
        source: oneOf('auto', 'ollama', 'openai', 'embedded', 'command', 'tune').describe(
          'Who proposes. "auto" takes Ollama if it answers, else the embedded engine; the others are never replaced. "tune" needs no model: it searches values of named constants.',
        ),
        model: text
          .max(200)
          .optional()
          .describe('Model of the server, such as "qwen2.5-coder:7b". Left out: chosen from those that it has.'),
        command: optionalName.describe("Name of a command source in the worker's settings."),
        answerTokens: z
          .int()
          .min(64)
          .max(131_072)
          .optional()
          .describe('Longest answer, in tokens. Left out: by the form of the question and the length of the code.'),
        contextTokens: z.int().min(512).max(1_048_576).default(16_384).describe("Context window, up to the model's."),
        repairs: z
          .int()
          .min(0)
          .max(5)
          .default(1)
          .describe('How often the model may mend a failed edit, build or test.'),
        samples: z
          .int()
          .min(1)
          .max(8)
          .optional()
          .describe(
            'Answers drawn for one iteration; of several, the most promising alone gets a verdict. Left out: 1 for a command, else by the times of model, tests and benchmark.',
          ),
      })
      .prefault({})
      .describe('Who proposes the changes.'),
    sandbox: z
      .strictObject({
        readOnly: z.array(plainName).default([]).describe("Names of read-only paths in the worker's settings."),
        devices: z.array(plainName).default([]).describe("Names of devices in the worker's settings."),
        environment: z.array(variable).default([]).describe('Names of environment variables that the worker allows.'),
      })
      .prefault({})
      .describe('What runs may use beside the tree, if the worker allows it.'),
    profile: oneOf('auto', 'callgrind', 'none').describe(
      'How the benchmark is profiled: "auto" takes the profilers of Node.js, Python and Go, else perf; "callgrind" counts instructions of compiled programs, 20 to 50 times slower; "none": never.',
    ),
    commit: z
      .strictObject({
        identity: z
          .string()
          .regex(/^[^<>\p{C}]+ <[^<>\s\p{C}]+>$/u, 'must be "Name <address>"')
          .default('Karpathy Loop <loop@localhost>')
          .describe('Author and committer of the commits.'),
      })
      .prefault({})
      .describe('How commits are made.'),
    limits: z
      .strictObject({
        testSeconds: seconds.default(120).describe('Maximum wall time of setup, of build and of test, in seconds.'),
        benchmarkSeconds: seconds.default(60).describe('Maximum wall time of one run of the benchmark, in seconds.'),
        memoryMiB: z.int().min(16).default(2048).describe('Maximum memory of one run, in MiB.'),
        processes: count.max(65_536).default(256).describe('Maximum number of processes and threads of one run.'),
        outputKiB: count.max(65_536).default(1024).describe('Maximum output of one run, in KiB.'),
        scratchMiB: count.default(256).describe('Maximum scratch space of one run, in MiB.'),
      })
      .prefault({})
      .describe('Limits on what one command may use; a run that exceeds one fails.'),
  })
  .meta({ title: 'LoopConfig', description: 'What one loop is to improve, and how.' });

/** One loop, with every default filled in. The same object in loop.json, in `--input` and in code. */
export type LoopConfig = z.infer<typeof loopConfigSchema>;

/** The same as a person writes it: defaults may be left out. @public */
export type LoopConfigInput = z.input<typeof loopConfigSchema>;

/** The results branch of a loop, without refs/heads/. */
export function branchOf({ branch }: Pick<LoopConfig, 'branch'>, loopId: string): string {
  return branch.replaceAll('<loopId>', loopId);
}

/** Takes the first value as the default. */
function oneOf<const T extends string>(first: T, ...others: T[]) {
  return z.enum([first, ...others]).default(first as z.util.NoUndefined<T>);
}
