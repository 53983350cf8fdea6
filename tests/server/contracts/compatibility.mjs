// What a change of the contracts breaks. Whoever was written for the old ones must be able to go on: requests that were
// accepted still are, and answers hold what they held. Answers may get further members, and enumerations in answers further
// values: that much clients have to bear. Where it cannot judge a change, it refuses it.
import { isDeepStrictEqual } from 'node:util';
import { compareSchemas } from './schema_compatibility.mjs';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

class Comparison {
  constructor(before, after) {
    this.before = before;
    this.after = after;
    this.breaks = [];
  }

  // Parts of the two documents, with references followed.
  resolve(document, part) { return part?.$ref ? part.$ref.slice(2).split('/').reduce((at, key) => at?.[key], document) : part; }
  old(part) { return this.resolve(this.before, part); }
  new(part) { return this.resolve(this.after, part); }

  say(where, what) { this.breaks.push(`${where}: ${what}`); }

  // Calls back for what both have, and says what is gone.
  each(where, what, before = {}, after = {}, compare) {
    for (const [name, old] of Object.entries(before)) {
      if (after[name] === undefined) this.say(where, `${what} ${name} is gone`);
      else compare(old, after[name], name);
    }
  }

  schemas(where, before, after, direction) {
    const documents = { before: this.before, after: this.after };
    for (const [at, what] of compareSchemas(before ?? {}, after ?? {}, direction, documents)) this.say(`${where}${at}`, what);
  }

  documents() {
    this.each('the interface', 'the path', this.before.paths, this.after.paths, (before, after, route) => {
      const operations = (item) => Object.fromEntries(Object.entries(item).filter(([key]) => methods.includes(key)));
      this.each(route, 'the method', operations(before), operations(after), (old, now, method) => this.operations(`${method.toUpperCase()} ${route}`, old, now));
    });
    return this.breaks;
  }

  operations(where, before, after) {
    if (before.operationId !== after.operationId) this.say(where, `the operationId was ${before.operationId}, after which generated clients name their functions`);
    this.parameters(where, before.parameters, after.parameters);
    this.bodies(`${where}, body`, this.old(before.requestBody), this.new(after.requestBody));
    this.security(where, before.security ?? [], after.security ?? []);
    this.each(where, 'the status', before.responses, after.responses, (old, now, status) => this.responses(`${where}, ${status}`, this.old(old), this.new(now)));
  }

  parameters(where, before = [], after = []) {
    const named = (all) => Object.fromEntries(all.map((each) => [`${each.name} (${each.in})`, each]));
    const [old, now] = [named(before.map((each) => this.old(each))), named(after.map((each) => this.new(each)))];
    this.each(where, 'the parameter', old, now, (was, is, name) => {
      if (is.required && !was.required) this.say(where, `the parameter ${name} is now required`);
      for (const key of ['style', 'explode', 'allowReserved']) if (was[key] !== is[key]) this.say(where, `the parameter ${name} has another ${key}`);
      this.schemas(`${where}, parameter ${name}`, was.schema, is.schema, 'request');
    });
    for (const [name, { required }] of Object.entries(now)) if (required && !old[name]) this.say(where, `the parameter ${name} is new and required`);
  }

  bodies(where, before, after) {
    if (after?.required && !before?.required) this.say(where, 'it is now required');
    if (before && !after) this.say(where, 'it is gone');
    else if (before) this.contents(where, before.content, after.content, 'request');
  }

  contents(where, before, after, direction) {
    this.each(where, 'the media type', before, after, (old, now, type) => this.schemas(`${where}, ${type}`, old.schema, now.schema, direction));
  }

  responses(where, before, after) {
    this.contents(where, before.content, after.content, 'answer');
    this.each(where, 'the header', before.headers, after.headers, (old, now, name) => {
      const [was, is] = [this.old(old), this.new(now)];
      if (was.required && !is.required) this.say(where, `the header ${name} is no longer certain`);
      this.schemas(`${where}, header ${name}`, was.schema, is.schema, 'answer');
    });
  }

  // Each way to authenticate still works, under the names of headers that it had.
  security(where, before, after) {
    const ways = (document, alternatives) => alternatives.map((alternative) => Object.entries(alternative).map(([name, scopes]) => {
      const { type, scheme, in: place, name: called } = document.components.securitySchemes[name];
      return [type, scheme, place, called, scopes];
    }).sort());
    const now = ways(this.after, after);
    const isOpen = (all) => all.length === 0 || all.some((way) => way.length === 0);
    if (isOpen(before)) {
      if (!isOpen(after)) this.say(where, 'it now needs authentication');
    } else if (!isOpen(after) && ways(this.before, before).some((way) => !now.some((other) => isDeepStrictEqual(way, other)))) {
      this.say(where, 'a way to authenticate is gone or another one');
    }
  }
}

// Texts, one for each break; none when every client of `before` can go on with `after`.
export const breaksOf = (before, after) => new Comparison(before, after).documents();
