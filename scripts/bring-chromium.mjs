import { asRoot, main, onPath, run, SetupError } from './bring.mjs';

/* Finds Chromium for the tests of pages, and for pictures of them; else installs the distribution's. */
const names = ['chromium', 'chromium-browser', 'google-chrome'];

await main(() => {
  const found = process.env.CHROMIUM ?? names.map((name) => onPath(name)).find(Boolean);
  if (found) return console.log(`set-up: Chromium: ${found}`);
  const root = onPath('apt-get') && asRoot();
  if (!root)
    throw new SetupError(
      'chromium: is not installed, and apt-get or its rights are missing; install it, or name one by CHROMIUM',
    );
  console.log("set-up: Chromium: the distribution's package, for tests of the report's page; about 400 MB, by apt-get");
  const apt = (...args) => {
    const [command, ...rest] = [...root, 'apt-get', ...args];
    run(command, rest, { remedy: "the distribution's packages must be within reach" });
  };
  apt('update', '-qq');
  apt('install', '-y', '--no-install-recommends', 'chromium');
});
