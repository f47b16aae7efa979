import { parse, View, type Config, type Spec } from 'vega';
import { escapedBy, markup, type Html } from './html.ts';

/** Colours are the page's, so that a picture is light or dark with it. */
const axis = {
  domainColor: 'var(--line)',
  gridColor: 'var(--line)',
  tickColor: 'var(--line)',
  labelColor: 'var(--quiet)',
  titleColor: 'var(--quiet)',
  titleFontWeight: 'normal',
  labelFontSize: 11,
  titleFontSize: 11,
} as const satisfies Config['axis'];

/**
 * Draws a picture as SVG, without a browser.
 * @param alt what it shows, in words; with `hasLinks` each mark is told too
 */
export async function draw(spec: Spec, alt: string, hasLinks = false): Promise<Html> {
  const view = new View(parse(spec, { axis }), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  const [, viewBox, marks] = /^<svg [^>]*viewBox="([^"]*)"[^>]*>(.*)<\/svg>$/s.exec(svg)!;
  const drawn = escapedBy(
    'vega',
    marks!.replace(/<[^>]+>/g, (tag) => small(tag, hasLinks)),
  );
  return markup`<svg viewBox="${viewBox!}" role="${hasLinks ? 'group' : 'img'}" aria-label="${alt}">${drawn}</svg>`;
}

const idle =
  / (?:opacity="1"|class="[^"]*"|pointer-events="[^"]*"|font-family="[^"]*"|aria-(?:hidden|roledescription)="[^"]*")/g;

/** Leaves out of a tag what says nothing: a page holds many pictures. */
function small(tag: string, hasLinks: boolean): string {
  const short = tag
    .replace(idle, '')
    .replace(/ (?:transform|d|[xy][12]?|width|height)="[^"]*"/g, (found) => found.replace(/(\.\d\d)\d+/g, '$1'))
    .replace('xlink:href', 'href')
    .replace(' role="graphics-object"', '');
  if (/^<path d=""/.test(short)) return '';
  return hasLinks
    ? short.replace('role="graphics-symbol"', 'role="img"')
    : short.replace(/ (?:role|aria-label)="[^"]*"/g, '');
}
