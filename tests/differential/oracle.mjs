// Requests over the example `movies` with the answers of the reference implementation, one JSON object per line.
//
//   node oracle.mjs [--seed N] [--count N] [--first N] [--fields NAME,…]
//       random requests; --first N --count 1 is case N alone; --fields narrows the schema to these fields of the query
//   node oracle.mjs --corpus
//       the invalid documents of corpus.mjs, for corpus.json

import { parse, visit } from 'graphql';
import { corpus } from './corpus.mjs';
import { edit, editValues } from './edits.mjs';
import { answer, schema } from './movies.mjs';
import { Random } from './random.mjs';
import { HIDDEN, Requests, variablesText } from './requests.mjs';
import { breakTokens, respell } from './tokens.mjs';

const fieldNames = [...new Set(Object.values(schema.getTypeMap()).flatMap((type) => (type.getFields ? Object.keys(type.getFields()) : [])))];

const asked = ({ query, variables, operationName }) => answer({ query, variables: JSON.parse(variablesText(variables)), operationName });

function valid(random, keen) {
    let request;
    for (let attempt = 0; attempt < 8; attempt++) {
        request = new Requests(schema, random, keen).request();
        if (asked(request).stage === 'executed') break;
    }
    return request;
}

function generate(random) {
    const way = random.next();
    const request = valid(random, way < 0.12 || random.chance(0.3));
    if (way < 0.12) return { kind: 'variables', ...request, variables: editValues(request.variables, random) };
    if (way < 0.22) return { kind: 'tokens', ...request, query: breakTokens(request.query, random) };
    if (way < 0.74) return { kind: 'valid', ...request };
    const { query, names } = edit(request.query, random, fieldNames);
    return { kind: names.join('+'), ...request, query: random.chance(0.3) ? respell(query, random) : query };
}

/// Where the language leaves the answer open: texts of descriptions, the example's subscriptions, quirks of numbers.
function comparable(request, { stage, document, data }) {
    if (stage === 'large' || (!schema.getMutationType() && request.query.includes('mutation'))) return false;
    if (/subscription/i.test(request.query) || /\p{Surrogate}/u.test(request.query)) return false;
    if (document === undefined || data === undefined) return true;
    // JavaScript has one number for `2` and `2.0`: as an ID both are "2" there, and long ones are rounded.
    const numbers = variablesText(request.variables).replace(/"(\\.|[^"\\])*"/g, '""');
    if (/\bID\b|\bLookup\b/.test(request.query) && /\d[.e]|\d{16}/i.test(numbers)) return false;
    let open = false;
    visit(document, {
        Field(field) {
            const first = field.selectionSet?.selections[0];
            open ||= HIDDEN.has(field.name.value);
            open ||= field.name.value === 'types' && !(first.name?.value === 'name' && !first.alias && first.directives.length === 0);
        },
    });
    return !open;
}

/// Whether the document asks for lists whose order the language leaves open.
function unordered(document) {
    let found = false;
    visit(document, { Field: ({ name: { value } }) => { found ||= ['types', 'fields', 'interfaces', 'possibleTypes', 'directives', 'locations'].includes(value); } });
    return found;
}

function line(id, request, answered) {
    const { stage, errors, data, document } = answered;
    const expect = { stage, errors, ...(data === undefined ? {} : { data }) };
    const parts = { id, kind: request.kind, query: request.query, operationName: request.operationName, expect };
    if (data !== undefined) Object.assign(parts, { dataText: JSON.stringify(data), unordered: unordered(document) });
    // The variables as they were written: the text of a number is part of the case.
    return `${JSON.stringify(parts).slice(0, -1)},"variables":${variablesText(request.variables)}}`;
}

function option(name, fallback) {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? fallback : Number(process.argv[at + 1]);
}

function printRandom() {
    const [seed, count, first] = [option('seed', 1), option('count', 100), option('first', 0)];
    let lines = [];
    for (let id = first; id < first + count; id++) {
        for (let stream = 0; ; stream++) {
            const request = generate(new Random(seed, id * 64 + stream));
            const answered = asked(request);
            if (!comparable(request, answered)) continue;
            lines.push(line(id, request, answered));
            break;
        }
        if (lines.length >= 500) {
            process.stdout.write(`${lines.join('\n')}\n`);
            lines = [];
        }
    }
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}

function printCorpus() {
    const entries = corpus.flatMap(([rule, query], at) => {
        const { stage, errors } = asked({ query, variables: [], operationName: null });
        if (stage === 'executed') {
            console.error(`accepted: ${query}`);
            process.exitCode = 1;
            return [];
        }
        const [{ message, locations = [] }] = errors;
        return JSON.stringify({ id: at, rule, query, stage, message, locations });
    });
    process.stdout.write(`[\n${entries.join(',\n')}\n]\n`);
}

if (process.argv.includes('--corpus')) printCorpus();
else printRandom();
