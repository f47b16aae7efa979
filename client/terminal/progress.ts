import type { CleanLine, CleanText } from '../../domain/text.ts';

/** Shows progress: lines that stay, and one line for the step under way, which a terminal rewrites in place. */
export interface Progress {
  line: (text: CleanLine) => void;
  /** Elsewhere than on a terminal, each change is a line of its own. */
  step: (text: CleanLine) => void;
  clear: () => void;
}

/** @param json the command prints JSON on standard output, so that progress goes to standard error */
export function createProgress(json = false): Progress {
  const stream = json ? process.stderr : process.stdout;
  let last = '';
  const clear = () => {
    if (stream.isTTY && last !== '') stream.write('\r\x1b[K');
    last = '';
  };
  return {
    clear,
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    step(text) {
      if (text === last) return;
      if (stream.isTTY) stream.write(`\r\x1b[K${text.slice(0, (stream.columns || 80) - 1)}`);
      else stream.write(`${text}\n`);
      last = text;
    },
  };
}

/** Prints a command's result on standard output. */
export function print(text: CleanText): void {
  process.stdout.write(text);
}
