import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeBrief } from '../../../activities/propose/make-brief.ts';
import { createOllamaModel } from '../../../adapters/models/ollama.ts';
import { toQuestion } from '../../../domain/proposal/prompt.ts';
import { bringOllama, hasOllama, ollamaModel, startOllama } from '../../support/ollama.ts';
import { createResources, openLoopOn, settingsFor } from '../../support/open-loop.ts';
import { createRepository } from '../../support/repository/repository.ts';

const contextTokens = 1_024;
const hot =
  'function hot(items) {\n  const seen = [];\n  for (const item of items) if (!seen.includes(item)) seen.push(item);\n  return seen.length;\n}';
const filler = Array.from({ length: 2_000 }, (_, n) => `export function filler${n}(a) {\n  return a + ${n};\n}`).join(
  '\n',
);

describe.skipIf(!hasOllama)(`a hot file of more than ten contexts (else: ${bringOllama})`, () => {
  it('is asked about with its hot function whole, and a real server counts that nothing was cut', async () => {
    const data = await mkdtemp(join(tmpdir(), 'context-'));
    const target = await createRepository({ 'src/big.mjs': `${filler}\nexport ${hot}\n`, 'bench.mjs': 'hot([1]);\n' });
    const ollama = await startOllama();
    try {
      const resources = await createResources(data, settingsFor(data, target.path), { sandboxed: false });
      const loop = await openLoopOn(resources, target, { editable: ['src/**'], test: 'true' });
      const ref = { loopId: 'loop', repository: target.path, iteration: 1, champion: loop.plan.baseSha, startedAt: '' };
      const hotspots = [{ file: 'src/big.mjs', name: 'hot', line: 6_001, share: 0.9 }];
      const brief = await makeBrief(loop, { ...ref, hotspots, metric: 1, attempt: 0, previous: null });
      const asked = toQuestion(brief, { contextTokens, form: 'rewrite', speed: { read: 30, write: 10 } });
      if (!asked.ok) throw new Error(asked.problems.join('\n'));
      const { prompt, system, parts } = asked.value;
      expect(prompt).toContain(hot);
      const model = await createOllamaModel({ host: ollama.host, model: ollamaModel, contextTokens });
      const ask = (text: string) => model.ask({ system, prompt: text, schema: null, maxTokens: 1, seed: 1 });
      const { promptTokens } = await ask(prompt);
      // All of it was read: a prompt with one more line before it has these tokens more.
      const longer = await ask(`One more line before all.\n${prompt}`);
      expect(longer.promptTokens - promptTokens).toBeGreaterThanOrEqual(5);
      expect(longer.promptTokens - promptTokens).toBeLessThanOrEqual(10);
      const estimate = parts.reduce((sum, { tokens }) => sum + tokens, 0);
      expect(promptTokens).toBeLessThanOrEqual(estimate);
      expect(promptTokens).toBeGreaterThan(estimate / 2);
      await expect(ask('word '.repeat(3_000))).rejects.toMatchObject({ kind: 'refused' });
    } finally {
      await ollama.stop();
      await target.remove();
      await rm(data, { recursive: true, force: true });
    }
  });
});
