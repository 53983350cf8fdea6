// What is published stays: the contracts of today against those of the last release, and each kind of break.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { bundleContracts } from './contracts/bundle.mjs';
import { breaksOf } from './contracts/compatibility.mjs';
import { contractsDir } from './lib/contracts.mjs';

const published = JSON.parse(fs.readFileSync(path.join(contractsDir, 'published/openapi.json'), 'utf8'));
const advice = `Clients of the published contracts would break. Keep what there was and add beside it: an optional member, another parameter, a path of
its own; or publish the changed operation under a path of the next version and keep this one. CONTRIBUTING.md says more.`;

test('today\'s contracts break no client of the published ones', () => {
  const breaks = breaksOf(published, bundleContracts());
  assert.equal(breaks.length, 0, `${breaks.join('\n')}\n\n${advice}`);
});

// An interface with one operation that has a bit of everything.
const text = (more = {}) => ({ type: 'string', ...more });
const interface_ = () => ({
  paths: {
    '/sales': {
      post: {
        operationId: 'tellSale',
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 10, default: 5 } }, { $ref: '#/components/parameters/Day' }],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Sale' } }, 'text/csv': { schema: text() } } },
        security: [{ bearer: [] }, { key: [] }],
        responses: {
          200: { headers: { ETag: { required: true, schema: text({ pattern: '^"' }) } }, content: { 'application/json': { schema: { $ref: '#/components/schemas/Receipt' } } } },
          404: { description: 'none' },
        },
      },
      get: { operationId: 'listSales', security: [], responses: { 200: { description: 'all' } } },
    },
    '/sales/{id}': { get: { operationId: 'showSale', security: [], responses: { 200: { description: 'one' } } } },
  },
  components: {
    parameters: { Day: { name: 'day', in: 'query', schema: text() } },
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
    schemas: {
      Sale: {
        type: 'object', required: ['id'], minProperties: 1, unevaluatedProperties: false, allOf: [{ $ref: '#/components/schemas/Money' }],
        properties: {
          id: text({ minLength: 1, maxLength: 100, pattern: '^[a-z]+$' }), channel: { enum: ['email', 'direct'] }, note: { type: ['string', 'null'] },
          tags: { type: 'array', maxItems: 3, items: text() }, at: { oneOf: [text({ format: 'date' }), { type: 'integer' }] }, open: { type: 'object' },
          parent: { $ref: '#/components/schemas/Sale' },
        },
      },
      Money: { type: 'object', properties: { amount: text(), quick: { type: 'boolean' } } },
      Receipt: {
        type: 'object', required: ['status', 'count'],
        properties: { status: { enum: ['created', 'known'] }, count: { type: 'integer', minimum: 1 }, detail: { type: ['string', 'null'] }, kind: { const: 'sale' },
          rows: { type: 'array', items: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } }, more: { oneOf: [text(), { type: 'null' }] }, day: text({ format: 'date' }) },
      },
    },
  },
});

const post = (document) => document.paths['/sales'].post;
const sale = (document) => document.components.schemas.Sale;
const members = (document) => sale(document).properties;
const receipt = (document) => document.components.schemas.Receipt;

