import { parseSource } from '../../../../adapters/parsers/parse.ts';
import { applyEdits } from '../../../../domain/proposal/edit.ts';
import { readAnswer } from '../../../../domain/proposal/answers/read-answer.ts';
import type { Form, Shown } from '../../../../domain/proposal/form.ts';

export const parse = (code: string, path: string) => parseSource(path, code);

/** Small files with something slow in each. */
export const sources = {
  'src/pairs.mjs': `import { log } from './log.mjs';

export let steps = 0;

/** Counts pairs of equal values. */
export function count(values) {
  let pairs = 0;
  for (const a of values) {
    for (const b of values) {
      steps++;
      if (a === b) pairs++;
    }
  }
  return pairs;
}

export const total = (values) => values.reduce((sum, value) => sum + value, 0);
`,
  'lib/words.py': `import re

LIMIT = 3


class Index:
    """Counts words."""

    def __init__(self, text):
        self.words = re.findall(r"\\w+", text)

    def common(self, n=LIMIT):
        found = []
        for word in self.words:
            count = 0
            for other in self.words:
                if other == word:
                    count += 1
            if (word, count) not in found:
                found.append((word, count))
        found.sort(key=lambda pair: (-pair[1], pair[0]))
        return found[:n]

    def size(self):
        return len(self.words)
`,
  'unique.go': `package lists

import "strings"

// Unique returns the different words of a text in their order.
func Unique(text string) []string {
	var result []string
	for _, word := range strings.Fields(text) {
		seen := false
		for _, other := range result {
			if other == word {
				seen = true
			}
		}
		if !seen {
			result = append(result, word)
		}
	}
	return result
}
`,
  'src/stack.js': `class Stack {
  constructor(size) {
    this.items = [];
    this.size = size;
  }

  find(item) {
    for (let i = 0; i < this.items.length; i++) {
      if (this.items[i] === item) return i;
    }
    return -1;
  }

  first() {
    return this.items[0];
  }
}

module.exports = { Stack };
`,
} as const;
export type Path = keyof typeof sources;

/** A question about one function of a file, or about all of it. */
export async function question(
  path: Path,
  name: string | null,
  { form = 'rewrite', content = sources[path] }: { form?: Form; content?: string } = {},
): Promise<Shown> {
  const found = (await parse(content, path))!.functions.find((one) => one.name === name);
  const files = [{ path, content }];
  return {
    form,
    files,
    target: form === 'rewrite' ? { file: path, function: name === null ? null : { name, ...found!.range } } : null,
  };
}

/** What an answer makes of the files that were shown, or the first problem. */
export async function read(
  text: string,
  shown: Shown,
): Promise<{ title: string; rationale: string | undefined; files: Record<string, string>; edits: number } | string> {
  const answer = await readAnswer(text, shown, parse);
  if (!answer.ok) return answer.problems[0]!;
  const { title, rationale, edits } = answer.value;
  const contents = new Map(shown.files.map(({ path, content }) => [path, content]));
  const edited = await applyEdits(edits, {
    isEditable: () => true,
    protection: () => null,
    read: (path) => Promise.resolve({ content: contents.get(path) ?? null }),
  });
  return edited.ok
    ? { title, rationale, files: Object.fromEntries(edited.files), edits: edits.length }
    : edited.problem;
}
