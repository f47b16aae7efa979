/** Where a person looks: lines that stay, and one line for what is under way, rewritten in place on a terminal. */
export interface Screen {
  line: (text: string) => void;
  /** On anything but a terminal, a line of its own each time it changes. */
  step: (text: string) => void;
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
