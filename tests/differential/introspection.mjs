// Introspection of a schema as the engine exports it, answered by the reference implementation.
//
//   node introspection.mjs SCHEMA
//       all of the schema, as one JSON document
//   node introspection.mjs SCHEMA [--seed N] [--count N]
//       random requests with their answers, one JSON object per line, as oracle.mjs writes them

import { readFileSync } from 'node:fs';
import { buildSchema, execute, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql';
import { edit } from './edits.mjs';
import { Random } from './random.mjs';
import { Requests, variablesText } from './requests.mjs';
import './specified.mjs';

const schema = buildSchema(readFileSync(process.argv[2], 'utf8'));
const everything = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true };

// Longer answers tell nothing more.
const MOST_BYTES = 20000;

const plain = (error) => JSON.parse(JSON.stringify(error));

function answer({ query, variables, operationName }) {
    let document;
    try {
        document = parse(query);
    } catch (error) {
        return { stage: 'syntax', errors: [plain(error)] };
    }
    const invalid = validate(schema, document, specifiedRules);
    if (invalid.length > 0) return { stage: 'validation', errors: invalid.map(plain) };
    const { data, errors = [] } = execute({ schema, document, variableValues: JSON.parse(variablesText(variables)), operationName });
    return { stage: data === undefined ? 'request' : 'executed', errors: errors.map(plain), data };
}

const fieldNames = [...new Set(Object.values(schema.getTypeMap()).flatMap((type) => (type.getFields ? Object.keys(type.getFields()) : [])))];

function line(id, { seed, edited }) {
    for (let stream = 0; ; stream++) {
        const random = new Random(seed, id * 64 + stream);
        const request = new Requests(schema, random, random.chance(0.3), true).request();
        if (edited) request.query = edit(request.query, random, fieldNames).query;
        const { data, ...expect } = answer(request);
        const dataText = data === undefined ? undefined : JSON.stringify(data);
        if ((dataText?.length ?? 0) > MOST_BYTES || /subscription/i.test(request.query)) continue;
        const parts = { id, kind: edited ? 'edited' : 'valid', query: request.query, operationName: request.operationName, expect, dataText };
        return `${JSON.stringify(parts).slice(0, -1)},"variables":${variablesText(request.variables)}}`;
    }
}

function option(name, fallback) {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? fallback : Number(process.argv[at + 1]);
}

if (process.argv.length > 3) {
    const [seed, count] = [option('seed', 1), option('count', 100)];
    for (let id = 0; id < count; id++) process.stdout.write(`${line(id, { seed, edited: id % 4 === 3 })}\n`);
} else {
    const { data } = execute({ schema, document: parse(getIntrospectionQuery(everything)) });
    process.stdout.write(`${JSON.stringify(data, null, 1)}\n`);
}
