import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent, type Agent } from '../../support/agent.ts';
import { begin } from '../../support/command-line.ts';
import type { TestRepository } from '../../support/repository/repository.ts';
import { createTarget } from '../../support/repository/target.ts';

describe('karpathy-loop mcp', () => {
  let agent: Agent;
  let target: TestRepository;
  let data: string;

  beforeAll(async () => {
    target = await createTarget();
    data = realpathSync(mkdtempSync(join(tmpdir(), 'karpathy-loop-mcp-')));
    writeFileSync(
      join(target.path, 'loop.json'),
      JSON.stringify({ editable: ['src/**'], test: 'true', benchmark: { command: 'true' } }),
    );
    agent = await startAgent(['--data', data, '--address', '127.0.0.1:1'], target.path);
  });
  afterAll(async () => {
    await agent.client.close();
    await target.remove();
    rmSync(data, { recursive: true, force: true });
  });

  it('has its tools with schemas, and none of them takes a grant', async () => {
    const { tools } = await agent.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['init', 'doctor', 'start', 'status', 'why', 'show', 'hint', 'stop']);
    const inputs = Object.fromEntries(
      tools.map(({ name, inputSchema }) => [name, Object.keys(inputSchema.properties ?? {})]),
    );
    expect(inputs).toEqual({
      init: ['path'],
      doctor: ['path', 'runs'],
      start: ['path', 'id', 'iterations'],
      status: ['loop'],
      why: ['iteration', 'loop', 'repository'],
      show: ['iteration', 'loop', 'repository', 'parts'],
      hint: ['loop', 'text'],
      stop: ['loop', 'now'],
    });
    const reading = tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name);
    expect(reading).toEqual(['doctor', 'status', 'why', 'show']);
  });

  it.each(['init', 'doctor', 'start'])('%s runs no command of a repository that nobody has allowed', async (tool) => {
    expect(await agent.ask(tool)).toEqual({
      isError: true,
      text: `error: repository: "${target.path}" is not allowed; its owner can add it to "repositories" in ${data}/settings.json, or give it to "npx karpathy-loop mcp" with --repository`,
    });
  });

  it('init follows a link before it asks who has allowed the repository', async () => {
    const other = await createTarget();
    const allowing = await startAgent(['--data', data, '--repository', target.path], target.path);
    try {
      symlinkSync(join(other.path, 'src'), join(target.path, 'link'));
      expect(await allowing.ask('init', { path: 'link' })).toEqual({
        isError: true,
        text: expect.stringContaining(`error: repository: "${other.path}" is not allowed; `) as string,
      });
      expect(existsSync(join(other.path, 'src/loop.json'))).toBe(false);
    } finally {
      rmSync(join(target.path, 'link'), { force: true });
      await allowing.client.close();
      await other.remove();
    }
  });

  it.each([
    [
      'show',
      { iteration: 1, repository: 'https://127.0.0.1:1/told/secret' },
      /^error: repository: .* is not allowed; /,
    ],
    ['why', { repository: 'git@127.0.0.1:told/secret' }, /^error: repository: .* is not allowed; /],
    ['why', { repository: 'ext::sh -c id' }, /^error: repository: "ext::" is no transport/],
    ['show', { iteration: 0 }, /iteration/],
    [
      'show',
      { iteration: 1 },
      /^error: report: .* has no ledger; give a loop's id, or its repository with --repository$/,
    ],
    ['why', { repository: '/etc' }, /^error: repository: \/etc is not a git repository/],
    ['status', {}, /^error: temporal: no server answers at 127.0.0.1:1; correct the address, or start the server$/],
    ['hint', { text: 'x', loop: 'a' }, /^error: temporal: no server answers at 127.0.0.1:1; /],
    ['hint', { text: 'x'.repeat(501) }, /text/],
    ['stop', {}, /^error: temporal: no server answers/],
    ['start', { path: 'nowhere' }, /^error: nowhere: does not exist; give a directory with a loop.json, or the file$/],
    ['start', { id: '../x' }, /^error: --id: "..\/x" is not a plain name/],
  ])('%s tells of %j in one clear error', async (tool, input, message) => {
    const { text, isError } = await agent.ask(tool, input);
    expect(isError).toBe(true);
    expect(text).toMatch(message);
  });

  it('has nothing on standard output but the protocol, and ends with standard input', async () => {
    const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
    const messages = [
      { jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'show', arguments: { iteration: 1 } } },
    ];
    const input = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
    const { code, stdout } = await begin(['mcp', '--data', data], { input, cwd: target.path }).ended;
    expect(code).toBe(0);
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { jsonrpc: '2.0'; id: number }).id);
    expect(ids[0]).toBe(1);
  });
});
