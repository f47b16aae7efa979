import { z } from 'zod';

const share = z.number().gt(0).lt(1);
const command = z.string().min(1);
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a plain name: letters, digits, ".", "_" and "-"');
const relativePath = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..') && !/[\0\n\\]/.test(path),
    'must be a path inside the repository',
  );
export const patternSchema = z
  .string()
  .min(1)
  .refine(hasOneGroup, 'must be a regular expression with exactly one capture group, such as "^METRIC ms=([0-9.]+)$"');

const metric = z
  .union([
    z.strictObject({ pattern: patternSchema }),
    z.strictObject({ pointer: z.string().startsWith('/', 'must be a JSON pointer, such as "/ms"') }),
  ])
  .describe(
    "Where standard output says the number: a pattern with one group that matches exactly one line, or a JSON pointer. Left out: the command's time by the loop's own clock, in ms.",
  );

const noise = z
  .enum(['measured', 'exact'])
  .default('measured')
  .describe(
    '"measured": the metric varies from run to run. "exact": it never does (bytes, allocations); one pair decides and one more confirms.',
  );

export const loopConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('The JSON Schema, for completion in an editor. Not read by the loop.'),
    repository: z
      .string()
      .min(1)
      .describe(
        "The git repository: an absolute path on the worker's host, or a URL that any worker reaches (https, http, ssh, git, file, or user@host:path). Give no credentials here; git has its own.",
      ),
    base: z
      .string()
      .min(1)
      .regex(/^[^-\s][^\s]*$/, 'must be a revision, such as "HEAD" or "main"')
      .default('HEAD')
      .describe('Revision to start from. For a URL: HEAD, a branch, a tag or a full commit id.'),
    branch: z
      .string()
      .min(1)
      .default('karpathy-loop/<loopId>')
      .describe('Branch that gets the commits. "<loopId>" stands for the loop\'s id.'),
    seed: z
      .int()
      .min(0)
      .max(0xffffffff)
      .default(1)
      .describe(
        'Seed of the model. The order of the pairs is drawn anew for each decision; its seed stands in the evidence.',
      ),
    editable: z
      .array(relativePath)
      .min(1)
      .describe(
        'Globs of the files that a hypothesis may change; "!" before a glob takes files out. Tests, benchmarks, manifests and tool configurations always come from the base.',
      ),
    setup: command
      .optional()
      .describe(
        'Command that brings what the base needs ("npm ci"). Runs once per base and worker, in the sandbox; with network if the worker allows it.',
      ),
    provided: z
      .array(relativePath)
      .default([])
      .describe('Paths that setup makes, such as "node_modules". Every later run sees them read-only.'),
    build: command
      .optional()
      .describe(
        'Command that builds a candidate. Runs once per candidate, in the sandbox; test and benchmark see its result.',
      ),
    workspace: z
      .enum(['auto', 'readonly', 'copy'])
      .default('auto')
      .describe(
        'How test and benchmark see the tree: "readonly", or "copy" for a fresh writable copy in each run. "auto" takes "readonly" if the base passes so.',
      ),
    test: command.describe(
      'Test command, by sh -c in the sandbox. Exit code 0 passes if as many tests ran as on the base.',
    ),
    testCount: z
      .strictObject({
        pattern: patternSchema.describe('Regular expression with one group; several matches are added up.'),
      })
      .optional()
      .describe("Where the tests' output says how many ran. Left out: the lines that common test runners print."),
    guard: name
      .optional()
      .describe(
        "Name of held-out tests in the worker's settings, which run after the visible ones. Only pass or fail is kept of them.",
      ),
    benchmark: z
      .strictObject({
        command: command.describe(
          'Benchmark command, by sh -c in the sandbox. It must exit with 0 and print exactly one metric.',
        ),
        metric: metric.optional(),
        unit: z
          .string()
          .max(16)
          .regex(/^[^\p{C}]*$/u)
          .default('ms')
          .describe(
            'Unit of the metric. For a time or a rate (ms, s, ops/s) the clock must see the gain too; for any other unit no clock is asked.',
          ),
        better: z.enum(['lower', 'higher']).default('lower').describe('Direction of the metric that is a gain.'),
        noise,
        clock: z
          .enum(['cpu', 'wall', 'none'])
          .default('cpu')
          .describe(
            'The loop\'s own clock, which must see a claimed gain too and is the metric where none is given: "cpu" time of the command, or "wall" time where waiting counts. "none": no clock can see the metric.',
          ),
        output: metric
          .optional()
          .describe(
            'Where standard output says what was computed, such as a checksum: a pattern or a JSON pointer. It must be equal on both sides of every pair.',
          ),
      })
      .describe('The benchmark to improve.'),
    sideMetrics: z
      .array(
        z.strictObject({
          name: name.describe('Name of the side metric, in reports.'),
          command: command.describe('Command that measures it, by sh -c in the sandbox.'),
          metric: metric.optional(),
          better: z.enum(['lower', 'higher']).default('lower').describe('Direction of the metric that is a gain.'),
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
      .describe(
        'Maximum chance that one decision accepts a candidate without any gain. Long loops lower it to 0.05 / (2 × iterations).',
      ),
    iterations: z.int().min(1).max(100_000).default(50).describe('Iterations after which the loop ends.'),
    budget: z
      .strictObject({
        hours: z
          .number()
          .gt(0)
          .default(8)
          .describe('Working time of the steps, in hours. Time without a worker, or asleep, does not count.'),
        tokens: z.int().min(1).default(2_000_000).describe('Tokens of prompts and answers together.'),
        consecutiveFailures: z.int().min(1).default(20).describe('Failed iterations in a row.'),
      })
      .prefault({})
      .describe('The loop ends when one of these is used up.'),
    hypothesis: z
      .strictObject({
        source: z
          .enum(['auto', 'ollama', 'embedded', 'command'])
          .default('auto')
          .describe(
            'Who proposes. "auto" takes Ollama if it answers, else the embedded engine; the others are never replaced.',
          ),
        model: z
          .string()
          .min(1)
          .max(200)
          .optional()
          .describe('Ollama model, such as "qwen2.5-coder:7b". Left out: one that the server has.'),
        command: name.optional().describe("Name of a command source in the worker's settings."),
        contextTokens: z
          .int()
          .min(512)
          .max(1_048_576)
          .default(16_384)
          .describe("Context window, in tokens; at most the model's own."),
        repairs: z
          .int()
          .min(0)
          .max(5)
          .default(1)
          .describe('How often a failed edit, build or test goes back to the model with its error.'),
      })
      .prefault({})
      .describe('Who proposes the changes.'),
    sandbox: z
      .strictObject({
        readOnly: z.array(name).default([]).describe("Names of read-only paths in the worker's settings."),
        devices: z.array(name).default([]).describe("Names of devices in the worker's settings."),
        environment: z
          .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
          .default([])
          .describe("Names of environment variables that the worker's settings let through."),
      })
      .prefault({})
      .describe('What runs may use beside the tree, if the worker allows it.'),
    profile: z
      .enum(['auto', 'none'])
      .default('auto')
      .describe('"auto": profile the benchmark where it can be done (Node.js). "none": never.'),
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
        testSeconds: z
          .number()
          .gt(0)
          .max(86_400)
          .default(120)
          .describe('Maximum wall time of setup, of build and of test, in seconds.'),
        benchmarkSeconds: z
          .number()
          .gt(0)
          .max(86_400)
          .default(60)
          .describe('Maximum wall time of one run of the benchmark, in seconds.'),
        memoryMiB: z.int().min(16).default(2048).describe('Maximum memory of one run, in MiB.'),
        processes: z
          .int()
          .min(1)
          .max(65_536)
          .default(256)
          .describe('Maximum number of processes and threads of one run.'),
        outputKiB: z.int().min(1).max(65_536).default(1024).describe('Maximum output of one run, in KiB.'),
        scratchMiB: z.int().min(1).default(256).describe('Maximum scratch space of one run, in MiB.'),
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

/** Follows git-check-ref-format, and refuses names that look like options. */
export function isRefName(text: string): boolean {
  const parts = text.split('/');
  return (
    !/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|^-/.test(text) &&
    text !== '@' &&
    !text.endsWith('.') &&
    text.length <= 200 &&
    parts.every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

function hasOneGroup(text: string): boolean {
  try {
    return new RegExp(`${text}|`, 'm').exec('')?.length === 2;
  } catch {
    return false;
  }
}
