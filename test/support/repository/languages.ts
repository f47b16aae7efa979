import { execFileSync } from 'node:child_process';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';

/** A small program that gives each word the place where it was first seen, with a test and a benchmark. */
export interface LanguageTarget {
  files: Record<string, string>;
  config: Partial<LoopConfigInput>;
  settings?: object;
  /** Function that takes most of the time, as the parser names it. */
  hot: { file: string; name: string; line: number };
}

const metric = { pattern: '^METRIC n=([0-9]+)$' };
const limits = {
  testSeconds: 600,
  benchmarkSeconds: 60,
  memoryMiB: 2048,
  processes: 256,
  outputKiB: 64,
  scratchMiB: 512,
};
const text = (...lines: string[]) => `${lines.join('\n')}\n`;

const python: LanguageTarget = {
  files: {
    'words/__init__.py': '',
    'words/counter.py': text(
      'class Counter:',
      '    def __init__(self):',
      '        self.seen = []',
      '',
      '    def add(self, word):',
      '        for place, known in enumerate(self.seen):',
      '            if known == word:',
      '                return place',
      '        self.seen.append(word)',
      '        return len(self.seen) - 1',
    ),
    'words/draw.py': text(
      'def draw(count):',
      '    state = 7',
      '    for _ in range(count):',
      '        state = (state * 6364136223846793005 + 1) % 2**64',
      '        yield f"w{(state >> 33) % 400}"',
    ),
    'bench.py': text(
      'from words.counter import Counter',
      'from words.draw import draw',
      'counter = Counter()',
      'total = sum(counter.add(word) for word in draw(20000))',
      'print(f"METRIC n={total}")',
    ),
    'check.py': text(
      'from words.counter import Counter',
      'counter = Counter()',
      'assert [counter.add(word) for word in "abacb"] == [0, 1, 0, 2, 1]',
    ),
  },
  config: {
    editable: ['words/**'],
    test: 'python3 check.py',
    benchmark: { command: 'python3 bench.py', metric },
    limits,
  },
  hot: { file: 'words/counter.py', name: 'Counter.add', line: 5 },
};

const counter = (types: boolean) =>
  text(
    'export class Counter {',
    types ? '  seen: string[] = [];' : '  seen = [];',
    '',
    types ? '  add(word: string): number {' : '  add(word) {',
    '    for (let place = 0; place < this.seen.length; place++)',
    '      if (this.seen[place] === word) return place;',
    '    this.seen.push(word);',
    '    return this.seen.length - 1;',
    '  }',
    '}',
  );
const bench = (path: string) =>
  text(
    `import { Counter } from '${path}';`,
    'const counter = new Counter();',
    'let [state, total] = [7, 0];',
    // In functions: V8 gives code that it optimises in the middle of a module to the module.
    'function draw() {',
    '  state = (state * 1103515245 + 12345) % 2147483648;',
    "  total += counter.add('w' + (state % 997));",
    '}',
    'function round() {',
    '  for (let index = 0; index < 1000; index++) draw();',
    '}',
    'for (let index = 0; index < 200; index++) round();',
    "console.log('METRIC n=' + total);",
  );
const check = (path: string) =>
  text(
    `import { Counter } from '${path}';`,
    'const counter = new Counter();',
    "if ([...'abacb'].map((word) => counter.add(word)).join() !== '0,1,0,2,1') process.exit(1);",
  );

const javascript: LanguageTarget = {
  files: {
    'src/counter.mjs': counter(false),
    'bench.mjs': bench('./src/counter.mjs'),
    'check.mjs': check('./src/counter.mjs'),
  },
  config: { editable: ['src/**'], test: 'node check.mjs', benchmark: { command: 'node bench.mjs', metric }, limits },
  hot: { file: 'src/counter.mjs', name: 'Counter.add', line: 4 },
};

const go: LanguageTarget = {
  files: {
    'go.mod': 'module example.org/words\n\ngo 1.20\n',
    'counter/counter.go': text(
      '// Package counter counts.',
      'package counter',
      '',
      'type Counter struct{ seen []string }',
      '',
      'func (c *Counter) Add(word string) int {',
      '\tfor place, known := range c.seen {',
      '\t\tif known == word {',
      '\t\t\treturn place',
      '\t\t}',
      '\t}',
      '\tc.seen = append(c.seen, word)',
      '\treturn len(c.seen) - 1',
      '}',
    ),
    'words_test.go': text(
      'package words',
      '',
      'import (',
      '\t"fmt"',
      '\t"testing"',
      '',
      '\t"example.org/words/counter"',
      ')',
      '',
      'func TestAdd(t *testing.T) {',
      '\tc := counter.Counter{}',
      '\tfor i, place := range []int{0, 1, 0, 2, 1} {',
      '\t\tif c.Add(string("abacb"[i])) != place {',
      '\t\t\tt.Fatal(i)',
      '\t\t}',
      '\t}',
      '}',
      '',
      'func BenchmarkAdd(b *testing.B) {',
      '\tc, state, total := counter.Counter{}, uint64(7), 0',
      '\tfor i := 0; i < 300000; i++ {',
      '\t\tstate = state*6364136223846793005 + 1',
      '\t\ttotal += c.Add(fmt.Sprintf("w%d", (state>>33)%997))',
      '\t}',
      '\tfmt.Printf("METRIC n=%d\\n", total)',
      '}',
    ),
  },
  config: {
    editable: ['counter/**'],
    build: 'go test -c -o ./bench.test',
    test: './bench.test -test.v',
    benchmark: {
      command: './bench.test -test.run=- -test.bench=. -test.benchtime=1x',
      metric: { pattern: '^(?:BenchmarkAdd\\S*\\s+)?METRIC n=([0-9]+)$' },
    },
    limits,
  },
  settings: { tools: ['node', 'go'] },
  hot: { file: 'counter/counter.go', name: 'Counter.Add', line: 6 },
};

