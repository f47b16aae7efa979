import { repeatable, type Call } from './calls.ts';

interface Module {
  path: string;
  named: string[];
  whole: string | null;
  calls: Call[];
}

/** Writes a benchmark of what tests call; null where they call nothing that can be repeated. */
export function nodeBenchmark(modules: readonly Module[], corpus: readonly string[]): string | null {
  const bindings = new Set<string>();
  const lines = modules.flatMap(({ path, named, whole, calls }, index) => {
    const used = named.filter(
      (name) => !bindings.has(name) && calls.some(({ callee }) => callee.split('.')[0] === name),
    );
    const isWholeUsed =
      whole !== null && !bindings.has(whole) && calls.some(({ callee }) => callee.split('.')[0] === whole);
    for (const name of [...used, ...(isWholeUsed ? [whole] : [])]) bindings.add(name);
    if (used.length === 0 && !isWholeUsed) return [];
    return [
      `import * as module${index} from '../${path}';`,
      ...(used.length > 0 ? [`const { ${used.join(', ')} } = { ...module${index}.default, ...module${index} };`] : []),
      ...(isWholeUsed ? [`const ${whole} = module${index}.default ?? module${index};`] : []),
    ];
  });
  const all = modules.flatMap(({ calls }) => calls).filter(({ callee }) => bindings.has(callee.split('.')[0]!));
  const calls = repeatable(all, corpus);
  if (calls.length === 0) return null;
  const written = calls.map(({ callee, args }) =>
    args === null
      ? `  [() => typeof ${callee}, (...args) => ${callee}(...args), (vary) => texts.slice(0, 40).map((one) => [vary(one)])],`
      : `  [() => typeof ${callee}, (...args) => ${callee}(...args), (vary) => [[${args}].map(vary)]],`,
  );
  return `// Written by "karpathy-loop init": what the tests call, with inputs of theirs. Make it your own: a benchmark decides what is improved.
import { createHash } from 'node:crypto';
${lines.join('\n')}

const rounds = Number(process.argv[2] ?? 20);
/** What the tests give to it. */
const texts = ${JSON.stringify(corpus.slice(0, 60), null, 2)};
const calls = [
${written.join('\n')}
];

${rest}`;
}

const rest = `// A seed that is new in every run: a cache of results that were seen before must not look like a gain.
let state = Number(process.env.BENCH_SEED ?? 1) >>> 0;
const draw = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const vary = (value) => {
  if (typeof value === 'number' && Number.isInteger(value) && value > 9) return value + draw(7);
  if (typeof value !== 'string' || value.length < 4) return value;
  if (/\\d/.test(value)) return value.replace(/\\d/g, (digit) => String((Number(digit) + draw(9)) % 10));
  return texts.length > 0 ? \`\${value} \${texts[draw(texts.length)]}\` : value;
};

/** Inputs are made before the clock starts. */
const inputs = (round) =>
  calls
    .filter(([type]) => type() === 'function')
    .flatMap(([, call, make]) => make(round === 0 ? (value) => value : vary).map((args) => [call, args]));
const hash = createHash('sha256');
const run = async (work, oneOf) => {
  const results = [];
  const before = process.cpuUsage();
  for (const [call, args] of work) {
    try {
      const result = call(...args);
      results.push(result instanceof Promise ? await result : result);
    } catch (error) {
      results.push(\`throws \${error?.name}\`);
    }
  }
  const { user, system } = process.cpuUsage(before);
  const show = (key, value) =>
    typeof value === 'function' ? 'function' : typeof value === 'bigint' ? \`\${value}n\` : value instanceof Map || value instanceof Set ? [...value] : value instanceof RegExp ? String(value) : value;
  // Some of them, drawn now: no program can know which, and to look at all would take longer than the work.
  const looked = results.filter(() => draw(oneOf) === 0);
  for (const result of looked) {
    try {
      hash.update(JSON.stringify(result, show) ?? 'undefined');
    } catch {
      hash.update('no JSON');
    }
  }
  return (user + system) / 1000;
};
const first = inputs(0);
if (first.length === 0) throw new Error('none of the functions is there');
await run(first, 1); // warm-up, with the tests' own inputs
let ms = 0;
for (let done = 0; done < rounds; done += 50) {
  const work = Array.from({ length: Math.min(50, rounds - done) }, () => inputs(1)).flat();
  ms += await run(work, 16);
}
console.log(\`METRIC ms=\${ms.toFixed(3)}\`);
console.log(\`CHECK \${hash.digest('hex').slice(0, 16)}\`);
`;