// what, the change, where and what is said
const breaking = [
  ['a path is removed', (d) => delete d.paths['/sales/{id}'], 'the interface: the path /sales/{id} is gone'],
  ['a method is removed', (d) => delete d.paths['/sales'].get, '/sales: the method get is gone'],
  ['an operationId changes', (d) => { post(d).operationId = 'other'; }, 'POST /sales: the operationId was tellSale'],
  ['a status is removed', (d) => delete post(d).responses[404], 'POST /sales: the status 404 is gone'],
  ['a parameter is removed', (d) => post(d).parameters.pop(), 'POST /sales: the parameter day (query) is gone'],
  ['a parameter moves to another place', (d) => { d.components.parameters.Day.in = 'header'; }, 'POST /sales: the parameter day (query) is gone'],
  ['a parameter becomes required', (d) => { d.components.parameters.Day.required = true; }, 'the parameter day (query) is now required'],
  ['a required parameter is added', (d) => post(d).parameters.push({ name: 'zone', in: 'query', required: true, schema: text() }), 'the parameter zone (query) is new and required'],
  ['a parameter is written otherwise', (d) => { d.components.parameters.Day.style = 'pipeDelimited'; }, 'has another style'],
  ['the default of a parameter changes', (d) => { post(d).parameters[0].schema.default = 6; }, 'parameter limit (query): default was 5, is 6'],
  ['a limit of a parameter is narrowed', (d) => { post(d).parameters[0].schema.maximum = 9; }, 'maximum was 10, is 9'],
  ['the body becomes required', (d) => { post(d).requestBody.required = true; }, 'POST /sales, body: it is now required'],
  ['the body is removed', (d) => delete post(d).requestBody, 'POST /sales, body: it is gone'],
  ['a media type of the body is removed', (d) => delete post(d).requestBody.content['text/csv'], 'the media type text/csv is gone'],
  ['a member of a request is removed', (d) => delete members(d).note, 'body, application/json: the member note is gone'],
  ['a member of a part of a request is removed', (d) => delete d.components.schemas.Money.properties.quick, 'the member quick is gone'],
  ['a member of a request becomes required', (d) => sale(d).required.push('note'), 'the member note is now required'],
  ['a required member is added to a request', (d) => { members(d).zone = text(); sale(d).required.push('zone'); }, 'the member zone is now required'],
  ['a value that a request may have is removed', (d) => members(d).channel.enum.pop(), '.channel: the values ["direct"] are gone'],
  ['a request may have some values only', (d) => { members(d).note.enum = ['a', null]; }, '.note: only ["a",null] are taken now'],
  ['a request may no longer have null', (d) => { members(d).note.type = 'string'; }, '.note: type was ["string","null"], is "string"'],
  ['the type of a request changes', (d) => { members(d).open.type = 'array'; }, '.open: type was "object", is "array"'],
  ['the shortest text is longer', (d) => { members(d).id.minLength = 2; }, '.id: minLength was 1, is 2'],
  ['the longest text is shorter', (d) => { members(d).id.maxLength = 50; }, '.id: maxLength was 100, is 50'],
  ['a text gets a limit', (d) => { members(d).note.maxLength = 50; }, '.note: maxLength was none, is 50'],
  ['a pattern of a request changes', (d) => { members(d).id.pattern = '^[a-f]+$'; }, '.id: pattern was'],
  ['a format is asked for', (d) => { members(d).note.format = 'email'; }, '.note: format was none, is "email"'],
  ['an array may have fewer elements', (d) => { members(d).tags.maxItems = 2; }, '.tags: maxItems was 3, is 2'],
  ['elements have to differ', (d) => { members(d).tags.uniqueItems = true; }, '.tags: uniqueItems was none, is true'],
  ['elements are narrowed', (d) => { members(d).tags.items.minLength = 1; }, '.tags[]: minLength was none, is 1'],
  ['an alternative of a request is removed', (d) => members(d).at.oneOf.pop(), '.at: 1 of the alternatives of oneOf are not taken any more'],
  ['an alternative of a request is narrowed', (d) => { members(d).at.oneOf[1].minimum = 0; }, '.at: 1 of the alternatives of oneOf are not taken any more'],
  ['other members are refused', (d) => { members(d).open.additionalProperties = false; }, '.open: other members are refused now'],
  ['a keyword is added that this check does not know', (d) => { sale(d).dependentRequired = { note: ['tags'] }; }, 'dependentRequired has changed'],
  ['a part of a request asks for more', (d) => { d.components.schemas.Money.minProperties = 2; }, 'minProperties was 1, is 2'],
  ['a way to authenticate is removed', (d) => post(d).security.pop(), 'a way to authenticate is gone'],
  ['a way to authenticate has another header', (d) => { d.components.securitySchemes.key.name = 'X-Key'; }, 'a way to authenticate is gone'],
  ['authentication is asked for', (d) => { d.paths['/sales'].get.security = [{ bearer: [] }]; }, 'GET /sales: it now needs authentication'],
  ['a media type of an answer is removed', (d) => { post(d).responses[200].content = { 'text/csv': { schema: text() } }; }, 'POST /sales, 200: the media type application/json is gone'],
  ['a header of an answer is removed', (d) => delete post(d).responses[200].headers.ETag, 'the header ETag is gone'],
  ['a header of an answer is no longer certain', (d) => delete post(d).responses[200].headers.ETag.required, 'the header ETag is no longer certain'],
  ['a header of an answer has another form', (d) => { post(d).responses[200].headers.ETag.schema = text(); }, 'header ETag: pattern was'],
  ['a member of an answer is removed', (d) => delete receipt(d).properties.detail, '200, application/json: the member detail is gone'],
  ['a member of an element of an answer is removed', (d) => { receipt(d).properties.rows.items = { type: 'object', properties: {} }; }, '.rows[]: the member n is gone'],
  ['a member of an answer is no longer certain', (d) => receipt(d).required.pop(), 'the member count is no longer certain'],
  ['the type of a member of an answer changes', (d) => { receipt(d).properties.count.type = 'string'; }, '.count: type was "integer", is "string"'],
  ['a member of an answer may be null', (d) => { receipt(d).properties.count.type = ['integer', 'null']; }, '.count: type was "integer", is ["integer","null"]'],
  ['a member of an answer may be anything', (d) => { delete receipt(d).properties.status.enum; }, '.status: it was one of ["created","known"], and can be anything now'],
  ['a constant of an answer changes', (d) => { receipt(d).properties.kind.const = 'refund'; }, '.kind: it was ["sale"], is ["refund"]'],
  ['a limit of an answer is widened', (d) => { receipt(d).properties.count.minimum = 0; }, '.count: minimum was 1, is 0'],
  ['a format of an answer is given up', (d) => { delete receipt(d).properties.day.format; }, '.day: format was "date", is none'],
  ['an answer gets another alternative', (d) => receipt(d).properties.more.oneOf.push({ type: 'integer' }), '.more: 1 of the alternatives of oneOf are new or others'],
];
for (const [what, change, said] of breaking) {
  test(`a break: ${what}`, () => {
    const after = interface_();
    change(after);
    const breaks = breaksOf(interface_(), after);
    assert.ok(breaks.some((text_) => text_.includes(said)), `said instead: ${breaks.join('\n') || 'nothing'}`);
  });
}

