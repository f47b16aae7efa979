import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const bin = fileURLToPath(new URL('../../client/karpathy-loop.mjs', import.meta.url));

export interface Agent {
  client: Client;
  /** Calls a tool; returns its text, and whether it is an error. */
  ask: (tool: string, input?: object) => Promise<{ text: string; isError: boolean }>;
  /** What the server has said on the way, by the protocol. */
  told: string[];
}

/** A coding agent's side of `karpathy-loop mcp`, by the protocol's own client. */
export async function startAgent(flags: readonly string[], cwd: string): Promise<Agent> {
  const client = new Client({ name: 'test', version: '1' });
  const { TEMPORAL_ADDRESS: _address, TEMPORAL_NAMESPACE: _namespace, ...env } = process.env as Record<string, string>;
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [bin, 'mcp', ...flags], cwd, env }));
  const told: string[] = [];
  return {
    client,
    told,
    async ask(name, input = {}) {
      const options = {
        timeout: 600_000,
        onprogress: ({ message }: { message?: string }) => void told.push(message ?? ''),
      };
      const answer = await client.callTool({ name, arguments: { ...input } }, undefined, options);
      const [content] = answer.content as { type: string; text: string }[];
      return { text: content!.text, isError: answer.isError === true };
    },
  };
}