/** The compiler's own directory: where it lies in a closed home, it is shown by a path of the worker's settings. */
function rustHome(): string {
  return execFileSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).trim();
}

function rust(): LanguageTarget {
  const home = rustHome();
  const compile = `${home}/bin/rustc -O --edition 2021`;
  return {
    files: {
      'src/counter.rs': text(
        'pub struct Counter { seen: Vec<String> }',
        '',
        'impl Counter {',
        '    pub fn new() -> Self { Counter { seen: Vec::new() } }',
        '',
        '    #[inline(never)]',
        '    pub fn add(&mut self, word: &str) -> usize {',
        '        for (place, known) in self.seen.iter().enumerate() {',
        '            if known == word { return place; }',
        '        }',
        '        self.seen.push(word.to_string());',
        '        self.seen.len() - 1',
        '    }',
        '}',
      ),
      'bench.rs': text(
        '#[path = "src/counter.rs"]',
        'mod counter;',
        'fn main() {',
        '    let (mut counter, mut state, mut total) = (counter::Counter::new(), 7u64, 0);',
        '    for _ in 0..200000 {',
        '        state = state.wrapping_mul(6364136223846793005).wrapping_add(1);',
        '        total += counter.add(&format!("w{}", (state >> 33) % 997));',
        '    }',
        '    println!("METRIC n={}", total);',
        '}',
      ),
      'check.rs': text(
        '#[path = "src/counter.rs"]',
        'mod counter;',
        'fn main() {',
        '    let mut counter = counter::Counter::new();',
        '    let places: Vec<usize> = "a b a c b".split(\' \').map(|word| counter.add(word)).collect();',
        '    assert_eq!(places, [0, 1, 0, 2, 1]);',
        '}',
      ),
    },
    config: {
      editable: ['src/**'],
      build: `mkdir -p out && ${compile} -o out/bench bench.rs && ${compile} -o out/check check.rs`,
      test: 'out/check',
      benchmark: { command: 'out/bench', metric },
      sandbox: { readOnly: ['rust'] },
      limits,
    },
    settings: { readOnlyPaths: { rust: home } },
    hot: { file: 'src/counter.rs', name: 'Counter.add', line: 7 },
  };
}

const c: LanguageTarget = {
  files: {
    'src/counter.c': text(
      '#include <string.h>',
      '#include "counter.h"',
      '',
      'static char seen[1024][16];',
      'static int count;',
      '',
      'int counter_add(const char *word)',
      '{',
      '  for (int place = 0; place < count; place++)',
      '    if (strcmp(seen[place], word) == 0) return place;',
      '  strcpy(seen[count], word);',
      '  return count++;',
      '}',
    ),
    'src/counter.h': 'int counter_add(const char *word);\n',
    'bench.c': text(
      '#include <stdio.h>',
      '#include <stdint.h>',
      '#include "src/counter.h"',
      'int main(void)',
      '{',
      '  uint64_t state = 7, total = 0;',
      '  char word[16];',
      '  for (int i = 0; i < 100000; i++) {',
      '    state = state * 6364136223846793005u + 1;',
      '    sprintf(word, "w%d", (int)((state >> 33) % 997));',
      '    total += counter_add(word);',
      '  }',
      '  printf("METRIC n=%lu\\n", (unsigned long)total);',
      '}',
    ),
    'check.c': text(
      '#include "src/counter.h"',
      'int main(void) { return counter_add("a") + counter_add("b") - 1 + counter_add("a"); }',
    ),
  },
  config: {
    editable: ['src/**'],
    build: 'cc -O1 -g -o bench bench.c src/counter.c && cc -o check check.c src/counter.c',
    test: './check',
    benchmark: { command: './bench', metric },
    limits,
  },
  hot: { file: 'src/counter.c', name: 'counter_add', line: 7 },
};
/** Made when asked for: some ask their compiler where it lies. */
export const languageTargets: Record<string, () => LanguageTarget> = {
  javascript: () => javascript,
  python: () => python,
  go: () => go,
  rust,
  c: () => c,
};

export const languageNeeds: Record<string, string> = {
  javascript: 'node',
  python: 'python3',
  go: 'go',
  rust: 'rustc',
  c: 'cc',
};
