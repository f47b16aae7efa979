import { runInNewContext } from 'node:vm';

/** Limit of a search in the output of one command, in ms. */
export const searchTimeoutMs = 2_000;

/** Patterns are somebody's and outputs a candidate's: together they could keep the whole worker busy for ever. */
export function searchInTime<Found, Late>(search: () => Found, tooLong: Late): Found | Late {
  try {
    return runInNewContext('search()', { search }, { timeout: searchTimeoutMs }) as Found;
  } catch {
    return tooLong;
  }
}
