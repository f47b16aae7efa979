import { randomBytes } from 'node:crypto';
import type { ReplayLanguage } from '../../adapters/replay/languages.ts';
import type { Answer, CallRequest, ReplayCall } from '../../domain/replay/contract.ts';
import { toLine } from '../../domain/text.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { execute, explainRun } from '../measure/execute.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';
import { putBeside } from './stage.ts';

/** A staged tree whose functions can be called. */
export interface Callee {
  tree: MountedTree;
  language: ReplayLanguage;
}

export interface CallOptions {
  callMs: number;
  /** Longest duration of the whole run, in seconds. */
  seconds: number;
  traced?: string[];
}

export interface CallResult {
  /** Keyed by the call's id. A candidate's may be anything that JSON can hold. */
  answers: Map<number, Answer>;
  wallMs: number;
  /** Set where the run ended before the last answer: how. */
  broken: string | null;
}

const maxKiB = 32 * 1024;

/** Calls functions of a tree, all in one process of a run of its own. Answers are read as data. */
export async function callAll(
  context: StepContext,
  { tree, language }: Callee,
  calls: readonly ReplayCall[],
  { callMs, seconds, traced = [] }: CallOptions,
): Promise<CallResult> {
  const mark = randomBytes(8).toString('hex');
  const asked: CallRequest = { mark, callMs, traced, calls: [...calls] };
  await putBeside(tree.tree, 'calls.json', JSON.stringify(asked));
  const request = { ...tree, command: language.callCommand, seconds, outputKiB: maxKiB, benchSeed: null };
  const result = await exclusively(context, (held) => execute(held, request));
  const ids = new Set(calls.map(({ id }) => id));
  const answers = new Map(result.stdout.split('\n').flatMap((line) => parseAnswer(line, mark, ids)));
  const broken = answers.size === calls.length ? null : toLine(explainRun('replay', result), 300);
  return { answers, wallMs: result.wallMs, broken };
}

/** Longest duration of one call in ms: on the base, beyond which it is not compared, and on the candidate. */
const baseCallMs = 100;
export const candidateCallMs = 2_000;
/** Longest duration of a run of the base's calls, in seconds. */
const baseSeconds = 20;

/** Calls functions of the base. Begins anew behind a call that ends the run. @param traced see CallRequest */
export async function callPatiently(
  context: StepContext,
  callee: Callee,
  calls: readonly ReplayCall[],
  traced: string[] = [],
): Promise<Omit<CallResult, 'broken'>> {
  const answers: CallResult['answers'] = new Map();
  let rest = calls;
  let wallMs = 0;
  for (let turn = 0; turn < maxTurns && wallMs < maxWallMs && rest.length > 0; turn++) {
    const result = await callAll(context, callee, rest, { callMs: baseCallMs, seconds: baseSeconds, traced });
    for (const [id, answer] of result.answers) answers.set(id, answer);
    wallMs += result.wallMs;
    rest = rest.slice(result.answers.size + 1);
  }
  return { answers, wallMs };
}

const [maxTurns, maxWallMs] = [6, 30_000];

function parseAnswer(line: string, mark: string, ids: ReadonlySet<number>): [number, Answer][] {
  if (!line.startsWith(`${mark} `)) return [];
  try {
    const answer = JSON.parse(line.slice(mark.length + 1)) as Answer | null;
    return answer && ids.has(answer.id) ? [[answer.id, answer]] : [];
  } catch {
    return [];
  }
}
