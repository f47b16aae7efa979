import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What a question asks a server for, in either protocol. */
interface Asked {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

/** How a server answers a question. */
export type Reply =
  | { status: number; error: string }
  | { content: string; thinking?: string; cut?: boolean; promptTokens?: number }
  /** An error in the middle of the stream, the end of the connection there, or none of both for ever. */
  | { content: string; then: { error: string } | 'end' | 'on and on' };

export interface ScriptedModel {
  name: string;
  size?: number;
  capabilities?: string[];
  family?: string;
  parameters?: string;
  context?: number;
}

export interface ScriptedServer {
  /** Such as "http://127.0.0.1:43567". */
  host: string;
  /** Questions so far. */
  asked: Asked[];
  models: ScriptedModel[];
  reply: (asked: Asked) => Reply;
  stop(): Promise<void>;
}

/** Speaks as much of Ollama's protocol and of OpenAI's as a client needs; says what a test lets it say. */
export async function startScriptedServer(
  models: ScriptedModel[],
  reply: ScriptedServer['reply'],
  port = 0,
): Promise<ScriptedServer> {
  const http = createServer(
    (request, response) => void serve(script, request, response).catch(() => response.destroy()),
  );
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  const script: ScriptedServer = {
    host: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked: [],
    models,
    reply,
    async stop() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return script;
}

async function serve(script: ScriptedServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  const send = (status: number, value: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (path === '/api/version') return void send(200, { version: '0.17.4' });
  if (path === '/api/tags')
    return void send(200, {
      models: script.models.map(({ name, size = 1, family = 'x' }) => ({
        name,
        model: name,
        size,
        details: { family },
      })),
    });
  if (path === '/v1/models')
    return void send(200, { data: script.models.map(({ name, context }) => ({ id: name, max_model_len: context })) });
  const body = (await json(request)) as Asked['body'];
  const model = script.models.find(({ name }) => name === body['model']);
  if (path === '/api/show') {
    if (!model) return void send(404, { error: `model '${String(body['model'])}' not found` });
    const { capabilities, family = 'x', parameters, context = 32_768 } = model;
    const details = { family, ...(parameters && { parameter_size: parameters }) };
    return void send(200, {
      details,
      model_info: { 'x.context_length': context },
      ...(capabilities && { capabilities }),
    });
  }
  const asked = { path, headers: request.headers, body };
  script.asked.push(asked);
  const reply = script.reply(asked);
  const isOllama = path === '/api/chat';
  if ('status' in reply)
    return void send(reply.status, isOllama ? { error: reply.error } : { error: { message: reply.error } });
  await (isOllama ? streamOllama : streamOpenAi)(reply, response);
}

type Told = Exclude<Reply, { status: number }>;

async function streamOllama(reply: Told, response: ServerResponse): Promise<void> {
  const part = (value: object) => response.write(`${JSON.stringify(value)}\n`);
  const say = (message: object) => part({ message: { role: 'assistant', content: '', ...message }, done: false });
  if ('thinking' in reply && reply.thinking) say({ thinking: reply.thinking });
  say({ content: reply.content });
  if ('then' in reply)
    return breakOff(
      reply.then,
      response,
      (error) => part({ error }),
      () => say({ content: reply.content }),
    );
  const counts = { prompt_eval_count: reply.promptTokens ?? 100, eval_count: 20 };
  const times = { prompt_eval_duration: 400_000_000, eval_duration: 800_000_000 };
  part({
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: reply.cut ? 'length' : 'stop',
    ...counts,
    ...times,
  });
  response.end();
}

async function streamOpenAi(reply: Told, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const part = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  const say = (delta: object, finish_reason: string | null = null) =>
    part({ choices: [{ index: 0, delta, finish_reason }] });
  if ('thinking' in reply && reply.thinking) say({ reasoning_content: reply.thinking });
  say({ content: reply.content });
  if ('then' in reply)
    return breakOff(
      reply.then,
      response,
      (message) => part({ error: { message } }),
      () => say({ content: reply.content }),
    );
  say({}, reply.cut ? 'length' : 'stop');
  part({ choices: [], usage: { prompt_tokens: reply.promptTokens ?? 100, completion_tokens: 20 } });
  response.end('data: [DONE]\n\n');
}

async function breakOff(
  how: { error: string } | 'end' | 'on and on',
  response: ServerResponse,
  fail: (error: string) => void,
  again: () => boolean,
): Promise<void> {
  if (how === 'end') {
    // What was said is on its way first.
    await new Promise((resolve) => setImmediate(resolve));
    response.destroy();
  } else if (how === 'on and on') {
    while (!response.destroyed) if (!again()) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  } else {
    fail(how.error);
    response.end();
  }
}
