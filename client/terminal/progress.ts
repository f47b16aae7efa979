import { styleText } from 'node:util';
import type { CleanLine, CleanText } from '../../domain/text.ts';

/** Shows progress: lines that stay, and one line for the step under way, which a terminal rewrites in place. */
export interface Progress {
  line: (text: CleanLine, tone?: Tone) => void;
  /**
   * Elsewhere than on a terminal, each change of `text` is a line of its own.
   * @param doing what the step does now, which only a terminal shows
   */
  step: (text: CleanLine, doing?: CleanLine | null) => void;
  clear: () => void;
}

/** How a line looks where colours are shown. */
export type Tone = 'good' | 'bad' | 'doubt' | 'plain';

const colours = { good: 'green', bad: 'red', doubt: 'yellow' } as const;

interface ProgressFlags {
  /** The command prints JSON on standard output, so that progress goes to standard error. */
  json?: boolean;
  /** Nothing is shown. */
  quiet?: boolean;
}

export function createProgress({ json = false, quiet = false }: ProgressFlags = {}): Progress {
  if (quiet) return { line: () => undefined, step: () => undefined, clear: () => undefined };
  const stream = json ? process.stderr : process.stdout;
  return stream.isTTY ? createScreen(stream) : createLog(stream);
}

/** Colours text on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is a dumb one. */
function paint(text: string, tone: Tone, stream: NodeJS.WriteStream): string {
  const { NO_COLOR, TERM } = process.env;
  return tone === 'plain' || !stream.isTTY || NO_COLOR || TERM === 'dumb' ? text : styleText(colours[tone], text);
}

function createLog(stream: NodeJS.WriteStream): Progress {
  let last = '';
  return {
    clear: () => void (last = ''),
    line: (text) => void stream.write(`${text}\n`),
    step(text) {
      if (text !== last) stream.write(`${text}\n`);
      last = text;
    },
  };
}

const secondMs = 1_000;

function createScreen(stream: NodeJS.WriteStream): Progress {
  let step: { text: string; doing: string; since: number } | null = null;
  let width = 0;
  // A terminal that became narrower has broken the line into rows.
  const wipe = () => {
    const rows = width === 0 ? 0 : Math.ceil(width / (stream.columns || 80)) - 1;
    if (width > 0) stream.write(`\r${rows > 0 ? `\x1b[${rows}A` : ''}\x1b[J`);
    width = 0;
  };
  const draw = () => {
    if (!step) return;
    const seconds = Math.floor((Date.now() - step.since) / secondMs);
    const text = [step.text, step.doing, ...(seconds >= 2 ? [`${seconds} s`] : [])].filter(Boolean).join('; ');
    const shown = text.slice(0, (stream.columns || 80) - 1);
    wipe();
    // Without wrapping, characters that are two cells wide cannot break the line either.
    stream.write(`\x1b[?7l${shown}\x1b[?7h`);
    width = shown.length;
  };
  let timer: NodeJS.Timeout | undefined;
  const clear = () => {
    clearInterval(timer);
    timer = undefined;
    step = null;
    wipe();
  };
  return {
    clear,
    line(text, tone = 'plain') {
      wipe();
      stream.write(`${paint(text, tone, stream)}\n`);
      draw();
    },
    step(text, doing) {
      step = { text, doing: doing ?? '', since: step?.text === text ? step.since : Date.now() };
      timer ??= setInterval(draw, secondMs).unref();
      draw();
    },
  };
}

/** Prints a command's result on standard output. */
export function print(text: CleanText): void {
  process.stdout.write(text);
}
