/*
 * The embedded engine's process: loads one model and answers one question after another, over the channel to its parent.
 * A process of its own, so that a crash in native code ends one answer and not the worker. Plain JavaScript: it runs without a loader.
 * Arguments: node-llama-cpp's entry file, the GGUF file, the context in tokens.
 */
import { pathToFileURL } from 'node:url';

/** Tokens of the chat template round system and prompt, on the safe side. */
const templateTokens = 32;

const [entry, modelPath, contextTokens] = process.argv.slice(2);
// Ctrl-C in a terminal reaches every process; what happens to an answer is the parent's business, and without it there is no use in going on.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));

const { getLlama, LlamaChatSession } = await import(pathToFileURL(entry).href);
// One thread: with one, the same seed gives the same answer.
const llama = await getLlama({
  gpu: false,
  build: 'never',
  skipDownload: true,
  progressLogs: false,
  logLevel: 'error',
  maxThreads: 1,
});
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const context = await model.createContext({
  contextSize: Math.min(Number(contextTokens), model.trainContextSize),
  threads: 1,
});
const sequence = context.getSequence();

process.on('message', async ({ question }) => {
  try {
    const answer = await ask(question, () => process.send({ progress: true }));
    process.send(answer.tooLong ? answer : { answer });
  } catch (error) {
    process.send({ error: error?.message ?? String(error) });
  }
});
process.send({ ready: { contextTokens: context.contextSize, ownContextTokens: model.trainContextSize } });

async function ask({ system, prompt, schema, seed, maxTokens }, onProgress) {
  // The engine would leave out the beginning of the prompt in silence.
  if (model.tokenize(system).length + model.tokenize(prompt).length + templateTokens + maxTokens > context.contextSize)
    return { tooLong: true };
  await sequence.clearHistory();
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt: system });
  try {
    const before = sequence.tokenMeter.getState();
    const grammar = await llama.createGrammarForJsonSchema(toKnownSchema(schema));
    const { responseText, stopReason } = await session.promptWithMeta(prompt, {
      grammar,
      seed,
      maxTokens,
      temperature: 0.8,
      onToken: onProgress,
    });
    const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter.diff(before);
    return {
      text: responseText,
      promptTokens: usedInputTokens,
      answerTokens: usedOutputTokens,
      cut: stopReason === 'maxTokens',
    };
  } finally {
    session.dispose({ disposeSequence: false });
  }
}

/** The engine knows "oneOf" and ignores "anyOf"; as a grammar they are the same. */
function toKnownSchema(schema) {
  if (Array.isArray(schema)) return schema.map(toKnownSchema);
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key === 'anyOf' ? 'oneOf' : key, toKnownSchema(value)]),
  );
}
