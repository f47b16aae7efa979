import { describe, expect, it } from 'vitest';
import { startUpOf } from '../../../domain/verdict/start-up.ts';

describe('startUpOf', () => {
  it.each([
    ['node bench.mjs --fast', 'node -e 0'],
    ['cd bench && SIZE=3 taskset -c 0 /usr/bin/python3.11 run.py', '/usr/bin/python3.11 -c pass'],
    ['(npm run bench)', 'npm --version && node -e 0'],
    ['ruby bench.rb | tail -1', 'ruby -e nil'],
    ['php -d memory_limit=1G bench.php', "php -r ''"],
    ['./target/release/bench', 'true'],
    ['"$(which node)" bench.mjs', 'node -e 0'],
    ['awk -f constructor toString', 'true'],
    ['', 'true'],
  ])('does nothing in the way of %j', (command, nothing) => {
    expect(startUpOf(command)).toBe(nothing);
  });
});
