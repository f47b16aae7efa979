import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress } from '../../../client/terminal/progress.ts';
import { line } from '../../../domain/text.ts';

/** What a screen of `columns` shows is left to the terminal; this holds what is written to it. */
describe('progress', () => {
  const own = { isTTY: process.stdout.isTTY, columns: process.stdout.columns };
  const terminal = { isTTY: true, columns: 40 };
  let written: string;
  beforeEach(() => {
    written = '';
    vi.stubEnv('NO_COLOR', '');
    vi.stubEnv('TERM', 'xterm');
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    vi.useRealTimers();
    Object.assign(process.stdout, own);
  });
  const on = (stream: Partial<NodeJS.WriteStream>) => void Object.assign(process.stdout, stream);

  it('in a file is lines without any code, and repeats no step', () => {
    on({ isTTY: false });
    const progress = createProgress();
    progress.line(line`one`, 'good');
    progress.step(line`1/2  test`, line`run 1`);
    progress.step(line`1/2  test`, line`run 2`);
    progress.line(line`two`);
    progress.clear();
    expect(written).toBe('one\n1/2  test\ntwo\n');
  });

  it('on a terminal is one line in place, of the terminal width, with what is done and the time', () => {
    on(terminal);
    vi.useFakeTimers();
    const progress = createProgress();
    progress.step(line`1/2  test`, line`run 1`);
    expect(written).toBe('\x1b[?7l1/2  test; run 1\x1b[?7h');
    written = '';
    vi.advanceTimersByTime(3_000);
    expect(written.split('\r\x1b[J').at(-1)).toBe('\x1b[?7l1/2  test; run 1; 3 s\x1b[?7h');
    written = '';
    progress.step(line`1/2  benchmark: ${'x'.repeat(60)}`);
    expect(written).toBe(`\r\x1b[J\x1b[?7l1/2  benchmark: ${'x'.repeat(23)}\x1b[?7h`);
    written = '';
    // The terminal has become narrower, and has broken the line into two rows.
    on({ columns: 20 });
    progress.clear();
    expect(written).toBe('\r\x1b[1A\x1b[J');
    written = '';
    vi.advanceTimersByTime(3_000);
    expect(written).toBe('');
  });

  it.each<[string, Record<string, string>, string]>([
    ['are shown', {}, '\x1b[32mone\x1b[39m\n'],
    ['are not where NO_COLOR is set', { NO_COLOR: '1' }, 'one\n'],
    ['are not on a dumb terminal', { TERM: 'dumb' }, 'one\n'],
  ])('colours %s on a terminal', (_, environment, expected) => {
    on(terminal);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    createProgress().line(line`one`, 'good');
    expect(written).toBe(expected);
  });

  it('that is quiet says nothing', () => {
    on(terminal);
    const progress = createProgress({ quiet: true });
    progress.line(line`one`);
    progress.step(line`two`);
    progress.clear();
    expect(written).toBe('');
  });
});
