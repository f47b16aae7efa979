import { markup, type Html } from './html.ts';

type Fact = readonly [name: string, value: string | Html | null | undefined | false];

/** Facts by name; those without a value are left out. */
export function factList(facts: readonly Fact[]): Html {
  return markup`<dl>
    ${facts.map(([name, value]) =>
      value
        ? markup`<dt>${name}</dt>
            <dd>${value}</dd>`
        : null,
    )}
  </dl>`;
}

/** A table that is scrolled by itself where the screen is narrow. @param heads its cells, as the rows */
export function scrollTable(label: string, heads: readonly Html[], rows: readonly Html[]): Html {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows.map((cells) => markup`<tr>${cells}</tr>`)}
      </tbody>
    </table>
  </div>`;
}

export function columnHead(text: string): Html {
  return markup`<th scope="col">${text}</th>`;
}
