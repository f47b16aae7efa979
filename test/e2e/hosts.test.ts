import { expect, it } from 'vitest';
import { runHostsDrill } from '../drill/hosts-drill.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';

describeWithServer('a loop of a URL on three workers, of which two die for good', () => {
  it('ends on the last one, with every iteration begun again from its champion, and says so', async () => {
    const { outcome, finding, told } = await runHostsDrill({ steps: ['apply', 'benchmark'], workers: 3 });
    try {
      expect(finding.violations).toEqual([]);
      expect(outcome.struck.map(({ kill }) => kill.step).sort()).toEqual(['apply', 'benchmark']);
      expect(outcome.loops.map(({ result }) => [result?.committed, result?.rolledBack, result?.failed])).toEqual([
        [2, 2, 0],
      ]);
      expect(told.length).toBeGreaterThan(0);
      for (const line of told) expect(line).toContain('host lost');
    } finally {
      await outcome.end();
    }
  });
});
