import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { tail } from '../../../domain/text.ts';

/** Characters kept of the end of both streams: enough for a report, whatever is cleaned out of it. */
const maxTailChars = 32_768;

/** Keeps what a result needs of both streams; calls `onExcess` once, beyond `maxBytes` of both together. */
export function collectOutput(streams: Record<'stdout' | 'stderr', Readable>, maxBytes: number, onExcess: () => void) {
  let outBytes = 0;
  let truncated = false;
  let end = '';
  const listen = (stream: Readable) => {
    const kept: Buffer[] = [];
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => {
      const room = Math.max(0, maxBytes - outBytes);
      outBytes += chunk.length;
      if (room > 0) kept.push(chunk.subarray(0, room));
      end = (end + decoder.write(chunk)).slice(-maxTailChars);
      if (outBytes > maxBytes && !truncated) {
        truncated = true;
        onExcess();
      }
    });
    return () => Buffer.concat(kept).toString('utf8');
  };
  const [stdout, stderr] = [listen(streams.stdout), listen(streams.stderr)];
  let printedAt: number | null = null;
  streams.stdout.on('data', () => (printedAt = performance.now()));
  return (endedAt: number) => ({
    ...{ stdout: stdout(), stderr: stderr(), tail: tail(end), outBytes, truncated },
    quietMs: printedAt === null ? null : Math.max(0, endedAt - printedAt),
  });
}
