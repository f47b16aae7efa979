/**
 * Finds JavaScript and Python that ends processes, catches uncaught errors, or replaces clocks or printing, outside
 * comments and strings. Best effort.
 */
export function interferes(source: string): boolean {
  const python = source.replace(pythonToken, ' ').replace(scriptComment, ' ');
  if (pythonCalls.test(python)) return true;
  if (pythonLine.test(python)) return /(?<![\w.])(exit|quit)\(/.test(python);
  const script = source.replace(scriptToken, keepNames);
  return (
    scriptCalls.test(script) || replaced.test(script) || importedEnds(script).some((name) => isCalled(name, script))
  );
}

const scriptComment = /\/\/.*|\/\*[^]*?(\*\/|$)/g;
/** Comments and strings; a template may hold code, and is left. */
const scriptToken = /\/\/.*|\/\*[^]*?(\*\/|$)|`(\\[^]|[^`\\])*`|"(\\[^]|[^"\\\n])*"|'(\\[^]|[^'\\\n])*'/g;
const pythonToken = /#.*|"{3}[^]*?("{3}|$)|'{3}[^]*?('{3}|$)|"(\\[^]|[^"\\\n])*"|'(\\[^]|[^'\\\n])*'/g;
const ends = 'exit|reallyExit|abort|kill';
const scriptCalls = new RegExp(
  `\\bprocess\\s*\\??\\.\\s*(${ends})\\s*(\\?\\.\\s*)?\\(|\\.\\s*(on|once|addListener|prependListener)\\s*\\(\\s*'uncaughtException'`,
);
const replaced = new RegExp(
  '(?<![\\w$.])(?:(?:globalThis\\.)?(?:(?:console|performance|JSON|Date(?:\\.prototype)?)\\.\\w+|process\\.(?:cpuUsage|hrtime|memoryUsage|resourceUsage|uptime|std(?:out|err)\\.\\w+))|' +
    'globalThis\\.(?:console|performance|Date|JSON|process|set(?:Timeout|Interval|Immediate)))\\s*=(?![=>])|' +
    '\\bdefineProperty\\s*\\(\\s*(?:globalThis|console|performance|Date|JSON|process)\\b',
);
const pythonCalls = /\bos\s*\.\s*(_exit|abort|kill|exec[lv]p?e?)\s*\(|\bsys\s*\.\s*exit\s*\(|\braise\s+SystemExit\b/;
/** Such as no JavaScript has. */
const pythonLine = /^[ \t]*(def .*:|import [\w., \t]+|from [\w.]+ import [\w., \t*()]+)[ \t\r]*$/m;

function keepNames(token: string): string {
  if (token.startsWith('/')) return ' ';
  if (token.startsWith('`')) return token;
  const text = token.slice(1, -1);
  return /^(uncaughtException|(node:)?process)$/.test(text) ? `'${text}'` : "''";
}

/** Returns the local names of imported ends, such as quit of `import { exit as quit } from 'node:process'`. */
function importedEnds(source: string): string[] {
  const lists = [
    ...source.matchAll(/\bimport\s*(?:[\w$]+\s*,\s*)?\{([^{}]*)\}\s*from\s*'(?:node:)?process'/g),
    ...source.matchAll(
      /\{([^{}]*)\}\s*=\s*(?:globalThis\s*\.\s*)?(?:process\b|require\s*\(\s*'(?:node:)?process'\s*\))/g,
    ),
  ].flatMap(([, list = '']) => list.split(','));
  const end = new RegExp(`^\\s*(?:${ends})(?:\\s+as\\s+|\\s*:\\s*)([\\w$]+)\\s*$|^\\s*(${ends})\\s*$`);
  return lists.flatMap((one) => end.exec(one)?.slice(1).filter(Boolean) ?? []);
}

function isCalled(name: string, source: string): boolean {
  return new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}\\s*\\(`).test(source);
}
