import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { decide, defaultPolicy, type Decision, type DecisionPolicy, type Pair } from '../domain/decision.ts';
import { CommandError, exitCodes } from './command-error.ts';
import { parseJson } from './json-text.ts';

const form = '{"pairs": [[champion, candidate], …], "minImprovement"?: 0.05, "a0"?: 0.001, "better"?: "lower"}';

export function define(command: Command): void {
  command.addHelpText('after', `\nInput: ${form}\nThe pairs are fed in order until the rule stops; exit code 2 on bad input.`).action(async () => {
    const { pairs, policy } = readInput(await text(process.stdin));
    process.stdout.write(`${JSON.stringify(decide(pairs, policy) satisfies Decision)}\n`);
  });
}

function readInput(input: string): { pairs: Pair[]; policy: DecisionPolicy } {
  const json = parseJson(input, 'standard input');
  if (!json.ok) throw new CommandError(json.problems, exitCodes.usage);
  const problems = inputProblems(json.value);
  if (problems.length > 0) throw new CommandError(problems, exitCodes.usage);
  const { pairs, ...policy } = json.value as { pairs: Pair[] } & Partial<DecisionPolicy>;
  return { pairs, policy: { ...defaultPolicy, ...policy } };
}

/** By hand and not by schema: this command answers in a script's inner loop and loads nothing that it does not need. */
function inputProblems(input: unknown): string[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return [`standard input: is not a JSON object; give ${form}`];
  const { pairs, minImprovement, a0, better, ...unknown } = input as Record<string, unknown>;
  const problems = Object.keys(unknown).map((key) => `${key}: unknown field; known here: pairs, minImprovement, a0, better`);
  if (!Array.isArray(pairs)) problems.push(`pairs: is not a list; give ${form}`);
  else
    pairs.forEach(
      (pair, index) => isPair(pair) || problems.push(`pairs.${index}: is ${JSON.stringify(pair)}; give [champion, candidate], two numbers above 0`),
    );
  for (const [name, value] of Object.entries({ minImprovement, a0 })) {
    if (value !== undefined && !(typeof value === 'number' && value > 0 && value < 1))
      problems.push(`${name}: is ${JSON.stringify(value)}; give a number between 0 and 1`);
  }
  if (better !== undefined && better !== 'lower' && better !== 'higher') problems.push(`better: is ${JSON.stringify(better)}; give "lower" or "higher"`);
  return problems.length > 10 ? [...problems.slice(0, 10), `and ${problems.length - 10} more`] : problems;
}

function isPair(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2 && pair.every((value) => typeof value === 'number' && Number.isFinite(value) && value > 0);
}
