import type { LoopConfig } from '../config/loop-config.ts';
import { keepsAnswers } from '../config/plan.ts';
import { languageName, type Runtime } from '../source/runtime.ts';
import type { SourceFile } from '../source/function.ts';
import { headOf } from '../source/head.ts';
import { constantsFor, outlineOf } from '../source/outline.ts';
import { calleesOf, callersOf, type Related } from '../source/reach.ts';
import type { HypothesizeInput, Hotspot } from '../steps.ts';
import { createCoin, type DecisionPolicy } from '../verdict/decision.ts';
import { callsIn } from '../source/calls.ts';
import { findChoices, untried, type Choice } from './choices.ts';
import { hotCodesOf, type HotCode } from './hot-code.ts';
import { orderByTurn, pastIteration, removedLines, type PastIteration, type Remembered } from './memory.ts';
import type { Aim } from './wording.ts';

/** All that whoever proposes a hypothesis is told. Command sources get it as JSON on standard input. */
export interface Brief {
  version: 2;
  loopId: string;
  iteration: number;
  /** A seed of this iteration, attempt and answer. */
  seed: number;
  goal: Pick<DecisionPolicy, 'better' | 'minImprovement' | 'minDifference'> & {
    unit: string;
    /** "score": the number itself is to become better, and other answers may be the way; "speed": they stay. */
    aim: Aim;
    benchmark: string;
    test: string;
    /** They may become worse by this share at most. */
    sideMetrics: { name: string; worstAllowed: number }[];
  };
  /** The champion's metric, one run. */
  metric: number;
  hotspots: Hotspot[];
  /** The hotspots' code, that to work on first at the head. */
  hot: BriefedCode[];
  /** Editable files, hottest first, as many as fit. */
  files: { path: string; content: string }[];
  /** Named numbers that may be set to another value. */
  choices: Choice[];
  /** Past iterations, the newest last, at most 20. */
  history: PastIteration[];
  /** A person's words for whoever proposes; null where nobody said anything. */
  hint: string | null;
  /** The hypothesis that failed just before, to be repaired; else null. */
  previous: HypothesizeInput['previous'];
}

/** Hot code with what it has to do with. */
export interface BriefedCode extends HotCode {
  /** "JavaScript"; null where it is not known. */
  language: string | null;
  /** Says what it runs on and may use, one line each. */
  runtime: string[];
  /** Lines of the benchmark that call it. */
  benchmark: { file: string; code: string }[];
  callers: Related[];
  callees: Related[];
  /** Statements of its file that give the names which it uses. */
  constants: string[];
  /** One line for each function of its file. */
  outline: string;
  /** Lines that commits of this loop removed from its file. */
  removed: string[];
  /** Its comment and header without its body; null where nothing tells what it is to do. */
  head: string | null;
}

/** Facts that a brief is made of. */
export interface BriefFacts {
  loopId: string;
  config: LoopConfig;
  policy: Pick<DecisionPolicy, 'better' | 'minImprovement' | 'minDifference'>;
  input: HypothesizeInput;
  records: readonly Remembered[];
  /** Editable files, those with hotspots first. */
  sources: readonly SourceFile[];
  /** Files that the benchmark consists of. */
  benchmark: readonly { path: string; content: string }[];
  runtime: Runtime;
  /** Patches of this loop's commits, the newest first, as `git log -p` writes them. */
  log: string;
  /** Index among the answers that are drawn for one iteration, from 0. */
  sample?: number;
}

const maxHistory = 20;

export function toBrief(facts: BriefFacts): Brief {
  const { loopId, config, policy, input, records, sources } = facts;
  const { benchmark, test, sideMetrics } = config;
  const history = records.map(pastIteration);
  const since = history.filter((_, at) => records[at]!.champion === input.champion);
  const files = sources.map(({ path, content }) => ({ path, content }));
  // Odd, so that bold and safe questions alternate.
  const seed = (config.seed + input.iteration * 1_000 + 11 * (facts.sample ?? 0) + input.attempt) % 2 ** 31;
  const hot = orderByTurn(
    hotCodesOf(input.hotspots, sources, facts.benchmark),
    since,
    createCoin(seed - input.attempt)(),
  );
  return {
    version: 2,
    loopId,
    iteration: input.iteration,
    seed,
    goal: {
      ...policy,
      unit: benchmark.unit,
      aim: keepsAnswers(benchmark) ? 'speed' : 'score',
      benchmark: benchmark.command,
      test,
      sideMetrics: sideMetrics.map(({ name, worstAllowed }) => ({ name, worstAllowed })),
    },
    metric: input.metric,
    hotspots: input.hotspots,
    hot: hot.map((code) => briefed(code, facts)),
    files,
    choices: untried(findChoices(files), new Set(since.map(({ title }) => title))),
    history: history.slice(-maxHistory),
    hint: input.hint ?? null,
    previous: input.previous,
  };
}

function briefed(code: HotCode, { sources, benchmark, runtime, log }: BriefFacts): BriefedCode {
  const home = sources.find(({ path }) => path === code.file)!;
  const isWhole = code.name === null;
  const callers = isWhole ? [] : callersOf(code, sources);
  return {
    ...code,
    language: languageName(code.file),
    runtime: runtime(code.file),
    benchmark: callsIn(benchmark, [code, ...callers]),
    callers,
    callees: isWhole ? [] : calleesOf(code, sources),
    constants: isWhole ? [] : constantsFor(code, home),
    outline: isWhole ? '' : outlineOf(home),
    removed: removedLines(log, code.file, home.content),
    head: headOf(home, code.range.start),
  };
}
