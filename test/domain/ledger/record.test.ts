import { expect, it } from 'vitest';
import { parseRecord } from '../../../domain/ledger/record.ts';

it.each(['', 'null', '{}', '{"detail":1,"model":"m"}', '{"detail":"d","model":"m","hypothesis":{"title":"t"}}'])(
  'A record that anybody may have written is refused in one line: %s',
  (json) => expect(() => parseRecord(json)).toThrow(/^ledger: a record cannot be read \(.*\); restore the ledger.*$/),
);
