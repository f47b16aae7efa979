import type { Hotspot } from '../steps.ts';
import { nameTests } from './flaky-tests.ts';

/** Says how a run failed by the first line alone, without what stands in quotes there, and without numbers. */
export function withoutChosenText(problem: string): string {
  const [fact = ''] = problem.split('\n', 1);
  return `${fact.replace(/".*"/, '"…"').replace(/\p{N}+(?:[.,]\p{N}+)*/gu, '#')} (${untold})`;
}

const untold = 'no more is told while tests are held out';

/** Says which of the base's own tests failed; the names of others may be messages. */
export function failedOfBase(failed: readonly string[], known: ReadonlySet<string>): string {
  const names = failed.filter((name) => known.has(name));
  return names.length === 0 ? '' : `\nfailed: ${nameTests(names)}`;
}

/** Keeps of a hotspot what its source has too: whoever writes the profile chooses the names in it. */
export function inSource({ calls: _, ...spot }: Hotspot, source: string): Hotspot {
  const { name, line } = spot;
  const own = name?.split('.').at(-1)?.replace(/#\d+$/, '');
  const isThere = own && line !== null && /^[\w$]+$/.test(own) && lineAt(source, line).includes(own);
  return isThere ? spot : { ...spot, name: null, line: null };
}

function lineAt(source: string, line: number): string {
  return source.split('\n', line)[line - 1] ?? '';
}
