const names = '(?:think|thinking|thought|thoughts|reasoning|reflection|analysis)';
const opening = new RegExp(`^\\s{0,40}<${names}>`, 'i');
const closing = new RegExp(`</${names}>`, 'i');
/** Marks of chat templates that some servers let through. */
const marks =
  /<\|(?:im_start|im_end|endoftext|end|return|eot_id|end_of_text|EOT|file_sep|fim_middle)\|>|<\/?s>|<｜end▁of▁sentence｜>/g;

/** Removes what a model thought before it answered. Null: it thought to the end. */
export function withoutThoughts(text: string): string | null {
  const channel = /<\|channel\|>final(?:<\|constrain\|>\w{1,20})?<\|message\|>/g;
  const final = [...text.matchAll(channel)].at(-1);
  if (final) return text.slice(final.index + final[0].length).replace(marks, '');
  if (text.startsWith('<|channel|>')) return null;
  const lines = text.split('\n');
  const kept: string[] = [];
  let [isThinking, isCode] = [false, false];
  for (const line of lines) {
    if (!isThinking && !isCode && opening.test(line)) isThinking = true;
    const close = closing.exec(line);
    const [before, rest] = close ? [line.slice(0, close.index), line.slice(close.index + close[0].length)] : [line, ''];
    // The opening mark may have been a part of the prompt.
    if (close && (isThinking || before.trim() === '' || (!isCode && rest.trim() === ''))) {
      if (!isThinking) kept.length = 0;
      [isThinking, isCode] = [false, false];
      kept.push(rest);
    } else if (!isThinking) {
      kept.push(line);
      if (/^\s{0,40}(```|~~~)/.test(line)) isCode = !isCode;
    }
  }
  return isThinking ? null : kept.join('\n').replace(marks, '').trimEnd();
}
