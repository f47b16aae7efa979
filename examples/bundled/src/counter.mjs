// Chains of the hash table, a power of two: the lowest bits of a key's hash say in which chain its entry is.
const BUCKETS = 8;

if ((BUCKETS & (BUCKETS - 1)) !== 0) throw new RangeError(`BUCKETS: is ${BUCKETS}; use a power of two`);

/** Counts how often each key was added. */
export function createCounter() {
  const chains = new Array(BUCKETS).fill(null);

  return {
    add(key) {
      const bucket = hash(key) & (BUCKETS - 1);
      let entry = chains[bucket];
      while (entry !== null && entry.key !== key) entry = entry.next;
      if (entry === null) chains[bucket] = { key, count: 1, next: chains[bucket] };
      else entry.count += 1;
    },
    /** One entry { key, count } for each key, in no particular order. */
    entries() {
      const entries = [];
      for (let entry of chains) {
        for (; entry !== null; entry = entry.next) entries.push(entry);
      }
      return entries;
    },
  };
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hash(key) {
  let bits = 2166136261;
  for (let index = 0; index < key.length; index++) bits = Math.imul(bits ^ key.charCodeAt(index), 16777619);
  return bits >>> 0;
}
