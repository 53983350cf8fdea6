// The bundle as a page for people: HTML and CSS, whole without a script. Whatever is of some services only stands between
// two lines of comment that name them: the server leaves out what is of none that runs.
import fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { curl } from './curl.mjs';
import { code, escape, inline, prose, rows, table } from './html.mjs';
import { membersOf, typeOf } from './schema.mjs';

const style = fs.readFileSync(new URL('./page.css', import.meta.url), 'utf8').trim();
const ofServices = (services, html) => `<!-- of ${services.join(' ')} -->\n${html}\n<!-- end -->\n`;
const idOf = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
// Topics of webhooks begin with their name.
const shortName = ({ summary }) => /^(\S+): /.exec(summary)?.[1] ?? summary;
const words = (name) => name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const nameOf = (reference) => reference.split('/').at(-1);

class Page {
  constructor(bundle) {
    this.bundle = bundle;
    this.groups = bundle['x-tagGroups'].map((group) => ({ ...group, name: group.name[0].toUpperCase() + group.name.slice(1), id: idOf(group.name), operations: this.operationsOf(group) }));
    this.users = new Map();  // the services that use a component, by its reference
    for (const { 'x-service': service, ...item } of Object.values(bundle.paths)) this.findUses(item, service);
  }

  findUses(part, service) {
    if (part === null || typeof part !== 'object') return;
    const schemes = (part.security ?? []).flatMap((alternative) => Object.keys(alternative)).map((name) => `#/components/securitySchemes/${name}`);
    for (const reference of part.$ref ? [part.$ref] : schemes) {
      if (!this.users.has(reference)) this.users.set(reference, new Set());
      if (this.users.get(reference).has(service)) continue;
      this.users.get(reference).add(service);
      this.findUses(this.resolve({ $ref: reference }), service);
    }
    for (const value of Object.values(part)) this.findUses(value, service);
  }

  resolve(part) { return part.$ref ? part.$ref.slice(2).split('/').reduce((at, key) => at[key], this.bundle) : part; }

  operationsOf(group) {
    return Object.entries(this.bundle.paths).flatMap(([path, { 'x-service': service, ...item }]) => Object.entries(item)
      .filter(([, operation]) => service === group['x-service'] && operation.tags.some((tag) => group.tags.includes(tag)))
      .map(([method, operation]) => ({ path, method, ...operation })));
  }

  navigation() {
    const groups = this.groups.map(({ name, id, operations, 'x-service': service }) => ofServices([service], `<li><a href="#${id}">${escape(name)}</a><ul>${
      operations.map((operation) => `<li><a href="#${operation.operationId}">${escape(shortName(operation))}</a></li>`).join('\n')}</ul></li>`));
    return `<nav aria-label="Contents"><ul><li><a href="#top">Start</a></li>\n${groups.join('')}<li><a href="#errors">Errors</a></li>
<li><a href="#schemas">Schemas</a></li></ul></nav>`;
  }

  group(group) {
    const tags = this.bundle.tags.filter(({ name }) => group.tags.includes(name));
    const listed = tags.length > 1 ? tags.map((tag) => `<li><strong>${escape(tag.name)}</strong>: ${inline(tag.description)}</li>`) : [];
    return ofServices([group['x-service']], `<section aria-labelledby="${group.id}"><h2 id="${group.id}">${escape(group.name)}</h2>
${prose(group.description)}${listed.length ? `<ul>${listed.join('')}</ul>` : ''}
${group.operations.map((operation) => this.operation(operation, group.operations[0])).join('\n')}</section>`);
  }

  operation(operation, first) {
    return `<article aria-labelledby="${operation.operationId}"><h3 id="${operation.operationId}"><span class="method ${operation.method}">${
      operation.method.toUpperCase()}</span> <code>${escape(operation.path)}</code></h3>
<p class="summary">${inline(operation.summary)}</p>
${prose(operation.description)}
${this.authentication(operation)}
${this.parameters(operation)}
${this.body(operation)}
<h4>Example</h4>
<pre tabindex="0">${escape(curl(this.bundle, operation, (part) => this.resolve(part)))}</pre>
<h4>Answers</h4>
${operation !== first && isDeepStrictEqual(operation.responses, first.responses) ? this.sameAnswers(operation, first) : this.answers(operation)}
</article>`;
  }

  authentication({ security }) {
    if (security.length === 0) return '<p>Needs no authentication.</p>';
    const alternatives = security.map((alternative) => Object.keys(alternative)
      .map((name) => `<a href="#scheme-${name}">${code(this.headerOf(name))}</a>`).join(', ') || 'none (see above)');
    return `<p>Authentication: ${alternatives.join(' or ')}.</p>`;
  }

  headerOf(scheme) {
    const { type, name, in: place } = this.bundle.components.securitySchemes[scheme];
    if (type === 'http') return 'Authorization: Bearer …';
    return place === 'query' ? `?${name}=…` : `${name}: …`;
  }

