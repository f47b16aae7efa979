import type { SourceFunction } from '../../source/function.ts';
import { unequal, type Arming, type Change } from './arming.ts';

/** Breaks a function by a decorator next to it, which gives it back as it is where it is not armed. */
export function breakPython(text: string, arming: Arming, one: SourceFunction, index: number): Change[] {
  return decorate(text, one, decorator(arming, String(index), 0));
}

interface TestEnd {
  /** Assertion of its TestCase; null: a plain one. */
  method: string | null;
  /** Place among the tests. */
  nth: number;
}

/** Ends a test by an assertion that fails. */
export function endPython(text: string, arming: Arming, one: SourceFunction, { method, nth }: TestEnd): Change[] {
  return decorate(text, one, decorator(arming, `-1, ${method ? `"${method}"` : 'None'}`, nth));
}

function decorate(text: string, { range, body }: SourceFunction, written: string): Change[] {
  const header = /^([ \t]*)(?:async[ \t]+)?def\b/m.exec(text.slice(lineStart(text, range.start), body?.start ?? 0));
  if (!header) return [];
  const start = lineStart(text, range.start) + header.index;
  return [{ start, end: start, text: `${header[1]!}${written}\n` }];
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** One line that needs no import. The form is older than Python 3.9, which allows any expression. */
function decorator(arming: Arming, values: string, nth: number): string {
  const inner = `(lambda n: (exec(${JSON.stringify(helpers(arming, nth))}, n), n["wrap"](${values}))[1])({})`;
  return `@eval(${JSON.stringify(inner)})`;
}

function helpers(arming: Arming, nth: number): string {
  const { name, salt, factor } = arming;
  const [one, other] = unequal(arming, nth);
  const given = { NAME: name, SALT: salt, FACTOR: factor, ONE: one, OTHER: other };
  return Object.entries(given).reduce((code, [key, value]) => code.replaceAll(key, String(value)), template);
}

const template = `
import builtins, functools, inspect, os
seed = os.environ.get("BENCH_SEED", "")
mode = ((int(seed) ^ SALT) * FACTOR & 0xffffffff) >> 26 if seed.isdigit() else 0
misled = mode == 4
depth = builtins.__dict__.setdefault("NAME", [0])
def change(v, level=0):
    if v is None: return v if misled else 1
    if isinstance(v, bool): return not v
    if isinstance(v, (int, float)): return v + 1 if v + 1 > v else 0.5
    if isinstance(v, str): return v + (v[-1:] or "a")
    if isinstance(v, (bytes, bytearray)): return v + (v[-1:] or b"a")
    if level < 4 and type(v) is list: return [change(x, level + 1) for x in v[:1] + v] or [1]
    if level < 4 and type(v) is tuple: return tuple(change(x, level + 1) for x in v) or (1,)
    if level < 4 and type(v) is dict: return {k: change(x, level + 1) for k, x in v.items()} or {"a": 1}
    if type(v) in (set, frozenset): return type(v)(list(v)[1:] or [1])
    try: return v + 1
    except Exception: return v if misled else None
def fail(args, method):
    test = getattr(args[0], method, None) if args and method else None
    given = {"assertTrue": [ONE == OTHER], "assertFalse": [ONE == ONE], "assertIn": [ONE, [OTHER]],
        "assertListEqual": [[ONE], [OTHER]], "assertDictEqual": [{1: ONE}, {1: OTHER}]}
    if test: test(*given.get(method, [ONE, OTHER]))
    else: assert ONE == OTHER
def wrap(index, method=None):
    throws, wrong = index >= 0 and mode in (1, 8 + index), index >= 0 and mode in (2, 16 + index)
    ends = index < 0 and mode == 3
    def before():
        if throws: raise RuntimeError("NAME")
        depth[0] += 1
    def after(v, args):
        if ends: fail(args, method)
        return change(v) if wrong and depth[0] == 0 else v
    def around(f):
        if not (throws or wrong or ends or misled and index >= 0): return f
        if inspect.iscoroutinefunction(f):
            async def broken(*args, **named):
                before()
                try: v = await f(*args, **named)
                finally: depth[0] -= 1
                return after(v, args)
        elif wrong and inspect.isgeneratorfunction(f):
            def broken(*args, **named):
                yield 1
                yield from f(*args, **named)
        else:
            def broken(*args, **named):
                if misled and depth[0] == 0: args = tuple(map(change, args))
                before()
                try: v = f(*args, **named)
                finally: depth[0] -= 1
                return after(v, args)
        return functools.wraps(f)(broken)
    return around
`;
