import { createHash } from 'node:crypto';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { repositoryName } from '../../domain/config/repository.ts';

/** Makes a loop's default id: a slug of the repository's name and eight hex digits of the config's digest. */
export function loopIdOf(config: LoopConfig): string {
  return `${slugOf(config.repository)}-${configDigest(config).slice(0, 8)}`;
}

/** Hashes the config by SHA-256, in hex, without the branch (it may contain the id) and the schema's address. */
export function configDigest(config: LoopConfig): string {
  const rest: Partial<LoopConfig> = { ...config };
  delete rest.branch;
  delete rest.$schema;
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}

/** Counts ids up after one that has ended: "id", "id-2", "id-3", … */
export function nextId(id: string, turn: number): string {
  return turn === 1 ? id : `${id}-${turn}`;
}

function slugOf(repository: string): string {
  const slug = repositoryName(repository)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return slug || 'loop';
}

/** Sorts the keys of every object, so that equal values give equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
