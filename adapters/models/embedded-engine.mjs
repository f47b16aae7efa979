// Process of the embedded engine, so that a crash in native code ends one answer and not the worker. Needs no loader.
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';

/** Tokens that the chat template adds to system and prompt, at most. */
const maxTemplateTokens = 32;

/** node-llama-cpp's entry file, the GGUF file and the context. */
const [entry, modelPath, contextTokens] = process.argv.slice(2);
// Ctrl-C reaches every process of a terminal; only the parent may end an answer.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));

const { getLlama, LlamaChatSession } = await import(pathToFileURL(entry).href);
const options = { build: 'never', skipDownload: true, progressLogs: false, logLevel: 'error' };
const llama = await getLlama({ ...options, gpu: false, maxThreads: availableParallelism() });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const parameters = countParameters(model.fileInfo);
// More threads than one slow down a tiny model.
const threads = parameters !== null && parameters > 300e6 ? availableParallelism() : 1;
const contextSize = Math.min(Number(contextTokens), model.trainContextSize);
const context = await model.createContext({ contextSize, threads });
const sequence = context.getSequence();

process.on('message', async ({ question }) => {
  try {
    const answer = await ask(question);
    process.send(answer.tooLong ? answer : { answer });
  } catch (error) {
    process.send({ error: error?.message ?? String(error) });
  }
});
process.send({ ready: { contextTokens: context.contextSize, parameters } });

async function ask({ system, prompt, schema, seed, maxTokens }) {
  // The engine would leave out the prompt's beginning without a word.
  const promptSize = model.tokenize(system).length + model.tokenize(prompt).length + maxTemplateTokens;
  if (promptSize + maxTokens > context.contextSize) return { tooLong: true };
  await sequence.clearHistory();
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt: system });
  try {
    const before = sequence.tokenMeter.getState();
    const grammar = schema && (await llama.createGrammarForJsonSchema(toKnownSchema(schema)));
    const began = performance.now();
    let first = null;
    const onToken = () => void (first ??= performance.now());
    // Code that is written anew repeats what it was shown; the engine's default penalty is against that.
    const form = grammar ? { grammar } : { repeatPenalty: false };
    const settings = { ...form, seed, maxTokens, temperature: 0.8, onToken };
    const { responseText: text, stopReason } = await session.promptWithMeta(prompt, settings);
    const { usedInputTokens: promptTokens, usedOutputTokens: answerTokens } = sequence.tokenMeter.diff(before);
    const seconds = { read: (first - began) / 1000, write: (performance.now() - first) / 1000 };
    const isKnown = first !== null && answerTokens > 1 && seconds.write > 0;
    // The first token ends the reading.
    const speed = isKnown && { read: promptTokens / seconds.read, write: (answerTokens - 1) / seconds.write };
    return {
      text,
      promptTokens,
      answerTokens,
      cut: stopReason === 'maxTokens',
      hasThought: false,
      speed: speed || null,
    };
  } finally {
    session.dispose({ disposeSequence: false });
  }
}

/** Adds up the sizes of all tensors. */
function countParameters({ tensorInfo }) {
  const sizes = tensorInfo?.map(({ dimensions }) => dimensions.reduce((all, one) => all * Number(one), 1));
  return sizes ? sizes.reduce((all, one) => all + one, 0) : null;
}

/** Writes "anyOf" as "oneOf": the engine ignores "anyOf", and as a grammar they are the same. */
function toKnownSchema(schema) {
  if (Array.isArray(schema)) return schema.map(toKnownSchema);
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key === 'anyOf' ? 'oneOf' : key, toKnownSchema(value)]),
  );
}
