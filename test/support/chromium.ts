import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { AxeResults } from 'axe-core';

/** For the title of a suite that needs a browser: it is printed where the suite is skipped. */
export const bringChromium = 'node scripts/bring-chromium.mjs';

/** As scripts/bring-chromium.mjs finds it. */
export const chromiumFile = process.env['CHROMIUM'] ?? onPath(['chromium', 'chromium-browser', 'google-chrome']);

/** Pictures that tests take, to be looked at. */
export const pictures = join(tmpdir(), 'karpathy-loop-pictures');

export const views = (['light', 'dark'] as const).flatMap((scheme) =>
  [['desktop', 1100] as const, ['phone', 360] as const].map(([device, width]) => ({ scheme, device, width })),
);

/** Starts a real Chromium. Its own sandbox cannot be had by root or in most containers. */
export function startChromium(): Promise<Browser> {
  mkdirSync(pictures, { recursive: true });
  return chromium.launch({ executablePath: chromiumFile!, args: ['--no-sandbox'] });
}

/** Lists what axe finds wrong with a page. */
export async function violationsOf(page: Page): Promise<string[]> {
  // As a whole, since the page's policy lets no script in.
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' and ')}`);
}

/** Tells by how many pixels a page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
}

function onPath(names: readonly string[]): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
