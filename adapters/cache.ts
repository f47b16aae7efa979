import { LRUCache } from 'lru-cache';

export interface CacheOptions {
  /** Answers that are kept; then the one that was used longest ago goes. */
  max: number;
  /** Bytes of an answer, where large ones are not worth their memory. */
  sizeOf?: (answer: unknown) => number;
  /** Largest answer that is kept. */
  maxBytes?: number;
}

export type Cache = <T>(key: string, find: () => Promise<T>) => Promise<T>;

/**
 * Makes a cache of what stays the same for ever, as what an object id leads to does.
 * Those who ask meanwhile share one question; one that failed is asked again.
 * Two workers of one process may share a cache: keys name the clone by its absolute path.
 */
export function createCache({ max, sizeOf, maxBytes = 0 }: CacheOptions): Cache {
  // Answers and not their promises, each of which would keep the activity that first asked.
  const answers = new LRUCache<string, { answer: unknown }, () => Promise<unknown>>({
    max,
    ...(sizeOf && { maxEntrySize: maxBytes, sizeCalculation: ({ answer }) => sizeOf(answer) + 1 }),
    // An answer that others push out before it comes is still given to those who asked.
    ignoreFetchAbort: true,
    fetchMethod: async (_key, _old, { context }) => ({ answer: await context() }),
  });
  return async <T>(key: string, find: () => Promise<T>) =>
    (await answers.forceFetch(key, { context: find })).answer as T;
}
