import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack } from '../codec/pack.mjs';

test('keeps letters in their order', () => assert.equal(pack('abca').replace(/\d/g, ''), 'abca'));
test('packs nothing into nothing', () => assert.equal(pack(''), ''));
