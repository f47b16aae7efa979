import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

const rooms = ['domain', 'store', 'ledger', 'workflows', 'activities', 'adapters', 'client', 'worker'];
const source = rooms
  .flatMap((room) => readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((path) => [room, path]))
  .filter(([, path]) => path!.endsWith('.ts'))
  .map(([room, path]) => readFileSync(join(root, room!, path!), 'utf8').replaceAll("\\'", "'"))
  .join('\n');

const messages = [...readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8').matchAll(/^\| `([^`]+)`/gm)].map(
  ([, message]) => message!,
);

it.each(messages)('the source has the message that docs/troubleshooting.md explains: %s', (message) => {
  const parts = message.split(/…|: /).map((part) => part.replace(/^[ ;:,."]+|[ ;:,."]+$/g, ''));
  expect(parts.filter((part) => part.length > 3 && !source.includes(part))).toEqual([]);
});
