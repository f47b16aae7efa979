import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convert, parseUnit, unitKind } from '../../../domain/verdict/reading/unit.ts';

describe('unitKind', () => {
  it.each<[string, ReturnType<typeof unitKind>]>([
    ['ms', { kind: 'time', ms: 1 }],
    ['Sec', { kind: 'time', ms: 1000 }],
    ['µs', { kind: 'time', ms: 1e-3 }],
    ['μs', { kind: 'time', ms: 1e-3 }],
    ['ns/op', { kind: 'time-share' }],
    ['ms per item', { kind: 'time-share' }],
    ['', { kind: 'time-share' }],
    ...[
      'ops',
      'ops/sec',
      'op/s',
      'MB/s',
      'req / s',
      'it/s',
      'kHz',
      'RPS',
      'qps',
      'fps',
      'items per second',
      'tokens/ms',
    ].map((unit): [string, { kind: 'rate' }] => [unit, { kind: 'rate' }]),
    ...['bytes', 'MB', 'loss', 'allocations', 'shops', 'B/op', 'm', 'items'].map(
      (unit): [string, { kind: 'other' }] => [unit, { kind: 'other' }],
    ),
  ])('reads %j', (unit, kind) => expect(unitKind(unit)).toEqual(kind));
});

describe('parseUnit', () => {
  it.each([
    ['ms', 'time', 1e6],
    ['usecs', 'time', 1e3],
    ['millis', 'time', 1e6],
    ['hrs', 'time', 3.6e12],
    ['KiB', 'size', 1024],
    ['KB', 'size', 1000],
    ['kb', 'size', 1000],
    ['Kb', 'bits', 1000],
    ['mebibytes', 'size', 1024 ** 2],
    ['Mbit', 'bits', 1e6],
    ['gigabytes', 'size', 1e9],
    ['%', 'percent', 1],
    ['us/iter', 'time/each', 1e3],
    ['B/op', 'size/each', 1],
    ['k ops/s', 'count/time', 1e3],
    ['/s', 'count/time', 1],
    ['M/s', 'count/time', 1e6],
    ['requests per minute', 'count/time', 1 / 60],
    ['GiB/s', 'size/time', 1024 ** 3],
    ['MBps', 'size/time', 1e6],
    ['Mbps', 'bits/time', 1e6],
    ['GFLOPS', 'flop/time', 1e9],
    ['GFLOP/s', 'flop/time', 1e9],
    ['lumens/s', 'lumens/time', 1],
  ])('knows %s', (text, dimension, scale) => {
    expect(parseUnit(text)?.dimension).toBe(dimension);
    expect(parseUnit(text)!.scale).toBeCloseTo(scale, 9);
  });

  it.each(['', 'm', 'k', 'M', 'steps', 'total', 'points', 'op', 'iB', 'allocs/op', 'mss', 'run', '/op'])(
    'knows no %j',
    (text) => expect(parseUnit(text)).toBeNull(),
  );

  it('converts there and back', () => {
    const units = ['ns', 'us', 'ms', 's', 'min', 'h'].map((text) => parseUnit(text)!);
    const unit = fc.constantFrom(...units);
    fc.assert(
      fc.property(unit, unit, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (one, other, value) => {
        expect(convert(convert(value, one, other)!, other, one)! / value).toBeCloseTo(1, 12);
      }),
    );
    expect(convert(1, parseUnit('ms')!, parseUnit('B')!)).toBeNull();
    expect(convert(1, parseUnit('ms/op')!, parseUnit('ms')!)).toBeNull();
  });
});