const harmless = [
  ['nothing', () => {}],
  ['a path, a method and a status more', (d) => { d.paths['/more'] = { get: {} }; d.paths['/sales'].put = {}; post(d).responses[429] = {}; }],
  ['an optional parameter and an optional member more', (d) => { post(d).parameters.push({ name: 'zone', in: 'query', schema: text() }); members(d).zone = text(); }],
  ['a member more in an answer, and a header', (d) => { receipt(d).properties.zone = text(); receipt(d).required.push('zone'); post(d).responses[200].headers.Vary = {}; }],
  ['further values', (d) => { members(d).channel.enum.push('other'); receipt(d).properties.status.enum.push('other'); }],
  ['wider limits of a request', (d) => { Object.assign(members(d).id, { minLength: 0, maxLength: 200 }); delete members(d).id.pattern; delete post(d).parameters[0].schema.maximum; }],
  ['narrower limits of an answer', (d) => { receipt(d).properties.count.minimum = 2; receipt(d).properties.detail.type = 'string'; receipt(d).properties.more.oneOf.pop(); }],
  ['a number where an integer was asked for', (d) => { members(d).at.oneOf[1].type = 'number'; }],
  ['another alternative in a request', (d) => members(d).at.oneOf.push({ type: 'boolean' })],
  ['another way to authenticate, another name of a scheme', (d) => { d.components.securitySchemes.token = d.components.securitySchemes.key; post(d).security = [{ bearer: [] }, { token: [] }, { extra: [] }];
    d.components.securitySchemes.extra = { type: 'http', scheme: 'basic' }; }],
  ['no authentication any more', (d) => { post(d).security = []; }],
  ['a component under another name', (d) => { d.components.schemas.Bought = sale(d); post(d).requestBody.content['application/json'].schema = { $ref: '#/components/schemas/Bought' }; }],
  ['words', (d) => { Object.assign(members(d).id, { description: 'new', examples: ['a'] }); post(d).summary = 'new'; }],
];
for (const [what, change] of harmless) {
  test(`no break: ${what}`, () => {
    const after = interface_();
    change(after);
    assert.deepEqual(breaksOf(interface_(), after), []);
  });
}

test('a break of the real contracts is found', () => {
  const after = structuredClone(published);
  delete after.components.schemas.Problem.properties.hint;
  const breaks = breaksOf(published, after);
  assert.ok(breaks.includes('GET /api/health, 503, application/problem+json: the member hint is gone'), breaks.slice(0, 5).join('\n'));
});
