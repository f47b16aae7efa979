import { once } from 'node:events';
import { Writable } from 'node:stream';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { toBlock, type CleanText } from '../../domain/text.ts';
import { failureLines } from '../loops/failure-lines.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Progress } from '../terminal/progress.ts';
import { tools, type McpFlags } from './tools.ts';

/** Most of an answer, in characters: agents read no more at once. */
const maxAnswer = 80_000;

const instructions =
  'Improves the code of a git repository by measured steps, each proved against noise. Call "doctor" before the first "start"; a loop takes hours and goes on without you: ask "status" now and then.';

/** Serves until standard input ends; loops go on. */
export async function serve(flags: McpFlags, version: string): Promise<void> {
  const server = new McpServer({ name: 'karpathy-loop', version }, { instructions });
  for (const { name, title, description, input, isReading, call } of tools) {
    const annotations = { title, readOnlyHint: isReading, destructiveHint: false };
    server.registerTool(name, { title, description, inputSchema: input, annotations }, async (given, extra) => {
      const token = extra._meta?.progressToken;
      let told = 0;
      const tell = (message: string) => {
        if (token === undefined) return;
        const params = { progressToken: token, progress: ++told, message };
        void extra.sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
      };
      return answer((progress) => call(given as never, flags, progress), tell);
    });
  }
  const ended = once(process.stdin, 'end');
  await server.connect(new StdioServerTransport(process.stdin, takeStandardOutput()));
  await ended;
  await server.close();
}

/** Returns what only the protocol writes to; whatever else would print goes to standard error. */
function takeStandardOutput(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => void write(chunk, (error) => done(error ?? null)),
  });
}

type Answer = { content: { type: 'text'; text: CleanText }[]; isError?: true };

/** Answers with what a call tells on its way and at its end; an error has one line for each fact. */
async function answer(call: (progress: Progress) => Promise<CleanText>, tell: (text: string) => void): Promise<Answer> {
  const lines: string[] = [];
  const progress: Progress = {
    line: (text) => {
      lines.push(text);
      tell(text);
    },
    step: (text) => tell(text),
    clear: () => undefined,
  };
  const toAnswer = (text: string) => ({
    content: [{ type: 'text' as const, text: toBlock([...lines, text].filter(Boolean).join('\n'), maxAnswer) }],
  });
  try {
    return toAnswer(await call(progress));
  } catch (error) {
    const facts = error instanceof CommandError ? error.lines : failureLines(error);
    const text = facts.map((fact) => `error: ${fact}`).join('\n');
    return { ...toAnswer(text || 'error: it failed; the lines above say why'), isError: true };
  }
}
