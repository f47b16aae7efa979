import { StringDecoder } from 'node:string_decoder';
import { createCounter } from './counter.mjs';
import { sort } from './sort.mjs';

// Bytes of the log that are decoded at a time.
const BLOCK_SIZE = 4096;

/**
 * The most requested pages of each minute of an access log.
 * A line reads "2024-05-01T13:07:22 GET /page 200"; lines of another form are skipped.
 * @param {Buffer} log UTF-8 text, minutes in any order
 * @param {number} count pages to return for each minute
 * @returns {{ minute: string, pages: { page: string, requests: number }[] }[]} minutes in order of first appearance,
 *   pages by number of requests, the most first, then by name
 */
export function busiest(log, count) {
  const counters = new Map();
  for (const line of lines(log)) {
    const request = parse(line);
    if (!request) continue;
    if (!counters.has(request.minute)) counters.set(request.minute, createCounter());
    counters.get(request.minute).add(request.page);
  }
  return Array.from(counters, ([minute, counter]) => ({
    minute,
    pages: sort(counter.entries(), byRequests)
      .slice(0, count)
      .map(({ key, count: requests }) => ({ page: key, requests })),
  }));
}

function* lines(log) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for (let start = 0; start < log.length; start += BLOCK_SIZE) {
    const text = rest + decoder.write(log.subarray(start, start + BLOCK_SIZE));
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      yield text.slice(from, end);
      from = end + 1;
    }
    rest = text.slice(from);
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

function parse(line) {
  const method = line.indexOf(' ') + 1;
  const page = line.indexOf(' ', method) + 1;
  const end = line.indexOf(' ', page);
  if (method !== 20 || page === 0 || end <= page) return null;
  return { minute: line.slice(0, 16), page: line.slice(page, end) };
}

function byRequests(a, b) {
  if (a.count !== b.count) return b.count - a.count;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
