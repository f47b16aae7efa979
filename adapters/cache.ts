import { LRUCache } from 'lru-cache';

interface CacheOptions {
  max: number;
  /** Bytes of an answer; one above `maxBytes` is not kept. */
  sizeOf?: (answer: unknown) => number;
  maxBytes?: number;
}

export type Cache = <T>(key: string, find: () => Promise<T>) => Promise<T>;

/** Makes a cache of what never changes. Those who ask meanwhile share one question; one that failed is asked again. */
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
