import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compilingOf } from '../../domain/benchmark/compiling.ts';
import type { BenchmarkFacts } from '../../domain/benchmark/facts.ts';
import { splitCommand } from '../../domain/protection/readers/command-words.ts';
import { readProtectionFacts } from '../loop/protection-facts.ts';
import type { StepContext } from '../loop/context.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';

/** Bytes of a file that is read for what it names. */
const maxBytes = 256 * 1024;

/** Reads what the commands of a loop run: their texts, for the benchmark's harness, and what they compile each time. */
export async function readCommand(
  { worker, loop }: StepContext,
  { tree }: Pick<RunnableTree, 'tree'>,
): Promise<{ texts: string[] } & Pick<BenchmarkFacts, 'compiling'>> {
  const { config, baseSha } = loop.plan;
  const { scripts } = await readProtectionFacts(worker.cache, loop.clone, baseSha);
  const makefile = (await readText(tree, 'Makefile')) ?? undefined;
  const compiling: BenchmarkFacts['compiling'] = {};
  const texts: string[] = [];
  for (const [field, command] of [
    ['benchmark', config.benchmark.command],
    ['test', config.test],
  ] as const) {
    const name = /^\s*(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:.-]+)/.exec(command)?.[1];
    const written = (name !== undefined && scripts[name]) || command;
    const named = await readNamed(tree, written);
    const shell = named.flatMap(({ path, text }) => (path.endsWith('.sh') ? [text] : []));
    const [found] = [written, ...shell].flatMap((text) => compilingOf(text, { build: config.build, makefile }) ?? []);
    if (found) compiling[field] = found;
    if (field === 'benchmark') texts.push(command, written, ...named.map(({ text }) => text));
  }
  return { texts, compiling };
}

/** Reads the files of a tree that a command names. */
async function readNamed(tree: string, command: string): Promise<{ path: string; text: string }[]> {
  const paths = [...new Set(splitCommand(command).flat())].filter(
    (word) => /^[^/-]/.test(word) && !word.includes('..'),
  );
  const read = paths.map(async (path) => ({ path, text: await readText(tree, path) }));
  return (await Promise.all(read)).flatMap(({ path, text }) => (text === null ? [] : [{ path, text }]));
}

/** @returns null where there is no such file, or a long one */
async function readText(tree: string, path: string): Promise<string | null> {
  const facts = await lstat(join(tree, path)).catch(() => null);
  return facts?.isFile() && facts.size <= maxBytes ? readFile(join(tree, path), 'utf8') : null;
}
