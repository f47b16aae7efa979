import type { LoopConfigInput } from '../../domain/config/loop-config.ts';
import type { Edit } from './on-repository.ts';

const mocha = 'node node_modules/mocha/bin/mocha.js --reporter dot';
const timed = { command: 'node loop-bench.js', output: { pattern: '^SUM (.*)$' } };

/** Packages in their repositories' checkouts; README.md says how to prepare them. */
export const packages: Record<string, Pick<LoopConfigInput, 'editable' | 'test' | 'benchmark'>> = {
  picomatch: { editable: ['lib/**', 'index.js'], test: mocha, benchmark: timed },
  'node-semver': {
    editable: ['functions/**', 'ranges/**', 'classes/**', 'internal/**'],
    test: 'node loop-tests.js',
    benchmark: timed,
  },
  qs: { editable: ['lib/**'], test: "node node_modules/tape/bin/tape 'test/**/*.js'", benchmark: timed },
  'd3-array': {
    editable: ['src/**'],
    test: `${mocha} 'test/**/*-test.js'`,
    benchmark: { ...timed, command: 'node loop-bench.mjs' },
  },
  braces: {
    editable: ['lib/**', 'index.js'],
    test: `${mocha} test/braces.compile.js test/braces.parse.js test/minimatch.js test/multiples.js test/readme.js test/regression.js`,
    benchmark: timed,
  },
  'mustache.js': { editable: ['mustache.js'], test: `${mocha} test/*-test.js`, benchmark: timed },
};

export interface Planted extends Edit {
  in: string;
  what: string;
}

const planted = (where: string, what: string, search: string, replace: string): Planted => {
  const [name = '', ...path] = where.split('/');
  return { in: name, file: path.join('/'), what, search, replace };
};

/** Wrong edits as a hurried optimisation makes them: off by one, wrong on nothing, negatives and Unicode, ties, errors. */
export const wrongEdits: Planted[] = [
  planted('picomatch/lib/utils.js', 'basename: nothing', "if (last === '')", "if (last === '' && segs.length > 2)"),
  planted('picomatch/lib/utils.js', 'basename: separators', '/[\\\\/]/', '/\\\\/'),
  planted('picomatch/lib/utils.js', 'escapeLast: off by one', 'char, idx - 1)', 'char, idx - 2)'),
  planted('picomatch/lib/utils.js', 'escapeLast: first place', 'if (idx === -1)', 'if (idx < 1)'),
  planted(
    'picomatch/lib/utils.js',
    'removePrefix: nothing',
    "output.startsWith('./')",
    "output[0] === '.' && output.length > 1",
  ),
  planted(
    'node-semver/functions/coerce.js',
    'coerce: numbers',
    'version = String(version)',
    'version = version.toFixed(1)',
  ),
  planted(
    'node-semver/functions/coerce.js',
    'coerce: changed error',
    'return null\n  }\n\n  options = options',
    'throw new TypeError(version)\n  }\n\n  options = options',
  ),
  planted(
    'node-semver/internal/identifiers.js',
    'compareIdentifiers: size',
    'return a === b ? 0 : a < b ? -1 : 1',
    'return a - b',
  ),
  planted('node-semver/internal/identifiers.js', 'compareIdentifiers: mixtures', '/^[0-9]+$/', '/^[0-9]+/'),
  planted(
    'node-semver/functions/diff.js',
    'diff: off by one',
    'if (lowVersion.minor && !lowVersion.patch)',
    'if (lowVersion.minor > 1 && !lowVersion.patch)',
  ),
  planted('node-semver/functions/clean.js', 'clean: repeats', '/^[=v]+/', '/^[=v]/'),
  planted('node-semver/functions/clean.js', 'clean: spaces', 'version.trim().replace(', 'version.trimStart().replace('),
  planted(
    'node-semver/functions/sort.js',
    'sort: lost stability',
    'compareBuild(a, b, loose))',
    'compareBuild(a, b, loose) || 1)',
  ),
  planted('qs/lib/utils.js', 'decode: case', '/%[0-9a-f]{2}/gi, unescape', '/%[0-9a-f]{2}/g, unescape'),
  planted('qs/lib/utils.js', 'decode: changed error', 'return strWithoutPlus;\n    }\n};', 'return str;\n    }\n};'),
  planted('qs/lib/utils.js', 'encode: off by one', 'if (c < 0x800) {', 'if (c <= 0x800) {'),
  planted('qs/lib/utils.js', 'encode: last place', 'c <= 0x7A', 'c < 0x7A'),
  planted(
    'qs/lib/utils.js',
    'encode: nothing',
    'if (str.length === 0) {\n        return str;',
    'if (!str.length) {\n        return str;',
  ),
  planted('qs/lib/utils.js', 'compactQueue: holes', "typeof obj[j] !== 'undefined'", 'obj[j]'),
  planted('qs/lib/parse.js', 'interpretNumericEntities: first alone', '/&#(\\d+);/g', '/&#(\\d+);/'),
  planted(
    'qs/lib/parse.js',
    'interpretNumericEntities: Unicode',
    'String.fromCharCode(parseInt(numberStr, 10))',
    'String.fromCodePoint(parseInt(numberStr, 10))',
  ),
  planted('d3-array/src/ticks.js', 'ticks: off by one', '0.5 <= count && count < 2', '0.5 < count && count < 2'),
  planted(
    'd3-array/src/ticks.js',
    'ticks: negatives',
    'if (i1 * inc < start) ++i1;',
    'if (i1 * inc < start && i1 >= 0) ++i1;',
  ),
  planted(
    'd3-array/src/quantile.js',
    'quantileSorted: one value',
    'if (p <= 0 || n < 2) return +valueof',
    'if (p <= 0) return +valueof',
  ),
  planted(
    'd3-array/src/nice.js',
    'nice: negatives',
    'start = Math.floor(start / step) * step;',
    'start = ((start / step) | 0) * step;',
  ),
  planted(
    'd3-array/src/range.js',
    'range: fractions',
    'Math.ceil((stop - start) / step)',
    'Math.round((stop - start) / step)',
  ),
  planted('d3-array/src/range.js', 'range: negatives', 'Math.max(0, Math.ceil(', 'Math.abs(Math.ceil('),
  planted('d3-array/src/least.js', 'least: ties', '? compare(value, min) < 0', '? compare(value, min) <= 0'),
  planted(
    'd3-array/src/extent.js',
    'extent: nothing',
    'if (min === undefined) {\n          if (value >= value) min = max = value;\n        } else {\n          if (min > value) min = value;\n          if (max < value) max = value;\n        }\n      }\n    }\n  } else',
    'if (!min) {\n          if (value >= value) min = max = value;\n        } else {\n          if (min > value) min = value;\n          if (max < value) max = value;\n        }\n      }\n    }\n  } else',
  ),
  planted('d3-array/src/mode.js', 'mode: ties', 'if (count > modeCount)', 'if (count >= modeCount)'),
  planted('braces/lib/utils.js', 'exceedsLimit: off by one', '>= limit;', '> limit;'),
  planted('braces/lib/utils.js', 'isInteger: spaces', "num.trim() !== ''", "num !== ''"),
];

/** Commits of these packages that only make something faster or plainer: none may be refused. */
export const upstream: [name: string, commit: string][] = [
  ['node-semver', 'e37e0ca'],
  ['node-semver', '73a3d79'],
  ['node-semver', '6466ba9'],
  ['qs', '6d7df02'],
  ['qs', '572533c'],
  ['qs', '6744d30'],
  ['qs', '64951f6'],
  ['qs', '25956a7'],
  ['d3-array', '790f136'],
];
