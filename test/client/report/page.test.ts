import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { colour, diffHtml } from '../../../client/report/code.ts';
import { markup, type Html } from '../../../client/report/html.ts';
import { liveScript } from '../../../client/report/live.ts';
import { reportPage } from '../../../client/report/page.ts';
import { reportFactsWith } from '../../support/report-facts.ts';

const hostile = `</style></script><script>alert(1)</script><img src=x onerror=alert(1)>"'onload=alert(2) x="`;

/** All tags of a page, without what a text says. */
function tagsOf(page: string): string[] {
  return [...page.replace(/<style>.*?<\/style>/s, '').matchAll(/<[a-z!/][^>]*>/gi)].map(([tag]) => tag);
}

describe('reportPage', () => {
  it('lets no text of a model, a candidate or a ledger become a tag or an attribute', async () => {
    const plain = await reportPage(reportFactsWith('x'));
    const page = await reportPage(reportFactsWith(hostile));
    expect(page).not.toMatch(/<(script|img|iframe|object|link rel="style)/i);
    const names = (text: string) =>
      [
        ...new Set(
          tagsOf(text).flatMap((tag) => [tag.split(/[\s>]/)[0]!, ...(tag.match(/(?<= )[a-zA-Z:-]+(?==")/g) ?? [])]),
        ),
      ].sort();
    expect(names(page).filter((name) => /^on|^style$|^src$/.test(name))).toEqual([]);
    const known = new Set(names(plain));
    expect(names(page).filter((name) => !known.has(name))).toEqual([]);
    expect(page).toContain('&#60;img src=x onerror=alert(1)&#62;');
  });

  it('shows no character that turns text round or that a terminal would obey, wherever it stands', async () => {
    const page = await reportPage(reportFactsWith('if (a\u202e // \u2066b) \u0000\u001b[31mred'));
    expect(page.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    expect(page).toContain('red');
  });

  it('allows its own style and nothing else; a served one its own script too', async () => {
    const facts = reportFactsWith('x');
    const policyOf = (page: string) => /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
    const digest = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
    const file = await reportPage(facts);
    const [, style] = /<style>(.*?)<\/style>/s.exec(file)!;
    expect(policyOf(file)).toBe(
      `default-src &#39;none&#39;; style-src &#39;${digest(style!)}&#39;; img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;`,
    );
    expect(file).not.toContain('<script');
    const served = await reportPage(facts, { script: liveScript, now: 'collect' });
    expect(policyOf(served)).toContain(`script-src &#39;${digest(liveScript)}&#39;; connect-src &#39;self&#39;`);
    expect(served).toContain(`<script>${liveScript}</script>`);
    expect(served).toContain('<p id="now" role="status">collect</p>');
  });

  it('reaches for nothing: every link and picture is its own', async () => {
    const page = await reportPage(reportFactsWith('https://example.org/x.png'));
    const places = [...page.matchAll(/\b(?:href|src|url|action)\s*[=(]\s*["']?([^"'\s>)]*)/g)].map(
      ([, place]) => place!,
    );
    expect(places.filter((place) => !/^(#|data:,$)/.test(place))).toEqual([]);
    expect(places).toContain('#iteration-1');
  });

  it('tells each attempt with verdict, pairs, capital and diff, hotspots of both, costs, and how to go on', async () => {
    const page = await reportPage(reportFactsWith('some words'));
    for (const text of [
      '20.0 % better (some words)',
      'base against champion measured afresh over 20 pairs, 95 % +15.0 % to +25.0 %',
      'accepted: 20.0 % better',
      '12 pairs in numbers',
      'Pairs and capital of iteration 1',
      'Hotspots before and after',
      'champion of iteration',
      'each committed per cent',
      'git merge',
      'npx karpathy-loop verify',
      '3: 1 committed, 1 rolled back, 1 failed',
    ])
      expect(page).toContain(text);
    expect(page).toContain('<ins>+<span class="hljs-keyword">const</span>');
  });

  it('draws an attempt once, and takes it from there when the page is made again', async () => {
    const facts = reportFactsWith('x');
    const made = new Map<number, Html>();
    const first = await reportPage(facts, null, made);
    expect([...made.keys()]).toEqual([1, 2, 3]);
    made.set(2, markup`<li>as before</li>`);
    expect(await reportPage(facts, null, made)).toContain('<li>as before</li>');
    expect(first).not.toContain('as before');
  });
});

it('A template escapes every value but HTML, in lists too.', () => {
  expect(markup`<p title="${'"<'}">${[markup`<b>${'&'}</b>`, '>']}${null}${false}${0}</p>`.toString()).toBe(
    '<p title="&#34;&#60;"><b>&#38;</b>&#62;0</p>',
  );
});

it('A diff has a bound of its lines, heads of its parts among them, in however many files.', () => {
  const file = (name: string) =>
    `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n@@ -0,0 +1,400 @@\n${'+x\n'.repeat(400)}`;
  const page = diffHtml([1, 2, 3].map((at) => file(`${at}.txt`)).join('')).toString();
  expect(page.match(/<ins>/g)).toHaveLength(598);
  expect(page.match(/<figcaption>/g)).toHaveLength(3);
  expect([...page.matchAll(/(\d+) more lines/g)].map(([, lines]) => lines)).toEqual(['202', '401']);
});

it('Colours end with each line and go on in the next, and no text is lost.', () => {
  const code = 'const a = `one\ntwo <b>`; // three';
  const lines = colour('src/a.mjs', code).map(String);
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line.split('<span').length).toBe(line.split('</span>').length);
  expect(lines[1]).toMatch(/^<span class="hljs-string">two &lt;b&gt;/);
  expect(colour('notes.unknown', '<i>').map(String)).toEqual(['&#60;i&#62;']);
});
