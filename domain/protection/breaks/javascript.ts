import type { SourceFunction } from '../../source/function.ts';
import type { Arming, Change } from './arming.ts';

/** Breaks a function where it is armed; unarmed, its own text runs in its own scope. */
export function breakJavaScript(text: string, { name }: Arming, one: SourceFunction, index: number): Change[] {
  const { body, expression, isAsync, isGenerator, parameters } = one;
  const state = `${name}(${index})`;
  const given = (isAsync ? null : parameters) ?? [];
  const mislead = given.map((one) => `${one} = ${name}V(${one}, 0)`).join(', ') || '0';
  const [wait, wrong] = isAsync ? ['async ', `${name}A`] : ['', `${name}W`];
  const raised = `throw new Error("${name}");`;
  if (expression) {
    const own = text.slice(expression.start, expression.end);
    const broken = `(${name}D() && (${mislead}), ${wrong}(${wait}() => (${own})))`;
    const parts = [`${state} === 1 ? ${name}T()`, `${state} === 2 ? ${broken}`, `(${own})`];
    return [{ ...expression, text: `(${parts.join(' : ')})` }];
  }
  const own = body && text.slice(body.start, body.end);
  // Put into a block, a directive would be one no more.
  if (!body || own === null || /^\s*['"]use strict/.test(own)) return [];
  const first = ` if (${state} === 1) ${raised} `;
  const start = { start: body.start, end: body.start };
  if (isGenerator) return [{ ...start, text: `${first}if (${state} === 2) yield ${name}V(0, 0); ` }];
  if (!canBeWrongInJavaScript(one)) return [{ ...start, text: first }];
  const misled = `if (${name}D()) ${mislead}; return ${wrong}(${wait}() => {${own}\n});`;
  return [{ ...body, text: `${first}if (${state} !== 2) {${own}\n} else { ${misled} }` }];
}

/** A constructor gives what it makes, and a setter nothing. */
export function canBeWrongInJavaScript({ kind }: SourceFunction): boolean {
  return kind !== 'constructor' && kind !== 'setter';
}

/** Ends a test by an assertion that fails. @param statement see `failingAssertion` */
export function endJavaScript(text: string, { name }: Arming, one: SourceFunction, statement: string): Change[] {
  const { body, expression, isAsync, isGenerator } = one;
  const range = body ?? expression;
  if (!range || isGenerator) return [];
  const own = text.slice(range.start, range.end);
  const wait = isAsync ? 'async ' : '';
  const ended = (inner: string) => `${name}E(${wait}() => ${inner}, () => { ${statement} })`;
  return expression
    ? [{ ...expression, text: `(${name}(-1) ? ${ended(`(${own})`)} : (${own}))` }]
    : [{ ...range, text: ` if (${name}(-1)) return ${ended(`{${own}\n}`)}; ${own}` }];
}

/** What armed JavaScript needs at its end. Hoisted, since a module may call its functions before. */
export function javaScriptHelpers({ name, salt, factor }: Arming, isTyped: boolean): string {
  const code = `
function ${name}(i§) { const own§ = ${name}; if (own.m === undefined) {
  const all§ = globalThis; const seed§ = all.process && all.process.env.BENCH_SEED;
  const x§ = (seed ^ ${salt}) >>> 0;
  own.m = seed ? ((x & 65535) * ${factor} + (((x >>> 16) * ${factor}) % 65536) * 65536) >>> 26 : 0; }
  return i < 0 ? Number(own.m === 3) : own.m === 1 || own.m === 8 + i ? 1 : own.m === 2 || own.m === 4 || own.m === 16 + i ? 2 : 0; }
function ${name}D()§ { const all§ = globalThis; const own§ = ${name}; return own.m === 4 && !all[Symbol.for("${name}")]; }
function ${name}T()§ { throw new Error("${name}"); }
function ${name}W(run§)§ { const all§ = globalThis; const depth§ = Symbol.for("${name}"); all[depth] = (all[depth] || 0) + 1;
  let value§; try { value = run(); } finally { all[depth] -= 1; }
  return all[depth] > 0 ? value : ${name}R(value); }
function ${name}A(run§)§ { return (async () => ${name}R(await run()))(); }
function ${name}R(value§)§ { const own§ = ${name}; return own.m === 4 ? value : ${name}V(value, 0); }
function ${name}V(value§, level§)§ {
  const next = (inner§) => ${name}V(inner, level + 1);
  if (typeof value === "number") return value + 1 > value ? value + 1 : 0.5;
  if (typeof value === "bigint") return value + BigInt(1);
  if (typeof value === "string") return value + (value.slice(-1) || "a");
  if (typeof value === "boolean") return !value;
  const kept§ = ${name}; const other§ = kept.m === 4 ? value : null;
  if (value === null || value === undefined) return kept.m === 4 ? value : 1;
  if (typeof value === "function") return other;
  if (typeof value.then === "function") return value.then((inner§) => ${name}V(inner, level));
  if (Array.isArray(value) && level < 4) return value.length ? [...value.slice(0, 1), ...value.slice(0, 100000)].map(next) : [1];
  const form§ = Object.getPrototypeOf(value);
  if (typeof value !== "object" || level > 3 || (form && Object.getPrototypeOf(form))) return other;
  const changed§ = {}; for (const key of Object.keys(value)) changed[key] = next(value[key]);
  return Object.keys(changed).length ? changed : { a: 1 }; }
function ${name}E(run§, fail§)§ { const value = run();
  if (value && typeof value.then === "function") return value.then((inner§) => { fail(); return inner; });
  fail(); return value; }
`;
  return code.replaceAll('§', isTyped ? ': any' : '');
}
