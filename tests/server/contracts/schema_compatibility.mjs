// Whether everybody who was written for an old schema can go on with a new one. Of a request, the new one must take all that
// the old one took; of an answer, it must give nothing that the old one did not, but further members and values of
// enumerations.
import { isDeepStrictEqual } from 'node:util';

const annotations = ['title', 'description', 'example', 'examples', 'deprecated', '$comment'];
const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const judged = [...annotations, ...lower, ...upper, 'type', 'enum', 'const', 'pattern', 'format', 'uniqueItems', 'required', 'properties',
  'default', 'additionalProperties', 'unevaluatedProperties', 'items', 'oneOf', 'anyOf'];

const unite = { properties: (a, b) => ({ ...a, ...b }), required: (a, b) => [...new Set([...a, ...b])] };

// The schema without references and allOf: what all parts say, said at once.
function flat(schema, document) {
  const { $ref, allOf = [], ...own } = schema;
  const parts = [...($ref ? [$ref.slice(2).split('/').reduce((at, key) => at[key], document)] : []), ...allOf].map((part) => flat(part, document));
  return [...parts, own].reduce((all, part) => {
    for (const [key, value] of Object.entries(part)) {
      if (key in all && unite[key]) all[key] = unite[key](all[key], value);
      // Both hold: as a keyword that nobody knows the second one is compared as it stands.
      else if (key in all && !annotations.includes(key) && !isDeepStrictEqual(all[key], value)) all[`${key} of a part`] = value;
      else all[key] = value;
    }
    return all;
  }, {});
}

const show = (value) => (value === undefined ? 'none' : JSON.stringify(value));
const valuesOf = (schema) => ('const' in schema ? [schema.const] : schema.enum);
const typeOfValue = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value);
const typesOf = (schema) => (schema.type === undefined ? valuesOf(schema)?.map(typeOfValue) : [schema.type].flat());
const isClosed = (schema) => schema.additionalProperties === false || schema.unevaluatedProperties === false;
const covers = (types, type) => types.includes(type) || (type === 'integer' && types.includes('number'));

class Judge {
  constructor(direction, documents) {
    this.isRequest = direction === 'request';
    this.direction = direction;
    this.documents = documents;
    this.breaks = [];
    this.comparing = new Set();  // pairs of references, since a schema may contain itself
  }

  // `narrow` is what has to fit into `wide`: the old schema of a request into the new one, the new one of an answer into the old.
  compare(at, before, after) {
    const pair = before.$ref && after.$ref && `${before.$ref} ${after.$ref}`;
    if (this.comparing.has(pair)) return;
    if (pair) this.comparing.add(pair);
    this.compareOnce(at, before, after);
    this.comparing.delete(pair);
  }

  compareOnce(at, before, after) {
    const [old, now] = [flat(before, this.documents.before), flat(after, this.documents.after)];
    const [narrow, wide] = this.isRequest ? [old, now] : [now, old];
    const say = (what) => this.breaks.push([at, what]);
    const changed = (key) => say(`${key} was ${show(old[key])}, is ${show(now[key])}`);
    this.types(narrow, wide, () => changed('type'));
    this.values(old, now, say);
    for (const key of lower) if (wide[key] !== undefined && !(narrow[key] >= wide[key])) changed(key);
    for (const key of upper) if (wide[key] !== undefined && !(narrow[key] <= wide[key])) changed(key);
    for (const key of ['pattern', 'format']) if (wide[key] !== undefined && narrow[key] !== wide[key]) changed(key);
    if (this.isRequest && !isDeepStrictEqual(old.default, now.default)) changed('default');
    if (wide.uniqueItems && !narrow.uniqueItems) changed('uniqueItems');
    this.members(at, old, now, say);
    if (old.items || now.items) this.compare(`${at}[]`, old.items ?? {}, now.items ?? {});
    for (const key of ['oneOf', 'anyOf']) this.branches(key, narrow, wide, say);
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (!judged.includes(key) && !isDeepStrictEqual(old[key], now[key])) say(`${key} has changed, and this check cannot tell what that breaks`);
    }
  }

  types(narrow, wide, changed) {
    if (wide.type !== undefined && !typesOf(narrow)?.every((type) => covers(typesOf(wide), type))) changed();
  }

  values(old, now, say) {
    const [was, is] = [valuesOf(old), valuesOf(now)];
    if (this.isRequest && is) {
      if (!was) say(`only ${show(is)} are taken now`);
      const gone = (was ?? []).filter((value) => !is.some((other) => isDeepStrictEqual(other, value)));
      if (gone.length) say(`the values ${show(gone)} are gone`);
    } else if (!this.isRequest && was && !is) say(`it was one of ${show(was)}, and can be anything now`);
    // A constant tells apart what may come in one place.
    else if (!this.isRequest && 'const' in old && !isDeepStrictEqual(was, is)) say(`it was ${show(was)}, is ${show(is)}`);
  }

  members(at, old, now, say) {
    const [was, is] = [old.required ?? [], now.required ?? []];
    for (const name of this.isRequest ? is : was) {
      if (this.isRequest && !was.includes(name)) say(`the member ${name} is now required`);
      if (!this.isRequest && !is.includes(name)) say(`the member ${name} is no longer certain`);
    }
    for (const [name, schema] of Object.entries(old.properties ?? {})) {
      if (now.properties?.[name]) this.compare(`${at}.${name}`, schema, now.properties[name]);
      else say(`the member ${name} is gone`);
    }
    if (this.isRequest && isClosed(now) && !isClosed(old)) say('other members are refused now');
    if (typeof now.additionalProperties === 'object' || typeof old.additionalProperties === 'object') {
      this.compare(`${at}.*`, Object(old.additionalProperties), Object(now.additionalProperties));
    }
  }

  // Every alternative of the narrow schema must fit one of the wide one.
  branches(key, narrow, wide, say) {
    if (!wide[key]) return;
    const alternatives = narrow[key] ?? [narrow];
    const fits = (inner, outer) => {
      const judge = new Judge(this.direction, this.documents);
      this.isRequest ? judge.compare('', inner, outer) : judge.compare('', outer, inner);
      return judge.breaks.length === 0;
    };
    const unfit = alternatives.filter((inner) => !wide[key].some((outer) => fits(inner, outer)));
    if (unfit.length) say(`${unfit.length} of the alternatives of ${key} ${this.isRequest ? 'are not taken any more' : 'are new or others'}`);
  }
}

// Pairs of where in the schema and what. `direction` is "request" or "answer"; `documents` has the two that references lead into.
export function compareSchemas(before, after, direction, documents) {
  const judge = new Judge(direction, documents);
  judge.compare('', before, after);
  return judge.breaks;
}
