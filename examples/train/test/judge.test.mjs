import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { partsOf } from '../shape.mjs';
import { encode as indexes, readTraining } from '../training.mjs';

const { alphabet } = readTraining();
const shape = { context: 2, embedding: 3, width: 4, layers: 2, activation: 'tanh' };
const parts = partsOf(shape, alphabet.length);

test('a model that knows nothing is as surprised as by chance', () => {
  const { status, stdout } = judge({ shape, weights: encode(countOf(parts), () => 0) });
  assert.equal(status, 0);
  assert.match(stdout, new RegExp(`^METRIC loss=${Math.log(alphabet.length).toFixed(6)}$`, 'm'));
});

test('a model that knows how often each character comes is as surprised as its entropy says', () => {
  const text = readFileSync(new URL('../judge/validation.txt', import.meta.url), 'utf8');
  const validation = indexes(text, alphabet).subarray(shape.context);
  const shares = Array(alphabet.length).fill(0);
  for (const one of validation) shares[one] += 1 / validation.length;
  const entropy = -shares.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
  const first = countOf(parts) - alphabet.length;
  const weights = encode(countOf(parts), (at) => (at < first ? 0 : Math.log(Math.max(1e-9, shares[at - first]))));
  const [, loss] = /^METRIC loss=(.+)$/m.exec(judge({ shape, weights }).stdout) ?? [];
  assert.ok(Math.abs(loss - entropy) < 1e-4, `${loss} is not ${entropy}`);
});

const right = encode(countOf(parts), () => 0.1);
const refused = {
  'a loss in place of a model': { loss: 0.01 },
  'weights that are missing': { shape, weights: encode(countOf(parts) - 1, () => 0) },
  'weights that are too many': { shape, weights: encode(countOf(parts) + 1, () => 0) },
  'weights that are no numbers': { shape, weights: encode(countOf(parts), () => NaN) },
  'weights without end': { shape, weights: encode(countOf(parts), (at) => (at === 7 ? Infinity : 0)) },
  'a model that is not tiny': { shape: { ...shape, width: 4096 }, weights: right },
  'a context that is no number': { shape: { ...shape, context: '2' }, weights: right },
  'another activation': { shape: { ...shape, activation: 'constructor' }, weights: right },
};
for (const [name, answer] of Object.entries(refused))
  test(`the judge refuses ${name}`, () => {
    const { status, stdout } = judge(answer);
    assert.notEqual(status, 0);
    assert.equal(stdout, '');
  });

function judge(answer) {
  const program = fileURLToPath(new URL('../judge/evaluate.mjs', import.meta.url));
  return spawnSync(process.execPath, [program], { input: JSON.stringify(answer), encoding: 'utf8' });
}

function countOf(parts) {
  return parts.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
}

function encode(length, weight) {
  return Buffer.from(Float32Array.from({ length }, (_, at) => weight(at)).buffer).toString('base64');
}
