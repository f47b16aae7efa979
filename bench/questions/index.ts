/**
 * Measures questions alone, without a loop: asks a real model about small functions with known headroom, and judges
 * every answer in the sandbox. Needs `node scripts/bring-ollama.mjs` and `node scripts/bring-coder.mjs`, or an Ollama of
 * one's own. Usage: npx tsx bench/questions [--n 25] [--variants product,file] [--targets words] [--out answers.jsonl]
 * [--host http://127.0.0.1:11434] [--model qwen2.5-coder:1.5b]; answers that the file has are not asked for again.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createOllamaModel } from '../../adapters/models/ollama.ts';
import { coderModel, startOllama } from '../../test/support/ollama.ts';
import { answer } from './answer.ts';
import { questionFor, type Variant } from './ask.ts';
import { createJudge } from './judge.ts';
import { table, type Answered } from './table.ts';
import { targets } from './targets.ts';
import { variants } from './variants.ts';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '6' },
    variants: { type: 'string', default: 'product' },
    targets: { type: 'string', default: targets.map(({ name }) => name).join() },
    out: { type: 'string', default: 'answers.jsonl' },
    host: { type: 'string' },
    model: { type: 'string', default: coderModel },
  },
});

const known: Answered[] = existsSync(values.out)
  ? readFileSync(values.out, 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Answered)
  : [];
const server = values.host === undefined ? await startOllama() : null;
const judge = await createJudge();
try {
  const host = values.host ?? server!.host;
  const model = await createOllamaModel({ host, model: values.model, contextTokens: 4096 });
  const asked = targets.filter(({ name }) => values.targets.split(',').includes(name));
  // Asks in turn, so that a busy spell of the machine falls on all variants alike.
  for (let seed = 1; seed <= Number(values.n); seed++)
    for (const target of asked)
      for (const variant of values.variants.split(',').map(named)) {
        if (known.some((one) => one.variant === variant.name && one.target === target.name && one.seed === seed))
          continue;
        const question = await questionFor(target, seed, { variant });
        const answered = { variant: variant.name, ...(await answer({ model, judge }, { target, seed, question })) };
        appendFileSync(values.out, `${JSON.stringify(answered)}\n`);
        known.push(answered);
      }
  console.log(table(known));
} finally {
  judge.close();
  await server?.stop();
}

function named(name: string): Variant {
  const found = variants.find((one) => one.name === name);
  if (found) return found;
  throw new Error(`--variants: there is no "${name}"; there are ${variants.map((one) => one.name).join(', ')}`);
}
