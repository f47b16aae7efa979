const names = '(?:think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad)';
/** As tags, in the brackets of Mistral's and Kimi's models, and as marks of a template. */
const tag = (slash: string) => String.raw`<${slash}(?:\w{1,20}:)?${names}>|\[${slash}${names}\]|◁${slash}${names}▷`;
const opening = new RegExp(String.raw`^\s{0,40}(?:${tag('')}|<\|begin_of_thought\|>|<\|channel>thought)`, 'i');
const closing = new RegExp(String.raw`${tag('/')}|<\|end_of_thought\|>|<channel\|>`, 'i');
/** Marks of chat templates that some servers let through, round the answer: within it they are its own. */
const mark = String.raw`(?:<\|[^|<>\s]{1,40}\|>|<｜[^<>\s]{1,40}｜>|</?s>|<(?:[a-z]{2,5}_of_turn|fim_\w{1,10}|unused\d{1,4})>)`;
const firstMark = new RegExp(String.raw`^\s{0,40}${mark}(?:assistant\b)?`);
const lastMark = new RegExp(String.raw`${mark}\s*$`);
const markAtFence = new RegExp(String.raw`^([ \t]{0,40}(?:\`{3,20}|~{3,20}))${mark}.*$`, 'gm');

/** Removes what a model thought before it answered. Null: it thought to the end. */
export function withoutThoughts(text: string): string | null {
  const channel = /<\|channel\|>final(?:<\|constrain\|>\w{1,20})?<\|message\|>/g;
  const final = [...text.matchAll(channel)].at(-1);
  if (final) return withoutMarks(text.slice(final.index + final[0].length));
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
  return isThinking ? null : withoutMarks(kept.join('\n'));
}

function withoutMarks(text: string): string {
  let rest = text.trimEnd();
  for (let found; (found = firstMark.exec(rest.slice(0, 120)));) rest = rest.slice(found[0].length);
  for (let found; (found = lastMark.exec(rest.slice(-60)));) rest = rest.slice(0, -found[0].length);
  return rest.replace(markAtFence, '$1');
}
