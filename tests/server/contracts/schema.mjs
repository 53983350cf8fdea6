// JSON Schema in words.
import { code, inline, table } from './html.mjs';

const bounds = {
  minimum: (n) => `at least ${n}`, maximum: (n) => `at most ${n}`, minLength: (n) => (n === 1 ? 'not empty' : `at least ${n} characters`),
  maxLength: (n) => `at most ${n} characters`, minItems: (n) => `at least ${n}`, maxItems: (n) => `at most ${n}`, uniqueItems: () => 'all different',
  format: (name) => name, pattern: (text) => `as ${code(text)}`, default: (value) => `${code(JSON.stringify(value))} when left out`,
};

function nameOf(schema) {
  if (schema.$ref) return `<a href="#schema-${schema.$ref.split('/').at(-1)}">${schema.$ref.split('/').at(-1)}</a>`;
  if ('const' in schema) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(JSON.stringify(value))).join(' or ');
  const choice = schema.oneOf ?? (schema.type ? undefined : schema.anyOf);
  if (choice) return choice.map(typeOf).join(' or ');
  if (schema.allOf) return ['what is in', schema.allOf.map(typeOf).join(' and '), schema.properties ? 'and these' : ''].join(' ').trim();
  const types = [schema.type ?? 'any'].flat().map((type) => (type === 'array' ? `array of ${schema.items ? typeOf(schema.items) : 'any'}` : type));
  return types.join(' or ');
}

export function typeOf(schema) {
  const limits = Object.entries(bounds).filter(([key]) => key in schema).map(([key, say]) => say(schema[key]));
  return nameOf(schema) + (limits.length ? ` (${limits.join(', ')})` : '');
}

// The members of an object, those of objects within it too, as lines of a table.
function linesOf(schema, before = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const at = `${before}${name}`;
    const needed = schema.required?.includes(name) ? ' <span class="needed">required</span>' : '';
    const inner = member.properties ? member : member.items?.properties ? member.items : undefined;
    return [[`${code(at)}${needed}`, `<span class="type">${typeOf(member)}</span>`, inline(member.description)],
      ...(inner ? linesOf(inner, `${at}${inner === member ? '.' : '[].'}`) : [])];
  });
}

export function membersOf(schema, owner) {
  const lines = linesOf(schema.items?.properties ? schema.items : schema);
  return lines.length ? table(`Members of ${owner}`, ['Member', 'Type', 'Meaning'], lines) : '';
}
