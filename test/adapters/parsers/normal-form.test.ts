import { describe, expect, it } from 'vitest';
import { normalForm } from '../../../adapters/parsers/parse.ts';

const script =
  'export function sum(items) {\n  let total = 0;\n  for (const item of items) total += item.size;\n  return total;\n}\n';
const python =
  'def total(items, start=0):\n    size = start\n    for one in items:\n        size += one.size\n    return size\n';
const go =
  'package a\n\nfunc Sum(items []int) int {\n\ttotal := 0\n\tfor _, one := range items {\n\t\ttotal += one\n\t}\n\treturn total\n}\n';
const rust = 'pub fn sum(items: &[u32]) -> u32 {\n    let total = items.len() as u32;\n    total\n}\n';

describe('the normal form of a text', () => {
  it.each<[string, string, (text: string) => string]>([
    ['comments', 'a.mjs', () => script.replace('let total', '// The sum.\n  let /* it */ total')],
    ['white space and line ends', 'a.mjs', () => script.replace('total = 0', 'total   =\n 0').replaceAll('\n', '\r\n')],
    ['a local variable', 'a.mjs', () => script.replaceAll('total', 'amount')],
    ['a parameter', 'a.ts', () => script.replaceAll('items', 'all')],
    ['comments of Python', 'a.py', () => python.replace('size = start', 'size = start  # so far')],
    ['a local variable of Go', 'a.go', () => go.replaceAll('total', 'amount')],
    ['a local variable of Rust', 'a.rs', () => rust.replaceAll('total', 'amount')],
  ])('is the same with other %s', async (_what, path, change) => {
    const text = { py: python, go, rs: rust }[path.split('.')[1]!] ?? script;
    expect(change(text)).not.toBe(text);
    expect(await normalForm(path, change(text))).toBe(await normalForm(path, text));
  });

  it.each<[string, string, string, string]>([
    ['another number', 'a.mjs', script, script.replace('= 0', '= 1')],
    ['a property', 'a.mjs', script, script.replace('.size', '.length')],
    ['the name of a function', 'a.mjs', script, script.replace('sum', 'add')],
    ['a global in place of a local', 'a.mjs', 'f = (a) => a + b', 'f = (b) => b + b'],
    ['another global', 'a.mjs', 'f = (a) => a + b', 'f = (a) => a + c'],
    ['a shorthand', 'a.mjs', 'f = (a) => ({ a })', 'f = (b) => ({ b })'],
    ['two variables that change places', 'a.mjs', 'f = (a, b) => a - b', 'f = (a, b) => b - a'],
    ['the default of a parameter', 'a.mjs', 'f = (a = one) => a', 'f = (a = two) => a'],
    ['a text', 'a.mjs', 'f = () => " a"', 'f = () => "a"'],
    ['a template', 'a.mjs', 'f = () => `a  b`', 'f = () => `a b`'],
    ['a parameter of Python, which a caller may name', 'a.py', python, python.replaceAll('start', 'first')],
    ['an attribute', 'a.py', 'def f(a):\n    size = a\n    a.size = size\n', 'def f(a):\n    n = a\n    a.n = n\n'],
    ['indentation that is syntax', 'a.py', 'if a:\n    b()\n    c()\n', 'if a:\n    b()\nc()\n'],
    ['a docstring', 'a.py', 'def f():\n    "a"\n', 'def f():\n    "b"\n'],
  ])('differs by %s', async (_what, path, one, other) => {
    expect(other).not.toBe(one);
    expect(await normalForm(path, other)).not.toBe(await normalForm(path, one));
  });

  it.each([
    ['a.mjs', 'function ('],
    ['a.json', '{}'],
    ['a.py', `x = ${'('.repeat(200_000)}`],
  ])('has none for %s with %.20s', async (path, text) => {
    expect(await normalForm(path, text)).toBeNull();
  });
});
