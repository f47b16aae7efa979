// Speaks the part of Ollama's API that a loop needs, with scripted answers.
// Usage: node model-server.mjs <host> <port> <directory for the log of calls> <model of each loop's id>…
import { createServer } from 'node:http';
import { logCall, propose } from '../propose.mjs';

const [host, port, directory, ...models] = process.argv.slice(2);
const pieces = 6;

// It ends with the driver.
process.stdin.resume().on('end', () => process.exit());

createServer((request, response) => {
  let body = '';
  request
    .on('data', (chunk) => (body += chunk))
    .on('end', () => answer(request.url, body, response).catch(() => response.destroy()));
}).listen(Number(port), host, () => console.log('listening'));

async function answer(url, body, response) {
  if (url === '/api/tags') return response.end(JSON.stringify({ models: models.map((name) => ({ name })) }));
  if (url === '/api/show')
    return response.end(
      JSON.stringify({ model_info: { 'llama.context_length': 16_384 }, capabilities: ['completion'] }),
    );
  if (url !== '/api/chat') return response.writeHead(404).end();
  const { model, messages, options } = JSON.parse(body);
  // The loop's seed is 1, and each iteration adds a thousand.
  const iteration = Math.floor((options.seed - 1) / 1_000);
  logCall(directory, model, iteration);
  const text = JSON.stringify(propose(messages.map(({ content }) => content).join('\n'), iteration));
  const size = Math.ceil(text.length / pieces);
  for (let at = 0; at < text.length; at += size) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    response.write(
      `${JSON.stringify({ model, message: { role: 'assistant', content: text.slice(at, at + size) }, done: false })}\n`,
    );
  }
  const counts = { prompt_eval_count: 100, eval_count: 20, done_reason: 'stop' };
  return response.end(
    `${JSON.stringify({ model, message: { role: 'assistant', content: '' }, done: true, ...counts })}\n`,
  );
}
