import { toBlock } from '../../domain/text.ts';

/** Text that is HTML already. Only this file makes it, so nothing gets into a page unescaped. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Value = Html | string | number | null | false | readonly Value[];

/** Fills a template; every value that is no HTML is cleaned and escaped, null and false are nothing, and lists are joined. */
export function markup(template: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(String.raw({ raw: template }, ...values.map(toText)));
}

/** Takes text of a library that has escaped what it was given, as they promise: a chart, or colours of code. */
export function escapedBy(_library: 'vega' | 'highlight.js', text: string): Html {
  return new Html(text);
}

/** Takes a style or script of this package, which end at their own tag alone. */
export function ownCode(text: string): Html {
  if (/<\/(style|script)/i.test(text)) throw new Error('html: a style or script must not hold its own end');
  return new Html(text);
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function toText(value: Value): string {
  if (value === null || value === false) return '';
  if (Array.isArray(value)) return (value as readonly Value[]).map(toText).join('');
  return value instanceof Html ? value.toString() : escape(toBlock(String(value), Infinity));
}
