import { git } from '../../adapters/git/command.ts';
import { listFiles, readFiles, textOf, type TreeFile } from '../../adapters/git/trees.ts';
import { toolVersion } from '../../adapters/tool-version.ts';
import { packageScripts } from '../../domain/protection/protected-files.ts';
import { splitCommand } from '../../domain/protection/readers/command-words.ts';
import { languageName, manifestNames, runtimeBy, type Runtime } from '../../domain/source/runtime.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Bytes of a benchmark's file that is read; a longer one is data. */
const maxBytes = 64 * 1024;
/** Files of a benchmark, and commits of a log. */
const [maxFiles, maxCommits] = [6, 20];

/** Reads the text files of a tree. */
async function readTexts(
  { clone }: OpenLoop,
  files: readonly TreeFile[],
): Promise<{ path: string; content: string }[]> {
  const small = files.filter(({ mode, size }) => mode.startsWith('100') && size <= maxBytes);
  const blobs = await readFiles(clone, small);
  return small.flatMap(({ path, sha }) => {
    const content = textOf(blobs.get(sha)!);
    return content === null ? [] : [{ path, content }];
  });
}

/** Reads the files of the base that its benchmark consists of: those that its command names, else those that look like it. */
export async function readBenchmark(loop: OpenLoop): Promise<{ path: string; content: string }[]> {
  const { baseSha, config } = loop.plan;
  const files = await listFiles(loop.clone, baseSha);
  const [manifest] = await readTexts(
    loop,
    files.filter(({ path }) => path === 'package.json'),
  );
  const words = wordsOf(config.benchmark.command, packageScripts(manifest?.content ?? null));
  const named = files.filter(({ path }) => words.has(path));
  const isLike = ({ path }: TreeFile) =>
    /(^|[/_.-])bench(mark)?(es|s)?([/_.-]|$)|_test\.go$/i.test(path) && languageName(path) !== null;
  const found = named.length > 0 ? named : files.filter(isLike);
  return (
    await readTexts(
      loop,
      found.filter(({ path }) => !isHeldOut(loop, path)),
    )
  ).slice(0, maxFiles);
}

/** Paths that a command may name, through a script of the manifest and as a module of Python too. */
function wordsOf(command: string, scripts: Record<string, string>): Set<string> {
  const script = /^\s*(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:.-]+)/.exec(command)?.[1];
  const written = script !== undefined && Object.hasOwn(scripts, script) ? [command, scripts[script]!] : [command];
  const words = written.flatMap((text) => splitCommand(text).flat()).map((word) => word.replace(/^\.\//, ''));
  const modules = words.map((word) => word.replaceAll('.', '/'));
  return new Set([...words, ...modules.flatMap((name) => [`${name}.py`, `${name}/__main__.py`])]);
}

/** Tells if a path lies in the directory of the held-out tests: what is in there is told to nobody. */
export function isHeldOut({ grants, repository }: OpenLoop, path: string): boolean {
  return grants.guard !== null && `${repository}/${path}`.startsWith(`${grants.guard.directory}/`);
}

export async function readRuntime(loop: OpenLoop, paths: readonly string[]): Promise<Runtime> {
  const files = (await listFiles(loop.clone, loop.plan.baseSha)).filter(({ path }) =>
    manifestNames.includes(path.slice(path.lastIndexOf('/') + 1)),
  );
  const nearTop = files.sort((a, b) => a.path.length - b.path.length).slice(0, 50);
  const manifests = await readTexts(loop, nearTop);
  const languages = [...new Set(paths.map(languageName).filter((name) => name !== null))];
  const versions = languages.map(async (name) => [
    name,
    await loop.remember(`version ${name}`, () => toolVersion(name)),
  ]);
  const known = (await Promise.all(versions)).filter((entry): entry is [string, string] => entry[1] !== null);
  return runtimeBy(new Map(manifests.map(({ path, content }) => [path, content])), new Map(known));
}

/** Patches of the loop's commits, the newest first. */
export async function readLog({ clone, plan }: OpenLoop, champion: string, paths: readonly string[]): Promise<string> {
  if (champion === plan.baseSha || paths.length === 0) return '';
  const options = `log -p --first-parent --no-color --no-ext-diff --no-textconv --format= -n ${maxCommits}`.split(' ');
  return git(clone, [...options, '--end-of-options', `${plan.baseSha}..${champion}`, '--', ...paths]);
}
