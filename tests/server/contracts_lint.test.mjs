// The contracts as others' linters see them: Spectral (spectral:oas) and Redocly (recommended), as .spectral.yaml and
// redocly.yaml at the top of the project say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { getMergedConfig, lint, loadConfig } from '@redocly/openapi-core';
import { contractsDir } from './lib/contracts.mjs';

const root = path.dirname(contractsDir);
const spectralProgram = path.join(root, 'tests/server/node_modules/.bin/spectral');
const files = fs.readdirSync(contractsDir, { recursive: true }).map((file) => `contracts/${file}`).filter((file) => file.endsWith('.yaml')).sort();

// Both give the names of the rules that are broken, with where.
function spectral(where, names) {
  const { stdout, stderr } = spawnSync(spectralProgram, ['lint', '--quiet', '--fail-severity', 'hint', '--format', 'json', ...names],
    { cwd: where, encoding: 'utf8' });
  assert.ok(stdout.trimStart().startsWith('['), stderr || stdout);
  return JSON.parse(stdout).map((problem) => `${problem.code}: ${path.relative(where, problem.source)} ${problem.path.join('.')}`);
}

async function redocly(where, names) {
  const config = await loadConfig({ configPath: path.join(where, 'redocly.yaml') });
  const problems = [];
  for (const name of names) {
    const [alias] = Object.entries(config.apis).find(([, api]) => api.root === name) ?? assert.fail(`redocly.yaml does not have ${name}`);
    problems.push(...await lint({ ref: path.join(where, name), config: getMergedConfig(config, alias) }));
  }
  return problems.map((problem) => `${problem.ruleId}: ${problem.message} ${problem.location[0]?.pointer ?? ''}`);
}

const linters = { spectral, redocly };
for (const [name, run] of Object.entries(linters)) {
  test(`${name} has nothing to say about the contracts and their bundle`, async () => {
    assert.ok(files.length > 7);
    assert.deepEqual(await run(root, [...files, 'server/docs/openapi.json']), []);
  });
}

// A copy of the contracts, to be broken.
function copy() {
  const where = fs.mkdtempSync(path.join(os.tmpdir(), 'pga-contracts-'));
  for (const name of ['contracts', '.spectral.yaml', 'redocly.yaml']) fs.cpSync(path.join(root, name), path.join(where, name), { recursive: true });
  return where;
}

for (const [what, file, from, to, found] of [
  ['a path that is no OpenAPI', 'health/v1/health.yaml', 'paths:', 'path:', { spectral: /^oas3-schema/, redocly: /^(struct|spec)/ }],
  ['an example that does not fit', 'health/v1/health.yaml', 'example: { status: ok', 'example: { status: fine', { spectral: /^oas3-valid-media-example/, redocly: /^no-invalid-media-type-examples/ }],
  ['a reference to nothing', 'health/v1/health.yaml', 'schemas/Health\'', 'schemas/Wealth\'', { spectral: /^invalid-ref/, redocly: /^no-unresolved-refs/ }],
  ['an operation without a description', 'health/v1/health.yaml', /description: 200 when.*/, 'deprecated: false', { spectral: /^operation-description/, redocly: /^operation-description/ }],
  ['a component that nobody uses', 'health/v1/health.yaml', '  schemas:', '  schemas:\n    Idle: { type: string }', { spectral: /^oas3-unused-component/, redocly: /^no-unused-components/ }],
]) {
  for (const [name, run] of Object.entries(linters)) {
    test(`${name} finds ${what}`, async (t) => {
      const where = copy();
      t.after(() => fs.rmSync(where, { recursive: true }));
      const broken = path.join(where, 'contracts', file);
      const text = fs.readFileSync(broken, 'utf8');
      assert.notEqual(text.replace(from, to), text);
      fs.writeFileSync(broken, text.replace(from, to));
      const problems = await run(where, [`contracts/${file}`]);
      assert.ok(problems.some((problem) => found[name].test(problem)), problems.join('\n'));
    });
  }
}
