export type Cache = <T>(key: string, find: () => Promise<T>) => Promise<T>;

/**
 * Asks once per process for what is the same for ever, as what a full object id leads to is; an answer that failed is asked for again.
 * @param most answers that are kept; then the one that was used longest ago is forgotten
 * @param isSmall which of them are worth their memory (default: all)
 */
export function remembering(most: number, isSmall: (answer: unknown) => boolean = () => true): Cache {
  // The answers and not their promises, each of which would keep the whole activity that first asked.
  const answers = new Map<string, { answer: unknown }>();
  const asked = new Map<string, Promise<unknown>>();
  const keep = (key: string, answer: unknown) => {
    if (!isSmall(answer)) return;
    answers.delete(key);
    answers.set(key, { answer });
    if (answers.size > most) answers.delete(answers.keys().next().value!);
  };
  return async <T>(key: string, find: () => Promise<T>) => {
    const known = answers.get(key) as { answer: T } | undefined;
    if (known) {
      keep(key, known.answer);
      return known.answer;
    }
    const asking = (asked.get(key) ?? find()) as Promise<T>;
    asked.set(key, asking);
    try {
      const answer = await asking;
      keep(key, answer);
      return answer;
    } finally {
      asked.delete(key);
    }
  };
}

/** Whether a name leads to the same object for ever; a ref does not. */
export function isObjectId(treeish: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(treeish);
}
