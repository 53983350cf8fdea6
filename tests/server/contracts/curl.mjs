// A call of an operation by curl, with the examples of its contract.
const quote = (text) => (/^[\w./:=?&%$"{}@-]+$/.test(text) && !/[$"{}]/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);

function exampleOf({ example, examples, schema = {} }) {
  return example ?? Object.values(examples ?? {})[0]?.value ?? schema.examples?.[0] ?? schema.default ?? schema.enum?.[0];
}

function credentials({ components }, { security }) {
  const [alternative = {}] = security;
  const fields = [];
  let query = '';
  for (const scheme of Object.keys(alternative)) {
    const { type, in: place, name } = components.securitySchemes[scheme];
    if (type === 'http') fields.push('"Authorization: Bearer $API_KEY"');
    else if (place === 'query') query = `${name}=pgp_…`;
    else fields.push(`'${name}: …'`);
  }
  return { fields, query };
}

export function curl(bundle, operation, resolve) {
  const { fields, query } = credentials(bundle, operation);
  const parameters = (operation.parameters ?? []).map(resolve);
  const asked = parameters.filter((each) => each.in === 'query').map((each) => `${each.name}=${encodeURIComponent(exampleOf(each) ?? '…')}`);
  const needed = parameters.filter((each) => each.in === 'header' && each.required).map((each) => quote(`${each.name}: ${exampleOf(each)}`));
  const target = [operation.path, [query, ...asked].filter(Boolean).join('&')].filter(Boolean).join('?');
  const lines = [`curl${operation.method === 'options' ? ' -X OPTIONS' : ''} "$ATTRIBUTION_URL${target}"`, ...[...fields, ...needed].map((field) => `-H ${field}`)];
  if (operation.requestBody) {
    const [[type, content]] = Object.entries(resolve(operation.requestBody).content).sort(([, a], [, b]) => (exampleOf(b) ? 1 : 0) - (exampleOf(a) ? 1 : 0));
    lines.push(`-H 'Content-Type: ${type}'`, `-d ${quote(JSON.stringify(exampleOf(content), null, 2))}`);
  }
  return lines.join(' \\\n  ');
}
