// The contracts themselves: every example fits its schema, every error is a problem. What linters find is in
// contracts_lint.test.mjs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { compile, contractFiles, loadContract } from './lib/contracts.mjs';

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
          if (Number(status) >= 400) assert.deepEqual(Object.keys(response.content), ['application/problem+json']);
          for (const content of Object.values(response.content)) {
            const examples = content.examples ? Object.values(content.examples).map((e) => e.value) : [content.example];
            assert.ok(examples.length > 0 && examples[0] !== undefined, 'there is no example');
            const validate = compile(content.schema);
            for (const example of examples) {
              assert.ok(validate(example), JSON.stringify(validate.errors));
              if (Number(status) >= 400) assert.equal(example.status, Number(status));
            }
          }
        });
      }
    }
  }
}
