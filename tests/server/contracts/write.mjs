// Writes what the server shows of the contracts: npm run contracts. With --publish also what is published with a release,
// to which later changes are compared.
import fs from 'node:fs';
import path from 'node:path';
import { contractsDir } from '../lib/contracts.mjs';
import { bundleContracts } from './bundle.mjs';
import { pageOf } from './page.mjs';

export function shownFiles() {
  const bundle = bundleContracts();
  return { 'server/docs/openapi.json': `${JSON.stringify(bundle, null, 1)}\n`, 'server/docs/page.html': pageOf(bundle) };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const files = shownFiles();
  if (process.argv.includes('--publish')) files['contracts/published/openapi.json'] = files['server/docs/openapi.json'];
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(path.dirname(contractsDir), name), text);
}
