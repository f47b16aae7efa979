import { z } from 'zod';

/** The result of checking something that a person or a model wrote: the value, or one line per problem. */
export type ParseResult<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/** One line per issue: field, fact, remedy. */
export function explain(error: z.ZodError, schema: z.ZodType): string[] {
  return error.issues.flatMap((issue) => explainIssue(issue, schema));
}

function explainIssue(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const field = issue.path.join('.') || 'config';
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map(
      (key) =>
        `${[...issue.path, key].join('.')}: unknown field; ${known.length > 0 ? `known here: ${known.join(', ')}` : 'remove it'}`,
    );
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && /received undefined/.test(issue.message)) {
    return [`${field}: is missing; give a value of type ${issue.expected}`];
  }
  if (issue.code === 'invalid_union')
    return [`${field}: has none of the allowed forms; ${describe(schema, issue.path) ?? 'see the JSON Schema'}`];
  return [
    `${field}: ${issue.message[0]!.toLowerCase()}${issue.message.slice(1)}; ${describe(schema, issue.path) ?? 'correct it'}`,
  ];
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  description?: string;
}

function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  return Object.keys(at(schema, path)?.properties ?? {});
}

function describe(schema: z.ZodType, path: readonly PropertyKey[]): string | undefined {
  return at(schema, path)?.description ?? (path.length > 1 ? at(schema, path.slice(0, -1))?.description : undefined);
}

function at(schema: z.ZodType, path: readonly PropertyKey[]): JsonSchema | undefined {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return path.reduce<JsonSchema | undefined>(
    (node, key) => (typeof key === 'number' ? node?.items : node?.properties?.[String(key)]),
    root,
  );
}
