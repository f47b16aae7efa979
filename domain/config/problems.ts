import { z } from 'zod';

/** The result of checking something that a person or a model wrote: the value, or one line per problem. */
export type ParseResult<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/** Checks a value; each problem is one line with field, fact and remedy. Never throws. */
export function parseBy<T>(schema: z.ZodType<T>, input: unknown): ParseResult<T> {
  const { data, error } = schema.safeParse(input);
  return error
    ? { ok: false, problems: error.issues.flatMap((issue) => explain(issue, schema)) }
    : { ok: true, value: data };
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const field = issue.path.join('.') || 'config';
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(at(schema, issue.path)?.properties ?? {});
    const remedy = known.length > 0 ? `known here: ${known.join(', ')}` : 'remove it';
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: unknown field; ${remedy}`);
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && /received undefined/.test(issue.message))
    return [`${field}: is missing; give a value of type ${issue.expected}`];
  const description =
    at(schema, issue.path)?.description ??
    (issue.path.length > 1 ? at(schema, issue.path.slice(0, -1))?.description : undefined);
  if (issue.code === 'invalid_union')
    return [`${field}: has none of the allowed forms; ${description ?? 'see the JSON Schema'}`];
  const fact = `${issue.message[0]!.toLowerCase()}${issue.message.slice(1)}`;
  return [`${field}: ${fact}; ${description ?? 'correct it'}`];
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  description?: string;
}

function at(schema: z.ZodType, path: readonly PropertyKey[]): JsonSchema | undefined {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return path.reduce<JsonSchema | undefined>(
    (node, key) => (typeof key === 'number' ? node?.items : node?.properties?.[String(key)]),
    root,
  );
}
