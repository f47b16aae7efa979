import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toLine } from '../../../domain/text.ts';
import { readOrder, readSelves } from '../../../store/selves.ts';
import { createProduct, withShadowsOf, type Product } from '../../support/adoption/product.ts';
import { scriptedSource, targetConfig } from '../../support/repository/target.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';

const file = 'domain/proposal/adopted.ts';
/** Stands in for examples/self/loop.json. */
const {
  repository: _,
  hypothesis,
  ...terms
} = targetConfig('', {
  editable: [file],
  test: 'node check.mjs',
  benchmark: {
    command: `sed -n "s/^export const rounds/METRIC rounds/p" ${file}`,
    metric: { pattern: '^METRIC rounds = ([0-9]+);$' },
    unit: 'rounds',
    noise: 'exact',
  },
});
const check = `import assert from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
writeFileSync('/tmp/adopted.mjs', readFileSync('${file}', 'utf8').replace(/: (string|number)/g, ''));
const { short } = await import('/tmp/adopted.mjs');
assert.equal(short('abc', 2), 'ab');
assert.equal(short('', 1), '');
`;

describeWithServer('a worker whose settings let it adopt by itself', () => {
  let product: Product;
  beforeAll(async () => {
    product = await createProduct(withShadowsOf('edits'), {
      'examples/self/loop.json': JSON.stringify(terms),
      'check.mjs': check,
    });
    mkdirSync(product.data);
    writeFileSync(join(product.data, 'settings.json'), JSON.stringify({ autoAdopt: product.path }));
  });
  afterAll(() => product.remove());

  /** Runs a loop of one iteration that commits; returns its commit. */
  async function commitOf(id: string, more: object): Promise<string> {
    const place = join(product.path, '..');
    const edits = [{ file, search: 'rounds = 300', replace: `rounds = ${100 + id.length}` }];
    const { command } = scriptedSource(place, [{ title: toLine('Take fewer rounds'), edits }]);
    const config = { ...terms, repository: product.path, hypothesis, ...more };
    writeFileSync(join(place, 'loop.json'), JSON.stringify(config));
    const source = ['--command-source', `script=${JSON.stringify(command)}`];
    const { code, stdout, stderr } = await product.call([
      ...['run', join(place, 'loop.json'), '--id', id, '--data', product.data, '--json', ...source],
    ]);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ committed: 1 });
    return product.git('rev-parse', `refs/heads/karpathy-loop/${id}`);
  }

  it('adopts no commit of a loop on other terms than its own loop has', async () => {
    await commitOf('other-terms', { minImprovement: 0.01 });
    expect(await readOrder(product.data)).toBeNull();
  });

  it('adopts a commit of its own loop without a person, and says by which iteration', async () => {
    const commit = await commitOf('own', {});
    expect(await readOrder(product.data)).toMatchObject({ commit, by: 'loop own, iteration 1' });
    await expect.poll(() => readSelves(product.data)).toMatchObject({ current: { commit }, trial: null });
    const { code, stdout } = await product.call(['selves', '--data', product.data, '--json']);
    const { chain } = JSON.parse(stdout) as {
      chain: { outcome: string; evidence: { commit: string; findings: { text: string }[] } }[];
    };
    expect([code, chain.length, chain[0]]).toMatchObject([0, 1, { outcome: 'adopted', evidence: { commit } }]);
    expect(chain[0]!.evidence.findings[0]!.text).toMatch(
      /^ordered by the worker's settings, for loop own, iteration 1; 1 files within the limits: /,
    );
  });
});
