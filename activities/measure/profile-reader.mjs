/** Reads the profiles that a program wrote: any number of them, of any form, in a process that may be ended. */
import { closeSync, constants, fstatSync, lstatSync, openSync, opendirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { decodePprof } from '../../adapters/profilers/decode-pprof.ts';
import { createMapBack } from '../../adapters/profilers/source-maps.ts';
import { addCallgrind } from '../../domain/profiles/callgrind.ts';
import { addCollapsed } from '../../domain/profiles/collapsed.ts';
import { addCpuProfile } from '../../domain/profiles/cpu-profile.ts';
import { addCProfile } from '../../domain/profiles/c-profile.ts';
import { createLocate, definitionsIn } from '../../domain/profiles/locate.ts';
import { addPerfScript } from '../../domain/profiles/perf-script.ts';
import { addPprof } from '../../domain/profiles/pprof.ts';
import { createTally } from '../../domain/profiles/tally.ts';

const mebibyte = 1024 * 1024;
const maxEntries = 10_000;
const maxProfiles = 16;
const maxBytes = 32 * mebibyte;

/** By the end of a name; what is read of one group has one unit. The first group with editable code is told. */
const groups = [
  { kinds: [[/\.(folded|collapsed)$/, (tally, bytes) => addCollapsed(tally, bytes.toString())]], names: true },
  {
    kinds: [
      [/\.cpuprofile$/, (tally, bytes) => addCpuProfile(tally, JSON.parse(bytes), mapBack)],
      [/\.cprofile$/, (tally, bytes) => addCProfile(tally, JSON.parse(bytes))],
      [/\.(pprof|pb\.gz)$/, (tally, bytes) => addPprof(tally, decodePprof(bytes, 2 * maxBytes))],
    ],
  },
  { kinds: [[/^callgrind\.out\./, (tally, bytes) => addCallgrind(tally, bytes.toString())]], names: true },
  { kinds: [[/\.perf-script$/, (tally, bytes) => addPerfScript(tally, bytes.toString())]], names: true },
];

const { directory, tree, editable, kept } = JSON.parse(readFileSync(0, 'utf8'));
const paths = new Set(editable);
const isEditable = (path) => paths.has(path);
const others = new Set(kept);
/** What was neither committed nor provided, itself or with its directory, is of the build. */
const isMade = (path) => !path.split('/').some((_, index, parts) => others.has(parts.slice(0, index + 1).join('/')));
const mapBack = createMapBack((path) => readInTree(path, maxBytes), isEditable);
let unread = 0;
console.log(JSON.stringify({ ...readGroups(), unread }));

function readGroups() {
  const entries = list();
  let read = 0;
  let best = null;
  for (const { kinds, names } of groups) {
    const kindOf = ({ name }) => kinds.find(([ending]) => ending.test(name));
    const mine = entries.filter(kindOf);
    if (mine.length === 0) continue;
    const definitions = names || kept ? definitionsIn(sources()) : undefined;
    const tally = createTally(createLocate(isEditable, definitions, kept ? isMade : undefined));
    for (const entry of mine.slice(0, maxProfiles)) if (add(tally, entry, kindOf(entry)[1])) read++;
    const reading = tally.reading();
    if (reading.spots.length > 0) return { read, ...reading };
    if (best === null || reading.busy > best.busy) best = reading;
  }
  return { read, ...(best ?? { spots: [], busy: 0, outside: null }) };
}

/** The largest first: many small ones are of programs that only start others. */
function list() {
  const found = [];
  const entries = opendirSync(directory);
  for (let entry = entries.readSync(); entry && found.length < maxEntries; entry = entries.readSync())
    found.push({ name: entry.name, size: lstatSync(join(directory, entry.name)).size });
  entries.closeSync();
  return found.sort((a, b) => b.size - a.size);
}

function add(tally, { name }, read) {
  try {
    const bytes = readBytes(join(directory, name), maxBytes);
    if (bytes !== null && (read(tally, bytes) || name.endsWith('.pprof'))) return true;
  } catch {
    // Counted below.
  }
  unread++;
  return false;
}

/** No link is followed, and no pipe is waited for. */
function readBytes(path, most) {
  let file;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = fstatSync(file);
    return facts.isFile() && facts.size <= most ? readFileSync(file) : null;
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A build may have left links in the tree that lead out of it. */
function readInTree(path, most) {
  try {
    const place = join(tree, path);
    const isInside = realpathSync(place) === join(realpathSync(tree), path);
    return isInside ? (readBytes(place, most)?.toString() ?? null) : null;
  } catch {
    return null;
  }
}

function* sources() {
  let left = 20 * mebibyte;
  for (const file of editable) {
    const text = left > 0 ? readInTree(file, mebibyte) : null;
    if (text === null) continue;
    left -= text.length;
    yield { file, text };
  }
}
