// The contracts themselves: valid OpenAPI 3.1, and every example fits its schema.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { createConfig, lint } from '@redocly/openapi-core';
import { compile, contractFiles, contractsDir, loadContract } from './lib/contracts.mjs';

test('every contract file is tested', () => {
  const found = fs.readdirSync(contractsDir, { recursive: true }).map(String).filter((file) => file.endsWith('.yaml'));
  assert.deepEqual(found.sort(), [...contractFiles, 'common/v1/common.yaml'].sort());
});

const rules = {
  'operation-4xx-response': 'error',
  'no-server-example.com': 'error',
  'no-invalid-media-type-examples': 'error',
  'no-invalid-schema-examples': 'error',
  'no-invalid-parameter-examples': 'error',
  'no-http-verbs-in-paths': { severity: 'error', splitIntoWords: true },  // "dispute" is none
  'operation-operationId': 'error',
  'operation-description': 'off',
};

for (const file of [...contractFiles, 'common/v1/common.yaml']) {
  test(`${file} is valid`, async () => {
    const extended = file.startsWith('common/') ? { ...rules, 'no-unused-components': 'off' } : rules;
    const config = await createConfig({ extends: ['recommended'], rules: extended });
    const problems = await lint({ ref: path.join(contractsDir, file), config });
    assert.deepEqual(problems.map((p) => `${p.ruleId}: ${p.message} ${p.location[0]?.pointer ?? ''}`), []);
  });
}

for (const file of contractFiles) {
  const contract = await loadContract(file);
  for (const [route, item] of Object.entries(contract.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      for (const [status, response] of Object.entries(operation.responses)) {
        test(`${method} ${route} ${status}: examples fit, errors are problems with a correlation id`, () => {
          assert.ok(response.headers['X-Correlation-ID'], 'X-Correlation-ID is not documented');
          if (['204', '304'].includes(status)) {
            assert.equal(response.content, undefined);
            return;
          }
          const [[type, content]] = Object.entries(response.content);
          const plainType = route === '/tracker.js' ? 'text/javascript' : 'application/json';
          assert.equal(type, Number(status) < 400 ? plainType : 'application/problem+json');
          const examples = content.examples ? Object.values(content.examples).map((e) => e.value) : [content.example];
          assert.ok(examples.length > 0 && examples[0] !== undefined, 'there is no example');
          const validate = compile(content.schema);
          for (const example of examples) {
            assert.ok(validate(example), JSON.stringify(validate.errors));
            if (Number(status) >= 400) assert.equal(example.status, Number(status));
          }
        });
      }
    }
  }
}
