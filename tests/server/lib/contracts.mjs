// Holds every answer of the server to the contracts: an undocumented status, a missing header or another shape of
// the body is a failed test.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, createConfig } from '@redocly/openapi-core';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const contractsDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../contracts');
// One file per service or provider; common/ has components only.
export const contractFiles = fs.readdirSync(contractsDir, { recursive: true }).map(String)
  .filter((file) => file.endsWith('.yaml') && !file.startsWith('common/')).sort();

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
addFormats(ajv);
ajv.addFormat('int64', { type: 'number', validate: Number.isSafeInteger });

export async function loadContract(file) {
  const config = await createConfig({});
  const { bundle: { parsed } } = await bundle({ ref: path.join(contractsDir, file), config, dereference: true });
  return parsed;
}

const contracts = new Map();
for (const file of contractFiles) contracts.set(file, await loadContract(file));

// Every operation of all contracts, with its references followed.
export function operations() {
  return [...contracts.values()].flatMap((contract) => Object.entries(contract.paths).flatMap(([route, item]) => Object.entries(item)
    .map(([method, operation]) => ({ route, method, operation, security: operation.security ?? contract.security }))));
}

export function compile(schema) {
  return ajv.compile(schema);
}

const validators = new WeakMap();
function validatorOf(schema) {
  if (!validators.has(schema)) validators.set(schema, compile(schema));
  return validators.get(schema);
}

// A topic that is not booked has no path of its own: it is answered as the provider's bare path.
function documentedPath(contract, requestPath) {
  if (contract.paths[requestPath]) return requestPath;
  const template = Object.keys(contract.paths).find((known) => known.includes('{')
    && new RegExp(`^${known.replace(/\{[a-z]+\}/g, '.*')}$`).test(requestPath));
  return template ?? requestPath.replace(/^(\/webhooks\/[a-z]+)\/.*$/, '$1');
}

// What the contracts give for a request: the responses, and of which operations. A path that no contract has, or a head too
// broken to have a path, is answered as any path of the health contract would be.
function documented(method, target) {
  const requestPath = target.split('?')[0];
  for (const contract of contracts.values()) {
    const route = documentedPath(contract, requestPath);
    const item = contract.paths[route];
    if (!item) continue;
    const name = method === 'HEAD' ? 'get' : method.toLowerCase();
    if (item[name]) return { responses: item[name].responses, operations: [`${name.toUpperCase()} ${route}`] };
    return { responses: { ...Object.values(item)[0].responses, 200: undefined }, operations: Object.keys(item).map((each) => `${each.toUpperCase()} ${route}`) };
  }
  const { responses } = contracts.get('health/v1/health.yaml').paths['/api/health'].get;
  return { responses: { ...responses, 200: undefined }, operations: ['GET /api/health'] };
}

// What was seen of the contracts, for contracts/unseen.mjs: CONTRACT_SEEN is a folder, in which each process leaves a file.
const seen = new Set();
if (process.env.CONTRACT_SEEN) {
  process.on('exit', () => fs.writeFileSync(path.join(process.env.CONTRACT_SEEN, String(process.pid)), [...seen, ''].join('\n')));
}

// NDJSON: the schema is that of a line.
function readLines(text, validate, where) {
  assert.ok(text === '' || text.endsWith('\n'), `${where}: the last line has no end`);
  return text.split('\n').slice(0, -1).map((line) => {
    const row = JSON.parse(line);
    assert.ok(validate(row), `${where}: line: ${ajv.errorsText(validate.errors)}: ${line}`);
    return row;
  });
}

// HEAD is answered as GET is, without the content. answer: {status, headers (object with lower-case names), body (text)}
export function holdToContract(method, target, answer) {
  const where = `${method} ${target} → ${answer.status}`;
  const { responses, operations } = documented(method, target);
  const response = responses[answer.status];
  assert.ok(response, `${where}: the contract does not have this status (body: ${answer.body})`);
  for (const operation of operations) seen.add(`${operation} ${answer.status}`);
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    const value = answer.headers[name.toLowerCase()];
    if (value === undefined) {
      assert.ok(!header.required, `${where}: header ${name} is missing`);
      continue;
    }
    const validate = validatorOf(header.schema);
    assert.ok(validate(value), `${where}: header ${name}: ${ajv.errorsText(validate.errors)}`);
  }
  if (!response.content) {
    assert.equal(answer.body, '', `${where}: the contract has no content`);
    assert.equal(answer.headers['content-type'], undefined, `${where}: there is no content to have a type`);
    return undefined;
  }
  const contentType = (answer.headers['content-type'] ?? '').split(';')[0];
  const content = response.content[contentType];
  assert.ok(content, `${where}: the contract does not have the content type "${contentType}"`);
  if (method === 'HEAD') {
    assert.equal(answer.body, '', `${where}: HEAD has an answer without content`);
    return undefined;
  }
  const validate = validatorOf(content.schema);
  if (contentType === 'application/x-ndjson') return readLines(answer.body, validate, where);
  const body = contentType.endsWith('json') ? JSON.parse(answer.body) : answer.body;
  assert.ok(validate(body), `${where}: body: ${ajv.errorsText(validate.errors)}: ${answer.body}`);
  if (answer.status >= 400) assert.equal(body.status, answer.status, `${where}: status in the body`);
  if (body.correlation_id !== undefined) assert.equal(body.correlation_id, answer.headers['x-correlation-id'], where);
  return body;
}
