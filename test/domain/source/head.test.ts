import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../adapters/parsers/parse.ts';
import { headOf } from '../../../domain/source/head.ts';

const head = async (path: string, content: string) => {
  const parsed = await parseSource(path, content);
  return headOf({ path, content, parsed }, parsed!.functions[0]!.range.start);
};

describe('the head of a function', () => {
  it.each([
    [
      'a.mjs',
      'const a = 1;\n/** Adds. */\nexport function add(a, b) {\n  return a + b;\n}\n',
      '/** Adds. */\nexport function add(a, b) {',
    ],
    [
      'a.ts',
      '// Adds\n// two.\nfunction add(a: number): number {\n  return a;\n}\n',
      '// Adds\n// two.\nfunction add(a: number): number {',
    ],
    ['a.py', 'def add(a, b):\n    """Adds."""\n    return a + b\n', 'def add(a, b):\n    """Adds."""'],
    ['a.py', '# Adds.\ndef add(a, b):\n    return a + b\n', '# Adds.\ndef add(a, b):'],
    [
      'a.go',
      'package a\n\n// Add adds.\nfunc Add(a, b int) int {\n\treturn a + b\n}\n',
      '// Add adds.\nfunc Add(a, b int) int {',
    ],
    ['a.rs', '/// Adds.\npub fn add(a: u8) -> u8 {\n    a\n}\n', '/// Adds.\npub fn add(a: u8) -> u8 {'],
    ['a.py', 'def add(a, b):\n    return a + b\n', null],
    ['a.mjs', 'class A {\n  // Adds.\n  add(b) {\n    return this.a + b;\n  }\n}\n', null],
    ['a.mjs', `// Adds.\nfunction add(a, b) {\n${'  a++;\n'.repeat(40)}}\n`, null],
    ['a.mjs', 'const one = 1; // one\nexport function add(a, b) {\n  return a + b;\n}\n', null],
  ])('%#: %s', async (path, content, expected) => {
    expect(await head(path, content)).toBe(expected);
  });
});
