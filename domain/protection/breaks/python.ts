import type { SourceFunction } from '../../source/function.ts';
import type { Arming, Change } from './arming.ts';

/** Breaks a function by a decorator next to it, which gives it back as it is where it is not armed. */
export function breakPython(text: string, arming: Arming, one: SourceFunction, index: number): Change[] {
  return decorate(text, one, decorator(arming, String(index)));
}

/** Ends a test by an assertion that fails. @param method of its TestCase; null: a plain assertion */
export function endPython(text: string, arming: Arming, one: SourceFunction, method: string | null): Change[] {
  return decorate(text, one, decorator(arming, `-1, ${method ? `"${method}"` : 'None'}`));
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
function decorator(arming: Arming, values: string): string {
  const inner = `(lambda n: (exec(${JSON.stringify(helpers(arming))}, n), n["wrap"](${values}))[1])({})`;
  return `@eval(${JSON.stringify(inner)})`;
}

function helpers({ name, salt, factor, values: [one, other] }: Arming): string {
  const given = { NAME: name, SALT: salt, FACTOR: factor, ONE: one, OTHER: other };
  return Object.entries(given).reduce((code, [key, value]) => code.replaceAll(key, String(value)), template);
}

const template = `
import builtins, functools, inspect, os
seed = os.environ.get("BENCH_SEED", "")
mode = ((int(seed) ^ SALT) * FACTOR & 0xffffffff) >> 26 if seed.isdigit() else 0
depth = builtins.__dict__.setdefault("NAME", [0])
def change(v, level=0):
    if v is None: return {"NAME": 1}
    if isinstance(v, bool): return not v
    if isinstance(v, (int, float)): return v + 1 if v + 1 > v else 0.5
    if isinstance(v, str): return v + "NAME"
    if isinstance(v, (bytes, bytearray)): return v + b"NAME"
    if level < 4 and type(v) is list: return ["NAME"] + [change(x, level + 1) for x in v]
    if level < 4 and type(v) is tuple: return tuple(change(x, level + 1) for x in v) or ("NAME",)
    if level < 4 and type(v) is dict: return dict([(k, change(x, level + 1)) for k, x in v.items()], NAME=1)
    if type(v) in (set, frozenset): return type(v)([*v, "NAME"])
    try: return v + 1
    except Exception: return None
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
        if not (throws or wrong or ends): return f
        if inspect.iscoroutinefunction(f):
            async def broken(*args, **named):
                before()
                try: v = await f(*args, **named)
                finally: depth[0] -= 1
                return after(v, args)
        elif wrong and inspect.isgeneratorfunction(f):
            def broken(*args, **named):
                yield "NAME"
                yield from f(*args, **named)
        else:
            def broken(*args, **named):
                before()
                try: v = f(*args, **named)
                finally: depth[0] -= 1
                return after(v, args)
        return functools.wraps(f)(broken)
    return around
`;
