/** A part of a JSON Schema, as far as the reference shows it. */
export interface Schema {
  description?: string;
  default?: unknown;
  type?: string;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

/** Writes docs/configuration.md: every field of a loop and of a worker's settings. */
export function configurationReference(loop: Schema, worker: Schema): string {
  return `# Configuration reference

<!-- Generated from the schemas by "npm run docs". -->

Two files configure the product. A **loop.json** says what one loop improves. A worker's **settings file** says what loops may reach on its host.
Both are JSON; comments and trailing commas are allowed. An unknown field is an error.
For completion in an editor, let \`$schema\` name [loop-config.schema.json](loop-config.schema.json) or [worker-settings.schema.json](worker-settings.schema.json).

## loop.json

Commands that read the file fill in \`repository\` where it is missing: the git checkout in which the file lies.
A relative path counts from the file's directory.

${table(loop)}

## Worker settings

The file is \`settings.json\` in the worker's data directory, or the one that \`--settings\` names.

${table(worker)}
`;
}

function table(schema: Schema): string {
  const header = ['| field | type | default | meaning |', '|---|---|---|---|'];
  return [...header, ...rows(schema, '')].join('\n');
}

function rows({ properties = {}, required = [] }: Schema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    if (name === '$schema') return [];
    const path = `${prefix}${name}`;
    const cells = [
      `\`${path}\``,
      typeOf(field),
      defaultOf(field, required.includes(name)),
      escape(field.description ?? ''),
    ];
    return [`| ${cells.join(' | ')} |`, ...rows(inside(field), `${path}${into(field)}`)];
  });
}

/** Returns the object whose fields get rows: the field, an entry of its list, or a value of its record. */
function inside(field: Schema): Schema {
  if (field.properties) return field;
  if (field.items?.properties) return field.items;
  return typeof field.additionalProperties === 'object' ? field.additionalProperties : {};
}

function into(field: Schema): string {
  return field.properties ? '.' : field.items ? '[].' : '.<name>.';
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map(formOf).join(' or ');
  if (schema.items) return schema.items.properties ? 'list of objects' : `list of ${typeOf(schema.items)}s`;
  if (typeof schema.additionalProperties === 'object') return 'object by name';
  return [schema.type ?? 'any', boundsOf(schema)].filter(Boolean).join(' ');
}

/** Shows one of several forms of an object, such as {"pattern": string}. */
function formOf({ properties = {} }: Schema): string {
  const fields = Object.entries(properties).map(([name, field]) => `${JSON.stringify(name)}: ${typeOf(field)}`);
  return `\`{${fields.join(', ')}}\``;
}

function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const lower = exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : number('from', minimum);
  const upper = exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : number('to', maximum);
  return [lower, upper].filter(Boolean).join(' ');
}

/** Leaves out the bound that every whole number has. */
function number(word: string, bound: number | undefined): string {
  return bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? '' : `${word} ${bound}`;
}

function defaultOf(schema: Schema, isRequired: boolean): string {
  if (isRequired) return '**required**';
  if (schema.properties) return '';
  return schema.default === undefined ? 'none' : `\`${JSON.stringify(schema.default)}\``;
}

function escape(text: string): string {
  return text.replace(/[|<]/g, '\\$&').replaceAll('\n', ' ');
}
