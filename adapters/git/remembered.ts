type Remembered = <T>(key: string, find: () => Promise<T>) => Promise<T>;

/**
 * Asks once per process for what is the same for ever, as what a full object id leads to is; an answer that failed is asked for again.
 * @param most answers that are kept; then the oldest is forgotten
 * @param isSmall which of them are worth their memory (default: all)
 */
export function remembering(most: number, isSmall: (answer: unknown) => boolean = () => true): Remembered {
  const memory = new Map<string, Promise<unknown>>();
  return (key, find) => {
    const known = memory.get(key) as ReturnType<typeof find> | undefined;
    if (known) return known;
    const found = find();
    memory.set(key, found);
    found.then(
      (answer) => isSmall(answer) || memory.delete(key),
      () => memory.delete(key),
    );
    if (memory.size > most) memory.delete(memory.keys().next().value!);
    return found;
  };
}

/** Whether a name leads to the same object for ever; a ref does not. */
export function isObjectId(treeish: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(treeish);
}
