// JSON Schema in few words, for people: `text, at most 256`, `list of text`, `"a" or "b"`.

export type Schema = Readonly<Record<string, unknown>>;

export interface MemberRow {
  readonly name: string;
  readonly required: boolean;
  readonly shape: string;
  readonly says: string;
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** `Flight` of `#/components/schemas/Flight`; `null` for a schema that stands for itself. */
export const nameOfReference = ({ $ref }: Schema): string | null =>
  typeof $ref === 'string' ? ($ref.split('/').at(-1) ?? null) : null;

/** The members of an object with names for them; empty for everything else. */
export const membersOf = (schema: Schema): readonly MemberRow[] => {
  const { properties, required } = schema;
  if (!isSchema(properties)) return [];
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(properties).map(([name, member]) => ({
    name,
    required: needed.has(name),
    shape: isSchema(member) ? shapeOf(member) : 'anything',
    says: isSchema(member) && typeof member['description'] === 'string' ? member['description'] : '',
  }));
};

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  null: 'null',
};

export const shapeOf = (schema: Schema): string => {
  const name = nameOfReference(schema);
  if (name) return name;
  const { type, enum: values, const: one, anyOf, format } = schema;
  if (one !== undefined) return JSON.stringify(one);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' or ');
  if (Array.isArray(anyOf)) return anyOf.filter(isSchema).map(shapeOf).join(' or ');
  if (Array.isArray(type)) return type.map((each) => shapeOf({ ...schema, type: each })).join(' or ');
  if (type === 'array') return `list of ${isSchema(schema['items']) ? shapeOf(schema['items']) : 'anything'}`;
  if (type === 'object') return objectShape(schema);
  if (format === 'date-time') return 'time';
  if (format === 'binary') return 'bytes';
  return `${typeof type === 'string' ? (words[type] ?? type) : 'anything'}${limits(schema)}`;
};

const objectShape = (schema: Schema): string => {
  const members = membersOf(schema);
  if (members.length > 0)
    return `{${members.map(({ name, required, shape }) => `${name}${required ? '' : '?'}: ${shape}`).join('; ')}}`;
  const { additionalProperties } = schema;
  const values = isSchema(additionalProperties) ? shapeOf(additionalProperties) : 'anything';
  return `object of ${values}`;
};

const limits = ({ type, minimum, maximum, maxLength, default: fallback }: Schema): string => {
  const said = [
    ...(type === 'string' && typeof maxLength === 'number' ? [`at most ${maxLength}`] : []),
    ...(typeof minimum === 'number' ? [`from ${minimum}`] : []),
    ...(typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? [`to ${maximum}`] : []),
    ...(fallback === undefined ? [] : [`${JSON.stringify(fallback)} unless given`]),
  ];
  return said.length === 0 || type === 'null' ? '' : `, ${said.join(', ')}`;
};
