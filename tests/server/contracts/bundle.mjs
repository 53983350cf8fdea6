// All contracts as one OpenAPI document without references to other files.
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseYaml } from '@redocly/openapi-core';
import { contractFiles, contractsDir } from '../lib/contracts.mjs';

const introduction = `What programs can ask of attributiond, which takes deliveries of shops and payment providers, keeps an exact ledger of
revenue, and says which marketing channel earned it.

**Authentication.** Services for programs take an API key (\`attributiond key create\`), as \`Authorization: Bearer KEY\` or as
\`X-API-Key: KEY\`; the key names the tenant. Deliveries of providers are signed.

**Money** is told as an integer of minor units and as decimal text; never calculate with it in floating point.

**Errors** are documents of RFC 9457 (\`application/problem+json\`). \`type\` is made for programs, \`detail\` and \`hint\` for people; none of them
quotes what was sent.

**Every answer** has the header \`X-Correlation-ID\`: the request's own when that is a UUID, else a new one. The server's log and the stored
rows have it too.

**What is published stays.** Within v1, answers may get further members, and enumerations of answers further values; everything else that a client can
rely on is kept.`;

const read = (file) => parseYaml(fs.readFileSync(path.join(contractsDir, file), 'utf8'));
const capital = (text) => text[0].toUpperCase() + text.slice(1);

// A copy of a part of a contract, with each string under $ref as `rename` says.
function withReferences(part, rename) {
  if (Array.isArray(part)) return part.map((element) => withReferences(element, rename));
  if (part === null || typeof part !== 'object') return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key,
    key === '$ref' && typeof value === 'string' ? rename(value) : withReferences(value, rename)]));
}

// A service's own components get the name of their contract in front (StripeEvent), so that no name depends on another
// service; those of common/ keep theirs. References become references within the bundle.
function localReference(owner) {
  return (reference) => {
    const [, common, kind, name] = /^(\.\.\/\.\.\/common\/v1\/common\.yaml)?#\/components\/(\w+)\/(\w+)$/.exec(reference)
      ?? (() => { throw new Error(`${owner}: a reference that the bundle cannot have: ${reference}`); })();
    return `#/components/${kind}/${common ? name : owner + name}`;
  };
}

// Schemes of authentication keep their names, since clients are set up with them, unless two of one name differ.
function schemeNames(contracts) {
  const known = contracts.flatMap(({ document }) => Object.entries(document.components?.securitySchemes ?? {}));
  return (owner, name, scheme) => (known.every(([other, as]) => other !== name || isDeepStrictEqual(as, scheme)) ? name
    : `${owner[0].toLowerCase()}${owner.slice(1)}${capital(name)}`);
}

function addComponents(bundle, { owner, document }, rename, nameOfScheme) {
  for (const [kind, components] of Object.entries(document.components ?? {})) {
    bundle.components[kind] ??= {};
    for (const [name, component] of Object.entries(components)) {
      const as = kind === 'securitySchemes' ? nameOfScheme(name) : owner + name;
      bundle.components[kind][as] = withReferences(component, rename);
    }
  }
}

function addPaths(bundle, { service, document }, rename, nameOfScheme) {
  for (const [route, item] of Object.entries(document.paths)) {
    if (bundle.paths[route]) throw new Error(`two contracts have the path ${route}`);
    bundle.paths[route] = { 'x-service': service };
    for (const [method, operation] of Object.entries(item)) {
      const { responses, ...rest } = withReferences(operation, rename);
      const security = (operation.security ?? document.security).map((alternative) => Object.fromEntries(
        Object.entries(alternative).map(([name, scopes]) => [nameOfScheme(name), scopes])));
      bundle.paths[route][method] = { ...rest, security, responses };
    }
  }
}

// Of common/ what is used, directly or by another component.
function addCommonComponents(bundle) {
  const common = read('common/v1/common.yaml').components;
  const add = (part) => withReferences(part, (reference) => {
    const [kind, name] = reference.split('/').slice(2);
    bundle.components[kind] ??= {};
    if (!bundle.components[kind][name]) {
      bundle.components[kind][name] = common[kind]?.[name] ?? (() => { throw new Error(`nothing is at ${reference}`); })();
      add(bundle.components[kind][name]);
    }
    return reference;
  });
  add({ ...bundle.components, paths: bundle.paths });
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

export function bundleContracts() {
  const contracts = contractFiles.map((file) => {
    const [service] = file.split('/');
    return { service, owner: capital(path.basename(file, '.yaml')), document: read(file) };
  });
  const { version, license, contact } = contracts[0].document.info;
  const bundle = { openapi: '3.1.0', info: { title: 'attributiond', version, description: introduction, license, contact },
    servers: [{ url: '/', description: 'This server' }], 'x-tagGroups': [], tags: [], paths: {}, components: {} };
  const schemeName = schemeNames(contracts);
  for (const contract of contracts) {
    const { service, owner, document } = contract;
    const { title, description } = document.info;
    const schemes = document.components?.securitySchemes ?? {};
    const nameOfScheme = (name) => schemeName(owner, name, schemes[name]);
    bundle['x-tagGroups'].push({ name: title.replace(/^attributiond /, ''), description, tags: document.tags.map((tag) => tag.name), 'x-service': service });
    bundle.tags.push(...document.tags);
    addPaths(bundle, contract, localReference(owner), nameOfScheme);
    addComponents(bundle, contract, localReference(owner), nameOfScheme);
  }
  addCommonComponents(bundle);
  bundle.components = sorted(Object.fromEntries(Object.entries(bundle.components).map(([kind, components]) => [kind,
    kind === 'securitySchemes' ? components : sorted(components)])));
  return bundle;
}
