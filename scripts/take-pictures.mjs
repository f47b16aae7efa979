import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { main, onPath, run, SetupError } from './bring.mjs';
import { bundledExample, root } from './paths.mjs';

/*
 * Takes the pictures of docs/images/ from a real loop: of the Temporal UI while it runs, and of its report at the end.
 * Usage: node scripts/take-pictures.mjs                     runs "tune" on the bundled example first, for half an hour
 *        node scripts/take-pictures.mjs <repository> <id>   takes the report's from a loop that has ended
 */
const [ledgerAt, ledgerOf] = process.argv.slice(2);
const images = join(root, 'docs', 'images');
const cli = join(root, 'client', 'karpathy-loop.mjs');
const loopId = 'example';
/** Iterations after which the Temporal UI has something to show. */
const shownAfter = 3;

await main(async () => {
  const executablePath = process.env.CHROMIUM ?? onPath('chromium');
  if (!executablePath) throw new SetupError('chromium: is not installed; run node scripts/bring-chromium.mjs');
  const place = mkdtempSync(join(tmpdir(), 'karpathy-loop-pictures-'));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    mkdirSync(images, { recursive: true });
    const repository = ledgerAt ?? fresh(join(place, 'repository'));
    const flags = [
      '--foreground',
      '--id',
      loopId,
      '--data',
      join(place, 'data'),
      '--source',
      'tune',
      '--iterations',
      '30',
    ];
    if (!ledgerAt) await loop(['run', repository, ...flags], (ui) => pictureTemporal(browser, ui));
    const file = join(place, 'report.html');
    run(process.execPath, [cli, 'report', ledgerOf ?? loopId, '--repository', repository, '--html', file]);
    await pictureReport(browser, pathToFileURL(file).href);
  } finally {
    await browser.close();
    rmSync(place, { recursive: true, force: true });
  }
});

function fresh(repository) {
  cpSync(bundledExample, repository, { recursive: true });
  const git = (...words) =>
    run('git', ['-c', 'user.name=Example', '-c', 'user.email=example@localhost', ...words], { cwd: repository });
  git('init', '--quiet', '--template=', '--initial-branch=main');
  git('add', '--all', '--force');
  git('commit', '--quiet', '--message', 'Begin with the example');
  return repository;
}

/** Runs the loop to its end, and calls `onShown` with the address of its page in the Temporal UI once it has gone on for a while. */
function loop(words, onShown) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    let [said, shown] = ['', null];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      process.stdout.write(text);
      said += text;
      const ui = /^ui +(http\S+)/m.exec(said)?.[1];
      if (ui && !shown && new RegExp(`^ *${shownAfter}/`, 'm').test(said)) shown = onShown(ui).catch(reject);
    });
    child.once('close', (code) =>
      code === 0 ? resolve(shown) : reject(new SetupError(`run: ended with exit code ${code}`)),
    );
  });
}

/** Shows where the loop is, as it tells in the Temporal UI. */
async function pictureTemporal(browser, ui) {
  const page = await (await browser.newContext({ viewport: { width: 1500, height: 900 } })).newPage();
  await page.goto(ui);
  await page.getByText('User Metadata').first().click();
  await page.getByText('Current Details').first().waitFor();
  await page.screenshot({ path: join(images, 'temporal-loop.png') });
}

/** Shows the head of the page and its progress, as a reader sees it first. */
async function pictureReport(browser, url) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await (await browser.newContext({ viewport: { width: 1000, height: 900 }, colorScheme })).newPage();
    await page.goto(url);
    const { y, height } = await page.locator('#progress').boundingBox();
    await page.screenshot({
      path: join(images, `report-${colorScheme}.png`),
      clip: { x: 0, y: 0, width: 1000, height: Math.ceil(y + height) + 16 },
    });
  }
}
