import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { insideHome } from '../../adapters/sandbox/bubblewrap/etc-files.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { elsewhere } from './elsewhere.ts';
import type { RunnableTree } from './runnable-tree.ts';
import { asksGit, gitHint, strayHint } from './stray.ts';
import { uncommittedNamedBy } from './uncommitted.ts';

/**
 * Names differences from a person's checkout at which a command's failure on the base may lie.
 * @param failure what its run printed
 */
export async function hintsFor(
  loop: OpenLoop,
  field: string,
  tree: Pick<RunnableTree, 'provided'> | null,
  failure: string,
): Promise<string[]> {
  const stray = tree && (await strayHint(loop, tree));
  const named = failure.slice(0, 20_000);
  const absent = (await elsewhere(loop)).filter(({ path }) => named.includes(path)).map(({ note }) => note);
  return [
    ...(await uncommittedNamedBy(loop, field, named)),
    ...absent,
    ...ofSandbox(field, named, loop.plan.config),
    ...(stray === null ? [] : [stray]),
  ];
}

function ofSandbox(field: string, failure: string, { workspace }: LoopConfig): string[] {
  const hints: string[] = [];
  if (asksGit.test(failure)) hints.push(`${field}: ${gitHint}`);
  const read = new RegExp(`${insideHome}/([^\\s'":,)]+)`).exec(failure)?.[1];
  const outside = read === undefined ? null : sharedDirectory(read);
  if (outside !== null)
    hints.push(
      `${field}: reads ${insideHome}/${read}, and the home inside is empty; ${join(homedir(), read!)} is there: let runs read it with ` +
        `"sandbox": { "readOnly": ["home-data"] } and HOME=${homedir()} before the command in loop.json, and --allow-read-only home-data=${outside}`,
    );
  else if (failure.includes(insideHome))
    hints.push(
      `${field}: the home of its user (${insideHome}) is empty and read-only; ` +
        'put HOME=$TMPDIR before the command where tests need one, and let in what they read there with --allow-read-only',
    );
  const isClosed = /EROFS|Read-only file system/i.test(failure);
  if (isClosed && /\bnode_modules\//.test(failure))
    hints.push(
      `${field}: writes into node_modules, which is read-only there but for .vite, .vite-temp and .cache; ` +
        'let the tool keep its cache in $TMPDIR',
    );
  else if (isClosed && workspace === 'readonly' && !failure.includes(insideHome))
    hints.push(`${field}: writes into the tree, which is read-only in runs; set "workspace" to "copy"`);
  return hints;
}

/** Directory of the person's home in which a path that a test reads lies: two levels of a hidden one, such as .cache/name. */
function sharedDirectory(path: string): string | null {
  if (!existsSync(join(homedir(), path))) return null;
  const parts = path.split('/');
  const depth = Math.max(1, Math.min(parts.length - 1, parts[0]!.startsWith('.') ? 2 : 1));
  return join(homedir(), ...parts.slice(0, depth));
}
