import { textsIn } from './calls.ts';
import type { RepositoryFacts } from './plan.ts';

/** Arguments by the kind of parameter: for the first one of its kind, and for the next. */
const values: Record<string, [first: string, next: string]> = {
  '&str': ['&text', '&other'],
  '&[u8]': ['text.as_bytes()', 'other.as_bytes()'],
  String: ['text.clone()', 'other.clone()'],
  usize: ['text.len() % 7 + 1', 'other.len() % 7 + 1'],
  bool: ['true', 'false'],
  char: ["'a'", "'b'"],
};

const declaration = /^pub fn (\w+)\(([^()]*)\)\s*->\s*([^{;]+?)\s*\{/gm;
/** Types whose values can be printed. */
const plain =
  /^(?:&|'static|\b(?:[iu](?:8|16|32|64|128|size)|f32|f64|bool|char|str|String|Cow|Vec|Option)\b|[<>()[\], ])+$/;

/** Writes a program of a library's public functions of plain parameters that tests call; null where there are none. */
export function rustBenchmark({ files, texts }: RepositoryFacts): string | null {
  const library = texts.get('src/lib.rs');
  const manifest = texts.get('Cargo.toml') ?? '';
  const nameIn = (section: string) =>
    new RegExp(`^\\[${section}\\]\\n(?:(?!\\[).*\\n)*?name\\s*=\\s*"([\\w-]+)"`, 'm').exec(manifest)?.[1];
  const crate = (nameIn('lib') ?? nameIn('package'))?.replaceAll('-', '_');
  const all = files.filter((path) => path.endsWith('.rs')).map((path) => ({ path, text: texts.get(path) ?? '' }));
  const whole = all.map(({ text }) => text).join('\n');
  if (library === undefined || crate === undefined) return null;
  const calls = all
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(declaration)].flatMap(([, name = '', list = '', result = '']) => {
        const isPublic = path === 'src/lib.rs' || new RegExp(`^pub use [^;]*\\b${name}\\b`, 'm').test(library);
        const isCalled = new RegExp(`(?<!fn )\\b${name}\\(`).test(whole);
        const given = isPublic && isCalled && plain.test(result) ? argumentsFor(list) : null;
        return given === null ? [] : [`            look(draw(16) == 0, &${crate}::${name}(${given}));`];
      }),
    );
  const asserted = whole.split('\n').filter((one) => /assert/.test(one));
  const corpus = textsIn(asserted.join('\n')).slice(0, 60);
  if (calls.length === 0 || corpus.length === 0) return null;
  const list = corpus.map((one) => `    ${JSON.stringify(one)},`).join('\n');
  return `${head(crate)}\nconst TEXTS: &[&str] = &[\n${list}\n];\n${start}${calls.join('\n')}${end}`;
}

/** "a: &str, b: &str" gives "&text, &other"; null where nothing plain can be given, or no text. */
function argumentsFor(list: string): string | null {
  const types = list.split(',').flatMap((part) => (part.trim() ? [part.replace(/^[^:]*:/, '').trim()] : []));
  if (!types.every((type) => Object.hasOwn(values, type)) || !types.some((type) => /str|u8|String/.test(type)))
    return null;
  return types.map((type, index) => values[type]![types.indexOf(type) === index ? 0 : 1]).join(', ');
}

const head = (
  crate: string,
) => `// Written by "karpathy-loop init": what the tests call, with texts of theirs. Make it your own: a benchmark decides
// what is improved.
extern crate ${crate};

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::hint::black_box;
`;

const start = `
fn main() {
    let rounds: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20);
    let mut state: u64 = std::env::var("BENCH_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    let mut check = DefaultHasher::new();
    // Some of the results, drawn now: no program can know which.
    let mut look = |is_looked: bool, result: &dyn std::fmt::Debug| {
        if is_looked {
            format!("{:?}", result).hash(&mut check);
        } else {
            black_box(result);
        }
    };
    for _ in 0..rounds {
        for one in TEXTS {
            // New in every round: a cache of results that were seen before must not look like a gain.
            let text = format!("{} {} {}", one, TEXTS[draw(TEXTS.len())], draw(1000));
            let other = format!("{} {}", TEXTS[draw(TEXTS.len())], draw(1000));
`;

const end = `
        }
    }
    println!("CHECK {:x}", check.finish());
}
`;