  parameters({ method, path, parameters = [] }) {
    const lines = parameters.map((each) => this.resolve(each)).map((parameter) => [
      `${code(parameter.name)}${parameter.required ? ' <span class="needed">required</span>' : ''}`,
      `<span class="type">${parameter.in}, ${typeOf(parameter.schema)}</span>`, inline(parameter.description)]);
    return `<h4>Parameters</h4>\n${table(`Parameters of ${method.toUpperCase()} ${path}`, ['Name', 'Type', 'Meaning'], lines)}`;
  }

  body({ method, path, requestBody }) {
    if (!requestBody) return '';
    const { description = '', content } = this.resolve(requestBody);
    return `<h4>Body</h4>\n${prose(description)}${Object.entries(content).map(([type, { schema }]) => `<p>${code(type)}: ${typeOf(schema)}. ${inline(schema.description)}</p>${
      schema.$ref ? '' : membersOf(schema, `the body of ${method.toUpperCase()} ${path}`)}`).join('')}`;
  }

  answers({ method, path, responses }) {
    return table(`Answers to ${method.toUpperCase()} ${path}`, ['Status', 'When, and with what'], Object.entries(responses).map(([status, response]) => {
      const shared = response.$ref && Number(status) >= 300;
      const { description } = this.resolve(response);
      const more = shared ? ` <a href="#answer-${nameOf(response.$ref)}">Example</a>` : this.content(this.resolve(response));
      return [`<span class="status">${status}</span>`, `<p>${inline(description)}${shared ? more : ''}</p>${shared ? '' : more}`];
    }));
  }

  sameAnswers({ responses }, first) {
    const links = Object.entries(responses).map(([status, { $ref }]) => `<a href="#${$ref ? `answer-${nameOf($ref)}` : first.operationId}" class="status">${status}</a>`);
    return `<p class="statuses">${links.join(' ')} – all as for <a href="#${first.operationId}">${code(`${first.method.toUpperCase()} ${first.path}`)}</a>.</p>`;
  }

  // Headers, schema and examples of one answer.
  content({ headers = {}, content = {} }) {
    const named = Object.entries(headers).filter(([name]) => name !== 'X-Correlation-ID').map(([name, header]) => [name, this.resolve(header)]);
    const lines = named.map(([name, header]) => `<li>${code(name)}: ${inline(header.description)}</li>`);
    const bodies = Object.entries(content).map(([type, { schema, example, examples }]) => {
      const shown = Object.entries(examples ?? { Example: { value: example } }).map(([name, { value }]) => `<details><summary>${escape(name.replace(/_/g, ' '))}</summary>
<pre tabindex="0">${escape(typeof value === 'string' ? value : JSON.stringify(value, null, 2))}</pre></details>`);
      return `<p>${code(type)}: ${typeOf(schema)}</p>${shown.join('')}`;
    });
    return (lines.length ? `<ul>${lines.join('')}</ul>` : '') + bodies.join('');
  }

  components(kind, show) {
    return Object.entries(this.bundle.components[kind]).map(([name, component]) => ofServices(
      [...this.users.get(`#/components/${kind}/${name}`)], show(name, component))).join('');
  }

  schemes() {
    const lines = this.components('securitySchemes', (name, { description }) => rows([[`<span id="scheme-${name}">${code(this.headerOf(name))}</span>`,
      inline(description)]]));
    return `<h2 id="authentication">Authentication</h2>\n${table('Ways to authenticate', ['How', 'What'], lines)}`;
  }

  // The status with which operations give a shared answer.
  statusOf(name) {
    const given = this.groups.flatMap(({ operations }) => operations).flatMap(({ responses }) => Object.entries(responses));
    return given.find(([, { $ref }]) => $ref?.endsWith(`/${name}`))?.[0] ?? '';
  }

  errors() {
    return `<section aria-labelledby="errors"><h2 id="errors">Errors and other shared answers</h2>
${prose('Errors are documents of the schema Problem. Compare `type`, which stays; show `detail` and `hint` to people.')}
${this.components('responses', (name, response) => `<article aria-labelledby="answer-${name}"><h3 id="answer-${name}">${this.statusOf(name)} ${escape(words(name))}</h3>
${prose(response.description)}${this.content(response)}</article>`)}</section>`;
  }

  schemas() {
    return `<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${this.components('schemas', (name, schema) => `<article aria-labelledby="schema-${name}"><h3 id="schema-${name}">${escape(name)}</h3>
${prose(schema.description ?? '')}<p>${typeOf({ ...schema, description: undefined })}</p>${membersOf(schema, name)}</article>`)}</section>`;
  }

  html() {
    const { title, version, description } = this.bundle.info;
    return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}: HTTP interface</title><style>${style}</style></head>
<body id="top"><a class="skip" href="#main">To the contents</a><div class="frame">
${this.navigation()}
<main id="main"><h1>The HTTP interface of ${escape(title)}</h1>
<p class="version">Version ${escape(version)}, also <a href="/openapi.json">as an OpenAPI document</a></p>
${prose(description)}
${this.schemes()}
${this.groups.map((group) => this.group(group)).join('')}
${this.errors()}
${this.schemas()}
</main></div></body></html>
`;
  }
}

export const pageOf = (bundle) => new Page(bundle).html();
