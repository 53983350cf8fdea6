// node unseen.mjs FOLDER: which documented answers of which operations no test has seen; what the tests have seen is in the
// folder's files. One line "ok" or "not ok" for each operation.
import fs from 'node:fs';
import path from 'node:path';
import { bundleContracts } from './bundle.mjs';

// Without database, secret or calculation nothing can fail but the process itself.
const unprovoked = ['GET /api/health 500', 'GET /tracker.js 500', 'GET /openapi.json 500', 'GET /docs 500'];

const seen = new Set(fs.readdirSync(process.argv[2]).flatMap((file) => fs.readFileSync(path.join(process.argv[2], file), 'utf8').split('\n')));
for (const [route, { 'x-service': _, ...item }] of Object.entries(bundleContracts().paths)) {
  for (const [method, { responses }] of Object.entries(item)) {
    const operation = `${method.toUpperCase()} ${route}`;
    const unseen = Object.keys(responses).filter((status) => !seen.has(`${operation} ${status}`) && !unprovoked.includes(`${operation} ${status}`));
    console.log(unseen.length ? `not ok - ${operation}: no test has seen ${unseen.join(', ')}` : `ok - every answer of ${operation} was seen`);
  }
}
