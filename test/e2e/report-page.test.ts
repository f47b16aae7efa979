import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bringChromium,
  chromiumFile,
  overflowOf,
  pictures,
  startChromium,
  views,
  violationsOf,
} from '../support/chromium.ts';
import { begin, call } from '../support/command-line.ts';
import { createTarget, proposals, scriptedSource, targetConfig } from '../support/repository/target.ts';
import type { TestRepository } from '../support/repository/repository.ts';
import { createDataDirectory } from '../support/server/worker-process.ts';
import { reportFactsWith } from '../support/report-facts.ts';
import { reportPage } from '../../client/report/page.ts';
import { toLine } from '../../domain/text.ts';

const hostile = '</style><script>document.title="owned"</script><img src="https://example.org/x.png">';
const answers = [
  { ...proposals.slower, title: toLine(hostile) },
  { ...proposals.faster, rationale: toLine(hostile) },
  proposals.broken,
  'I have no idea.',
  proposals.fasterStill,
];

const title = chromiumFile ? 'the page of a report' : `the page of a report (no Chromium: run ${bringChromium})`;

describe.skipIf(!chromiumFile)(title, () => {
  const begun: ReturnType<typeof begin>[] = [];
  let browser: Browser;
  let target: TestRepository;
  let data: ReturnType<typeof createDataDirectory>;

  beforeAll(async () => {
    browser = await startChromium();
    data = createDataDirectory();
    target = await createTarget();
  });
  afterAll(async () => {
    for (const one of begun) if (one.process.exitCode === null) one.process.kill();
    await Promise.all(begun.map(({ ended }) => ended));
    await browser.close();
    await target.remove();
    data.remove();
  });

  /** Opens a page whose complaints fail the test. */
  async function open(url: string, options: Parameters<Browser['newContext']>[0]): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(300_000);
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
    return page;
  }
  let [complaints, requests]: [string[], string[]] = [[], []];

  it('grows while a loop runs, beside the Temporal UI, and is whole in a file at the end', async () => {
    const file = join(data.path, 'loop.json');
    writeFileSync(file, JSON.stringify(targetConfig(target.path, { iterations: answers.length })));
    const source = `script=${JSON.stringify(scriptedSource(data.path, answers).command)}`;
    const place = ['--data', join(data.path, 'data')];
    const run = begin(['run', '--foreground', file, '--id', 'paged', '--command-source', source, ...place], {
      cwd: target.path,
    });
    const until = async (text: RegExp, said: () => string) =>
      expect.poll(said, { message: String(text) }).toMatch(text);
    begun.push(run);
    await until(/^ui +http/m, run.said);
    const [, ui] = /^ui +(http\S+)/m.exec(run.said())!;
    await until(/^1\/5 /m, run.said);

    const watch = begin(['watch', 'paged', '--web', ...place], { cwd: target.path });
    begun.push(watch);
    await until(/http:\S+/, watch.said);
    const [url] = /http:\S+/.exec(watch.said())!;
    [complaints, requests] = [[], []];
    const live = await open(url, { viewport: { width: 1100, height: 900 } });
    await live.locator('#details-1 > summary').click();
    await expect.poll(() => live.locator('#now').textContent()).toMatch(/^Now: +\d\/5/);
    await live.screenshot({ path: join(pictures, 'live.png') });

    const front = await browser.newContext({ viewport: { width: 1300, height: 900 } }).then((one) => one.newPage());
    front.setDefaultTimeout(300_000);
    const list = ui!.replace(/\/[^/]*$/, '');
    for (const [name, place] of [
      ['list', list],
      ['loop', ui!],
      ['iteration', `${list}/${encodeURIComponent('paged/iter-1')}`],
    ] as const) {
      await front.goto(place);
      await front.getByText('paged').first().waitFor();
      await front
        .getByText(name === 'loop' ? 'karpathyLoop' : 'karpathyIteration')
        .first()
        .waitFor();
      await front.screenshot({ path: join(pictures, `temporal-${name}.png`) });
    }

    // Without a reload, and with what was opened still open.
    await expect.poll(() => live.locator('.attempts > li').count()).toBe(answers.length);
    expect(await live.locator('#details-1').getAttribute('open')).not.toBeNull();
    expect(await live.title()).toBe('paged: report of a Karpathy Loop');
    expect(requests.filter((one) => !one.startsWith(url))).toEqual(['data:,'].filter((one) => requests.includes(one)));
    expect(complaints).toEqual([]);
    // An open page would ask for its server again and again.
    await live.context().close();
    expect((await run.ended).code).toBe(0);
    watch.process.kill('SIGINT');
    expect((await watch.ended).code).toBe(0);

    const written = await call(['report', 'paged', '--html', 'page.html'], { cwd: target.path });
    expect([written.code, written.stderr]).toEqual([0, '']);
    const html = readFileSync(join(target.path, 'page.html'), 'utf8');
    for (const text of ['Hotspots', 'src/total.mjs: total', 'rolled back: tests-failed', 'failed: no-hypothesis'])
      expect(html).toContain(text);
    const markdown = await call(['report', 'paged', '--markdown'], { cwd: target.path });
    expect(markdown.stdout).toMatch(/^## .* better \(ms\), base against champion measured afresh over 20 pairs/);
    await looksRight(join(target.path, 'page.html'), 'report');
  });

  it('is as accessible and as narrow with foreign text of any length', async () => {
    const file = join(data.path, 'hostile.html');
    writeFileSync(file, await reportPage(reportFactsWith(`${hostile} ${'w'.repeat(150)}`)));
    await looksRight(file, 'hostile');
  });

  /** Opens every attempt in each view: nothing is complained of, asked of the network, or beyond the window's edge. */
  async function looksRight(file: string, name: string): Promise<void> {
    for (const { scheme, device, width } of views) {
      [complaints, requests] = [[], []];
      const page = await open(pathToFileURL(file).href, {
        ...{ viewport: { width, height: 900 }, colorScheme: scheme, offline: true },
      });
      for (const one of await page.locator('.attempts > li > details > summary').all()) {
        await one.focus();
        await page.keyboard.press('Enter');
      }
      const where = `${name} ${device} ${scheme}`;
      expect(await page.locator('.attempts > li > details:not([open])').count(), where).toBe(0);
      expect(await violationsOf(page), where).toEqual([]);
      expect(await overflowOf(page), where).toBe(0);
      expect(complaints, where).toEqual([]);
      expect(
        requests.filter((one) => !/^(file|data):/.test(one)),
        where,
      ).toEqual([]);
      expect(await page.title(), where).not.toBe('owned');
      await page.screenshot({ path: join(pictures, `${name}-${device}-${scheme}.png`), fullPage: true });
      await page.context().close();
    }
  }
});
