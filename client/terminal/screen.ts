import type { CleanLine, CleanText } from '../../domain/text.ts';

/** Where a person looks: lines that stay, and one line for what is under way, rewritten in place on a terminal. */
export interface Screen {
  line: (text: CleanText) => void;
  /** On anything but a terminal, a line of its own each time it changes. */
  step: (text: CleanLine) => void;
  clear: () => void;
}

export function createScreen(stream: NodeJS.WriteStream): Screen {
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

/** Prints a command's answer on standard output. */
export function print(text: CleanText): void {
  process.stdout.write(text);
}
