import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { createRepository } from '../support/repository/repository.ts';
import { runScriptedLoop } from '../support/server/scripted-loop.ts';
import { benchmarkThatPrints, createTarget, proposals, targetConfig } from '../support/repository/target.ts';
import { startServer } from '../support/server/temporal.ts';
import { toLine } from '../../domain/text.ts';

const require = createRequire(import.meta.url);
const picomatch = dirname(require.resolve('picomatch/package.json'));
const esbuild = createRequire(require.resolve('tsx/package.json')).resolve(
  `@esbuild/${process.platform}-${process.arch}/bin/esbuild`,
);

describeWithServer('a loop on another kind of metric', () => {
  let server: TestWorkflowEnvironment;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.teardown());

  it('decides an exact metric, the bundle size of a real package, in one run of each side and confirms it in one more', async () => {
    const repository = await createRepository(packageFiles());
    try {
      const { records, evidence } = await runScriptedLoop(server, repository, [equal, worse, good], {
        id: 'bundle',
        config: {
          repository: repository.path,
          editable: ['lib/**'],
          test: 'node test.js',
          benchmark: {
            command: `${esbuild} index.js --bundle --minify --platform=node --outfile=/tmp/bundle.js --log-level=error && echo "METRIC bytes=$(wc -c </tmp/bundle.js)"`,
            metric: { pattern: '^METRIC bytes=([0-9]+)$' },
            unit: 'bytes',
            noise: 'exact',
          },
          hypothesis: { source: 'command', command: 'script', repairs: 0 },
          sandbox: { readOnly: ['esbuild'] },
        },
        settings: { readOnlyPaths: { esbuild: dirname(dirname(esbuild)) } },
      });
      expect(records.map(({ outcome, reason }) => reason ?? outcome)).toEqual(['below-bar', 'slower', 'committed']);
      expect(records.map(({ verdict }) => verdict!.noise)).toEqual(['exact', 'exact', 'exact']);
      const runs = evidence.map((each) => 2 * (each!.pairs.length + each!.fresh.length));
      expect(runs).toEqual([2, 2, 4]);
      const [before, after] = evidence[2]!.pairs[0]!.pair;
      expect(records[2]!.verdict!.reported.ratio).toBe(after / before);
    } finally {
      await repository.remove();
    }
  });

  it('takes more for better where the config says so', async () => {
    const repository = await createTarget({ 'rate.mjs': rate });
    try {
      const { records, evidence } = await runScriptedLoop(
        server,
        repository,
        [proposals.rename, proposals.slower, proposals.faster],
        {
          id: 'rate',
          config: targetConfig(repository.path, {
            benchmark: {
              command: 'node rate.mjs',
              metric: { pattern: '^METRIC rate=([0-9.]+)$' },
              unit: 'sums/s',
              better: 'higher',
            },
          }),
        },
      );
      expect(records[0]!.reason).toMatch(/slower|below-bar|undecided/);
      const told = JSON.stringify(records.map(({ detail, verdict }) => ({ detail, verdict })));
      expect(
        records.slice(1).map(({ outcome, reason }) => reason ?? outcome),
        told,
      ).toEqual([expect.stringMatching(/slower|below-bar/), 'committed']);
      const { pair } = evidence[2]!.pairs[0]!;
      expect(pair[1]).toBeGreaterThan(pair[0]);
      expect(records[2]!.verdict!.reported.ratio).toBeLessThan(0.95);
    } finally {
      await repository.remove();
    }
  });
});

const rate = benchmarkThatPrints('rate=${(8e6 / (user + system)).toFixed(3)}');

/** A real package with a module that nothing needs. */
function packageFiles(): Record<string, string> {
  const names = [
    'index.js',
    'lib/constants.js',
    'lib/parse.js',
    'lib/picomatch.js',
    'lib/scan.js',
    'lib/utils.js',
    'package.json',
  ];
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(picomatch, name), 'utf8')]));
  const needless = `module.exports = ${JSON.stringify(Array.from({ length: 300 }, (_, index) => `A line of text, number ${index}`))};\n`;
  return {
    ...files,
    'lib/picomatch.js': `require('./needless');\n${files['lib/picomatch.js']!}`,
    'lib/needless.js': needless,
    'test.js':
      "const assert = require('node:assert');\nconst match = require('.')('*.js');\nassert(match('a.js'));\nassert(!match('a.ts'));\n",
  };
}

const good = {
  title: toLine('Leave out what is not needed'),
  edits: [{ file: 'lib/picomatch.js', search: "require('./needless');\n", replace: '' }],
};
const worse = {
  title: toLine('Say more'),
  edits: [
    { file: 'lib/needless.js', search: 'module.exports = [', replace: `module.exports = ["${'more '.repeat(400)}",` },
  ],
};
const equal = {
  title: toLine('Count another way'),
  edits: [{ file: 'lib/needless.js', search: 'number 42"', replace: 'number 24"' }],
};
