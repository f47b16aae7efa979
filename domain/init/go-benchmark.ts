import { textsIn } from './calls.ts';
import type { RepositoryFacts } from './plan.ts';

/** Kinds of parameters that texts and numbers of tests can be given to. */
const values: Record<string, string> = {
  string: 'text',
  '[]byte': '[]byte(text)',
  int: 'len(text)%7+1',
  bool: 'true',
};

const declaration = /^func ([A-Z]\w*)\(([^()]*)\) (?!\{)(?:\([^()]*\)|[^({]+) \{/gm;

/**
 * Writes a benchmark of the exported functions of plain parameters that the tests of a package call; null where there
 * are none.
 * @param isOf tells the files of the package
 */
export function goBenchmark({ files, texts }: RepositoryFacts, isOf: (path: string) => boolean): string | null {
  const [tests, sources] = [true, false].map((isTest) =>
    files.filter((path) => path.endsWith('.go') && isOf(path) && path.endsWith('_test.go') === isTest),
  ) as [string[], string[]];
  const testText = tests.map((path) => texts.get(path) ?? '').join('\n');
  const found = sources.flatMap((path) =>
    [...(texts.get(path) ?? '').matchAll(declaration)].flatMap(([, name = '', list = '']) => {
      const types = parameterTypes(list) ?? [];
      const isPlain = types.every((type) => type in values) && types.some((type) => /string|byte/.test(type));
      return isPlain && new RegExp(`\\b${name}\\(`).test(testText) ? [{ name, types }] : [];
    }),
  );
  const corpus = textsIn(testText).slice(0, 60);
  const packageName = /^package (\w+)/m.exec(texts.get(sources[0] ?? '') ?? '')?.[1];
  if (found.length === 0 || corpus.length === 0 || packageName === undefined) return null;
  const calls = found.map(({ name, types }) => `\t\t\tcheck(${name}(${types.map((type) => values[type]).join(', ')}))`);
  return `package ${packageName}

${head}
${corpus.map((one) => `\t${JSON.stringify(one)},`).join('\n')}
}

${start}
${calls.join('\n')}
${end}`;
}

const head = `// Written by "karpathy-loop init": what the tests call, with texts of theirs. Make it your own: a benchmark decides
// what is improved.

import (
\t"fmt"
\t"hash/fnv"
\t"math/rand"
\t"os"
\t"strconv"
\t"testing"
)

var karpathyLoopTexts = []string{`;

const start = `func BenchmarkKarpathyLoop(b *testing.B) {
\tseed, err := strconv.ParseInt(os.Getenv("BENCH_SEED"), 10, 64)
\tif err != nil {
\t\tseed = 1
\t}
\tdraw := rand.New(rand.NewSource(seed))
\tsum := fnv.New64a()
\tcheck := func(results ...any) { fmt.Fprint(sum, results...) }
\tfor i := 0; i < b.N; i++ {
\t\t// New in every repeat: a cache of results that were seen before must not look like a gain.
\t\tpart := karpathyLoopTexts[draw.Intn(len(karpathyLoopTexts))]
\t\tfor _, one := range karpathyLoopTexts {
\t\t\ttext := one + " " + part + strconv.Itoa(draw.Intn(1000))`;

const end = `\t\t}
\t}
\tif b.N > 1 {
\t\t// On a line of its own: the name of the benchmark stands before it.
\t\tfmt.Printf("\\nCHECK %x\\n", sum.Sum64())
\t}
}
`;

/** "a, b string, n int" gives ["string", "string", "int"]; null where a type cannot be told. */
function parameterTypes(list: string): string[] | null {
  const types: string[] = [];
  const parts = list.split(',').map((part) => part.trim());
  for (const part of parts.filter(Boolean).reverse()) {
    const own: string | undefined = /^\w+ (.+)$/.exec(part)?.[1] ?? types[0];
    if (own === undefined) return null;
    types.unshift(own);
  }
  return types;
}
