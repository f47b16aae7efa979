import { posix } from 'node:path';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { treeMount } from '../../domain/names.ts';
import type { MapBack } from '../../domain/profiles/cpu-profile.ts';
import { decoded } from '../../domain/profiles/locate.ts';

const prefix = `file://${treeMount}/`;
const inline = /^data:application\/json;(?:charset[:=][^;,]+;)?base64,/;

/**
 * Maps places in compiled scripts back by their source maps, inline or in files.
 * @param read a text of the tree by its path; null where it is not there
 */
export function createMapBack(read: (path: string) => string | null, isEditable: (path: string) => boolean): MapBack {
  const maps = new Map<string, TraceMap | null>();
  return (url, { line, column }) => {
    if (!url.startsWith(prefix)) return null;
    const script = decoded(url.slice(prefix.length));
    if (isEditable(script)) return null;
    if (!maps.has(script)) maps.set(script, readMap(script, read));
    const map = maps.get(script);
    if (!map) return null;
    const { source, line: written } = originalPositionFor(map, { line, column });
    return source === null ? null : { path: placeOf(source), line: written };
  };
}

function readMap(script: string, read: (path: string) => string | null): TraceMap | null {
  const end = read(script)?.slice(-64 * 2 ** 20) ?? '';
  const at = end.lastIndexOf('//# sourceMappingURL=');
  const url = at < 0 ? `${posix.basename(script)}.map` : (end.slice(at + 21).split(/\s/, 1)[0] ?? '');
  const place = posix.join(posix.dirname(script), url);
  const text = inline.test(url) ? Buffer.from(url.replace(inline, ''), 'base64').toString() : read(place);
  try {
    return text === null ? null : new TraceMap(text, `${treeMount}/${inline.test(url) ? script : place}`);
  } catch {
    return null;
  }
}

/** Bundlers give sources names of their own: "webpack://name/./src/a.ts". */
function placeOf(source: string): string {
  return source.replace(/^(?:webpack|vite|rollup|turbopack):\/\/\/?(?:[^/]*\/)?/, '').replace(/^\.\//, '');
}
