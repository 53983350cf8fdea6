// What the server shows is what the contracts say: server/docs is written from them by `npm run contracts`.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { shownFiles } from './contracts/write.mjs';
import { contractFiles, contractsDir, loadContract } from './lib/contracts.mjs';

const shown = shownFiles();
const bundle = JSON.parse(shown['server/docs/openapi.json']);

for (const [name, text] of Object.entries(shown)) {
  test(`${name} is up to date`, () => {
    assert.ok(fs.readFileSync(path.join(path.dirname(contractsDir), name), 'utf8') === text, 'write it anew: (cd tests/server && npm run contracts)');
  });
}

// References of the bundle followed, until none is left.
function dereferenced(part, depth = 0) {
  assert.ok(depth < 100, 'a schema that contains itself');
  if (Array.isArray(part)) return part.map((element) => dereferenced(element, depth + 1));
  if (part === null || typeof part !== 'object') return part;
  const { $ref, ...own } = part;
  const others = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, dereferenced(value, depth + 1)]));
  if (!$ref) return others;
  assert.match($ref, /^#\/components\//, 'a reference to another file');
  return { ...dereferenced($ref.slice(2).split('/').reduce((at, key) => at[key], bundle), depth + 1), ...others };
}

for (const file of contractFiles) {
  test(`the bundle has every operation of ${file}, as it is there`, async () => {
    const contract = await loadContract(file);
    for (const [route, item] of Object.entries(contract.paths)) {
      const { 'x-service': service, ...operations } = bundle.paths[route];
      assert.equal(service, file.split('/')[0]);
      for (const [method, operation] of Object.entries(operations)) {
        const { security, ...rest } = dereferenced(operation);
        const { security: own = contract.security, ...expected } = item[method];
        assert.deepEqual(rest, expected);
        const schemes = (alternatives, all) => alternatives.map((alternative) => Object.keys(alternative).map((name) => all[name]));
        assert.deepEqual(schemes(security, bundle.components.securitySchemes), schemes(own, contract.components.securitySchemes ?? {}));
      }
    }
  });
}

test('the page shows every operation and component, each once, and its links lead somewhere', () => {
  const page = shown['server/docs/page.html'];
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length, 'an id stands twice');
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), `nothing has the id ${target}`);
  const operations = Object.values(bundle.paths).flatMap((item) => Object.values(item).map((operation) => operation.operationId).filter(Boolean));
  const { responses, schemas, securitySchemes } = bundle.components;
  const expected = [...operations, ...Object.keys(responses).map((name) => `answer-${name}`), ...Object.keys(schemas).map((name) => `schema-${name}`),
    ...Object.keys(securitySchemes).map((name) => `scheme-${name}`)];
  for (const id of expected) assert.ok(ids.includes(id), `${id} is not shown`);
});
