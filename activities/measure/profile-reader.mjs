/** Reads the profiles that a program wrote: any number of them, of any form, in a process that may be ended. */
import { closeSync, constants, fstatSync, openSync, opendirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hottest } from '../../domain/proposal/profile.ts';

const maxProfiles = 8;
const maxProfileBytes = 32 * 1024 * 1024;
const { directory, editable } = JSON.parse(readFileSync(0, 'utf8'));
const paths = new Set(editable);
let unread = 0;
const hotspots = hottest(profiles(), (path) => paths.has(path));
console.log(JSON.stringify({ hotspots, unread }));

/** One after the other, so that only one is in memory. */
function* profiles() {
  let found = 0;
  const entries = opendirSync(directory);
  for (let entry = entries.readSync(); entry && found < maxProfiles; entry = entries.readSync()) {
    if (!entry.name.endsWith('.cpuprofile')) continue;
    found++;
    const profile = readProfile(join(directory, entry.name));
    if (profile === null) unread++;
    else yield profile;
  }
  entries.closeSync();
}

/** No link is followed, and no pipe is waited for. */
function readProfile(path) {
  let file;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = fstatSync(file);
    return facts.isFile() && facts.size <= maxProfileBytes ? JSON.parse(readFileSync(file, 'utf8')) : null;
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
