import { expect, it } from 'vitest';
import { ollamaAddress } from '../../../domain/config/ollama-address.ts';
import { parseWorkerSettings } from '../../../domain/config/worker-settings.ts';

it.each([
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['0.0.0.0:4000', 'http://127.0.0.1:4000'],
  ['127.0.0.1', 'http://127.0.0.1:11434'],
  [':4000', 'http://127.0.0.1:4000'],
  ['localhost:', 'http://localhost:11434'],
  ['::1', 'http://[::1]:11434'],
  ['::', 'http://[::1]:11434'],
  ['[::]:4000', 'http://[::1]:4000'],
  ['[::1]:8080', 'http://[::1]:8080'],
  ['host:80', 'http://host:80'],
  ['http://host', 'http://host'],
  ['https://host', 'https://host'],
  ['http://host:11434/', 'http://host:11434'],
  ['host:99/path/', 'http://host:99/path'],
  ['http://localhost:11434/v1/', 'http://localhost:11434'],
  ['localhost:11434/api', 'http://localhost:11434'],
  ['host:1/prefix/v1', 'http://host:1/prefix'],
  ['"1.2.3.4"', 'http://1.2.3.4:11434'],
  [' http://host:1 ', 'http://host:1'],
])("reads %j as Ollama's own command does", (text, address) => {
  expect(ollamaAddress(text)).toBe(address);
  expect(parseWorkerSettings({ ollamaHost: text })).toMatchObject({ ok: true, value: { ollamaHost: address } });
});

it.each([
  '',
  'http://',
  'ftp://host',
  'a b',
  'user@host',
  'host:port',
  'host?x',
  '11434',
  '*:11434',
  'http:/host',
  'http//host',
])('refuses %j', (text) => {
  expect(ollamaAddress(text)).toBeNull();
  const parsed = parseWorkerSettings({ ollamaHost: text });
  expect(parsed.ok ? [] : parsed.problems).toEqual([expect.stringMatching(/^ollamaHost: must be an address/)]);
});

it.each([
  [
    'a key in the address',
    { baseUrl: 'http://user:key@host/v1' },
    /^openai\.baseUrl: must be an http or https URL without/,
  ],
  ['a query', { baseUrl: 'http://host/v1?key=1' }, /^openai\.baseUrl: must be/],
  [
    'the key itself',
    { baseUrl: 'http://host/v1', keyVariable: 'sk-123' },
    /^openai\.keyVariable: .*not the key itself/,
  ],
])('refuses %s among the settings of an OpenAI-compatible server', (_name, openai, message) => {
  const parsed = parseWorkerSettings({ openai });
  expect(parsed.ok ? [] : parsed.problems).toEqual([expect.stringMatching(message)]);
});
