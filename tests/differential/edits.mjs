// Edits of a document that mostly break a rule.

import { Kind, OperationTypeNode, parse, parseType, parseValue, print, visit } from 'graphql';

const VALUES = [
    '1', '-1', '2147483648', '-2147483649', '9007199254740993', '1.5', '1e3', '1.0', '"1"', '"abc"', '""', '"""block"""', 'true', 'false', 'null', 'ACTION', 'DRAMA', 'NOPE', '"ACTION"', '[]', '[1]',
    '[1, null]', '[[1]]', '[[1, null]]', '[null]', '["c1"]', '[ACTION]', '{}', '{x: 1}', '{x: null}', '{x: "1"}', '{y: 1.5}', '{genre: ACTION}', '{genre: "ACTION"}', '{title: {}}', '{title: {eq: null}}',
    '{title: {eq: "a", prefix: "b"}}', '{and: [{minYear: "x"}]}', '{and: {and: {}}}', '{eq: "a"}', '{character: "c1"}', '{character: "c1", movie: "m1"}', '{character: null}', '{actor: "a1", movie: null}',
    '{nope: 1}', '{x: 1, x: 2}', '{nested: {x: {}}}', '{tags: "t"}', '{tags: [1]}', '{tags: [null]}', '[[1], 2]', '[[[1]]]', '$undefined',
];
const JSONS = [
    'null', 'true', 'false', '0', '1', '-1', '1.5', '2.0', '2147483648', '-2147483649', '9007199254740993', '1e3', '1e20', '""', '"1"', '"abc"', '"ACTION"', '"NOPE"', '"action"', '[]', '[1]', '["1"]', '[null]',
    '[1,null,2]', '[[1],[2]]', '[[null]]', '[1,[2]]', '["c1"]', '["ACTION"]', '{}', '{"x":1}', '{"x":null}', '{"x":"1"}', '{"x":1,"nope":2}', '{"nested":{"x":1.5}}', '{"nested":{"nested":{"y":"z"}}}', '{"tags":[1]}',
    '{"tags":"t"}', '{"tags":[null]}', '{"genre":"NOPE"}', '{"genre":1}', '{"genres":["ACTION","X"]}', '{"title":{}}', '{"title":{"eq":null}}', '{"title":{"eq":"a","contains":"b"}}', '{"and":[{"title":{"prefix":1}}]}',
    '{"minYear":"1"}', '{"eq":"a"}', '{"eq":"a","prefix":null}', '{"character":"c1"}', '{"character":"c1","actor":"a1"}', '{"character":null}', '{"movie":1}', '{"movie":true}', '{"movie":1.5}',
];
const TYPES = ['Int', 'Int!', 'Float', 'Float!', 'String', 'String!', 'Boolean', 'Boolean!', 'ID', 'ID!', '[Int]', '[Int!]!', '[[Int!]]', '[ID!]', '[ID!]!', 'Genre', 'Genre!', '[Genre!]', 'MovieSort', 'MovieFilter', '[MovieFilter!]',
    'StringMatch', 'StringMatch!', 'Lookup', 'Lookup!', 'PointInput', 'PointInput!', 'Movie', 'Node', 'SearchResult', 'Nope', '[Nope!]!', 'Point', '[Character]'];
const CONDITIONS = ['Character', 'Actor', 'Movie', 'Node', 'Named', 'SearchResult', 'Query', 'Mutation', 'Point', 'Genre', 'Int', 'MovieFilter', 'Nope', '__Type', 'Moive'];
const DIRECTIVES = ['@nope', '@skip', '@skip(if: true)', '@include(if: true)', '@include(if: false)', '@skip(if: "true")', '@include(if: null)', '@skip(if: $undefined)', '@skip(if: true, if: false)', '@skip(unless: true)',
    '@include(if: true, x: 1)', '@skip(if: false) @skip(if: false)', '@include(if: true) @include(if: true)', '@deprecated', '@deprecated(reason: "x")', '@oneOf', '@specifiedBy(url: "x")', '@skip(if: false) @include(if: true)', '@Skip(if: true)', '@skip(if: 1)', '@skip(if: [true])'];
const STRAY_DEFINITIONS = ['type T { a: Int }', 'extend type Movie { a: Int }', 'schema { query: Query }', 'directive @d on FIELD', 'scalar S', 'enum E { A }', 'input I { a: Int }', 'union U = Movie', 'interface I { a: Int }', '"text" scalar D'];

const name = (value) => ({ kind: Kind.NAME, value });
const some = (random, texts) => {
    const [field] = parse(`{ f ${random.pick(texts)} }`).definitions[0].selectionSet.selections;
    return field.directives;
};

/// What can be edited, by its kind.
function nodesOf(document) {
    const all = new Map();
    visit(document, {
        enter(node) {
            if (!all.has(node.kind)) all.set(node.kind, []);
            all.get(node.kind).push(node);
        },
    });
    return (kind) => all.get(kind) ?? [];
}

/// Each changes the document in place, or answers false if there is nothing of its kind.
export const EDITS = {
    fieldName: ({ pick, random, all, fieldNames }) => pick(Kind.FIELD, (field) => (field.name = name(random.chance(0.3) ? random.pick(['nope', 'Name', 'nam', '__typename', '__schema', '__type', '__nope']) : random.pick(fieldNames)))),
    argumentName: ({ pick, random }) => pick(Kind.ARGUMENT, (arg) => (arg.name = name(random.pick(['nope', 'v', 'id', 'limit', 'Limit', 'first', 'filter', 'if'])))),
    argumentMore: ({ pick, random }) =>
        pick(Kind.FIELD, (field) => field.arguments.push({ kind: Kind.ARGUMENT, name: name(random.pick(['nope', 'v', 'id', 'limit', 'upper', 'length'])), value: parseValue(random.pick(VALUES)) })),
    argumentLess: ({ pickWith, random }) => pickWith(Kind.FIELD, (field) => field.arguments.length > 0, (field) => field.arguments.splice(random.below(field.arguments.length), 1)),
    argumentTwice: ({ pickWith, random }) => pickWith(Kind.FIELD, (field) => field.arguments.length > 0, (field) => field.arguments.push(random.pick(field.arguments))),
    argumentValue: ({ pick, random }) => pick(Kind.ARGUMENT, (arg) => (arg.value = parseValue(random.pick(VALUES)))),
    condition: ({ pickOf, random }) =>
        pickOf([Kind.INLINE_FRAGMENT, Kind.FRAGMENT_DEFINITION], (fragment) => (fragment.typeCondition = { kind: Kind.NAMED_TYPE, name: name(random.pick(CONDITIONS)) })),
    inline: ({ pick, random }) =>
        pick(Kind.SELECTION_SET, (set) => set.selections.push(parse(`{ ... on ${random.pick(CONDITIONS)} { ${random.pick(['__typename', 'id', 'name', 'x', 'title'])} } }`).definitions[0].selectionSet.selections[0])),
    directive: ({ pickOf, random }) => pickOf([Kind.FIELD, Kind.INLINE_FRAGMENT, Kind.FRAGMENT_SPREAD], (node) => (node.directives = [...node.directives, ...some(random, DIRECTIVES)])),
    directiveElsewhere: ({ pickOf, random }) =>
        pickOf([Kind.OPERATION_DEFINITION, Kind.FRAGMENT_DEFINITION, Kind.VARIABLE_DEFINITION], (node) => (node.directives = some(random, DIRECTIVES.filter((text) => !text.includes('$'))))),
    spreadName: ({ pick, random }) => pick(Kind.FRAGMENT_SPREAD, (spread) => (spread.name = name(random.pick(['Nope', 'F', 'F1'])))),
    spread: ({ pick, random, document }) =>
        pick(Kind.SELECTION_SET, (set) => {
            const known = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION).map((fragment) => fragment.name.value);
            set.selections.push({ kind: Kind.FRAGMENT_SPREAD, name: name(random.pick([...known, ...known, 'Nope'])), directives: [] });
        }),
    spreadGone: ({ pickWith }) => pickWith(Kind.SELECTION_SET, (set) => set.selections.length > 1 && set.selections.some((node) => node.kind === Kind.FRAGMENT_SPREAD),
        (set) => (set.selections = set.selections.filter((node) => node.kind !== Kind.FRAGMENT_SPREAD).concat(set.selections.filter((node) => node.kind === Kind.FRAGMENT_SPREAD).slice(1)))),
    cycle: ({ pickWith, random, document }) => {
        const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
        return pickWith(Kind.FRAGMENT_DEFINITION, () => true, (fragment) => fragment.selectionSet.selections.push({ kind: Kind.FRAGMENT_SPREAD, name: random.pick(fragments).name, directives: [] }));
    },
    selectionLess: ({ pickWith }) => pickWith(Kind.FIELD, (field) => field.selectionSet, (field) => (field.selectionSet = undefined)),
    selectionMore: ({ pickWith, random }) =>
        pickWith(Kind.FIELD, (field) => !field.selectionSet, (field) => (field.selectionSet = parse(random.pick(['{ id }', '{ __typename }', '{ nope { x } }'])).definitions[0].selectionSet)),
    selectionOut: ({ pickWith, random }) => pickWith(Kind.SELECTION_SET, (set) => set.selections.length > 1, (set) => set.selections.splice(random.below(set.selections.length), 1)),
    alias: ({ all, random }) => {
        const fields = all(Kind.FIELD);
        const alias = random.chance(0.5) ? name('same') : random.pick(fields).name;
        for (let at = 0; at < 3; at++) random.pick(fields).alias = alias;
    },
    copy: ({ all, random }) => {
        // A field of somewhere else, under the same key.
        const sets = all(Kind.SELECTION_SET);
        const field = structuredClone(random.pick(all(Kind.FIELD)));
        random.pick(sets).selections.push({ ...field, alias: random.chance(0.3) ? name('id') : field.alias });
    },
    variableMore: ({ pick, random }) =>
        pick(Kind.OPERATION_DEFINITION, (operation) => operation.variableDefinitions.push({ kind: Kind.VARIABLE_DEFINITION, variable: { kind: Kind.VARIABLE, name: name('unused') }, type: parseType(random.pick(TYPES)), directives: [] })),
    variableLess: ({ pickWith, random }) => pickWith(Kind.OPERATION_DEFINITION, (operation) => operation.variableDefinitions.length > 0, (operation) => operation.variableDefinitions.splice(random.below(operation.variableDefinitions.length), 1)),
    variableTwice: ({ pickWith, random }) => pickWith(Kind.OPERATION_DEFINITION, (operation) => operation.variableDefinitions.length > 0, (operation) => operation.variableDefinitions.push(random.pick(operation.variableDefinitions))),
    variableType: ({ pick, random }) => pick(Kind.VARIABLE_DEFINITION, (definition) => (definition.type = parseType(random.pick(TYPES)))),
    variableNullable: ({ pick }) => pick(Kind.VARIABLE_DEFINITION, (definition) => (definition.type = definition.type.kind === Kind.NON_NULL_TYPE ? definition.type.type : definition.type)),
    variableDefault: ({ pick, random }) => pick(Kind.VARIABLE_DEFINITION, (definition) => (definition.defaultValue = random.chance(0.2) ? undefined : parseValue(random.pick(VALUES)))),
    variableDefaultsToVariable: ({ pick }) => pick(Kind.VARIABLE_DEFINITION, (definition) => (definition.defaultValue = { kind: Kind.VARIABLE, name: definition.variable.name })),
    variableUse: ({ pick, random }) => pick(Kind.ARGUMENT, (arg) => { arg.value = { kind: Kind.VARIABLE, name: name(random.pick(['undefined', 'yes'])) }; }),
    variableElsewhere: ({ all, random, pick }) => {
        const definitions = all(Kind.VARIABLE_DEFINITION);
        return definitions.length > 0 && pick(Kind.ARGUMENT, (arg) => { arg.value = random.pick(definitions).variable; });
    },
    fragmentMore: ({ document, random }) => { document.definitions.push(parse(`fragment ${random.pick(['Unused', 'F1', 'on_'])} on ${random.pick(CONDITIONS)} { __typename }`).definitions[0]); },
    fragmentLess: ({ document, random }) => {
        const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
        if (fragments.length === 0) return false;
        document.definitions.splice(document.definitions.indexOf(random.pick(fragments)), 1);
    },
    definitionTwice: ({ document, random }) => { document.definitions.push(random.pick(document.definitions)); },
    operationAnonymous: ({ document, random }) => { document.definitions.splice(random.below(document.definitions.length + 1), 0, parse('{ __typename }').definitions[0]); },
    operationMore: ({ document }) => { document.definitions.push(parse('query More { __typename }').definitions[0]); },
    operationKind: ({ pick }) => pick(Kind.OPERATION_DEFINITION, (operation) => (operation.operation = operation.operation === OperationTypeNode.QUERY ? OperationTypeNode.MUTATION : OperationTypeNode.QUERY)),
    stray: ({ document, random }) => { document.definitions.push(parse(random.pick(STRAY_DEFINITIONS)).definitions[0]); },
    value: ({ pickOf, random }) => pickOf([Kind.OBJECT_FIELD, Kind.ARGUMENT, Kind.VARIABLE_DEFINITION], (node) => { node[node.kind === Kind.VARIABLE_DEFINITION ? 'defaultValue' : 'value'] = parseValue(random.pick(VALUES)); }),
    listValue: ({ pick, random }) => pick(Kind.LIST, (list) => list.values.push(parseValue(random.pick(VALUES)))),
    objectMore: ({ pick, random }) =>
        pick(Kind.OBJECT, (object) => object.fields.push({ kind: Kind.OBJECT_FIELD, name: name(random.pick(['nope', 'x', 'y', 'genre', 'and', 'eq', 'prefix', 'character', 'movie', 'tags'])), value: parseValue(random.pick(VALUES)) })),
    objectTwice: ({ pickWith, random }) => pickWith(Kind.OBJECT, (object) => object.fields.length > 0, (object) => object.fields.push(random.pick(object.fields))),
    objectLess: ({ pickWith }) => pickWith(Kind.OBJECT, (object) => object.fields.length > 0, (object) => object.fields.pop()),
    objectEmpty: ({ pick }) => pick(Kind.OBJECT, (object) => (object.fields = [])),
};

/// A document edited once or twice; the names of what was done.
export function edit(query, random, fieldNames) {
    const document = structuredClone(parse(query, { noLocation: true }));
    const names = [];
    const wanted = random.chance(0.75) ? 1 : 2;
    for (let attempt = 0; attempt < 20 && names.length < wanted; attempt++) {
        const all = nodesOf(document);
        const pickOf = (kinds, change, accept = () => true) => {
            const nodes = kinds.flatMap(all).filter(accept);
            if (nodes.length === 0) return false;
            change(random.pick(nodes));
        };
        const tools = {
            document, random, all, fieldNames, pickOf,
            pick: (kind, change) => pickOf([kind], change),
            pickWith: (kind, accept, change) => pickOf([kind], change, accept),
        };
        const chosen = random.pick(Object.keys(EDITS));
        if (EDITS[chosen](tools) !== false) names.push(chosen);
    }
    return { query: print(document), names };
}

/// The values of variables, one of them wrong or gone.
export function editValues(given, random) {
    const values = given.map((entry) => [...entry]);
    if (values.length === 0) return values;
    const telling = values.filter(([, json]) => json !== 'true' && json !== 'false');
    const chosen = random.pick(telling.length > 0 && random.chance(0.8) ? telling : values);
    const way = random.next();
    if (way < 0.12) values.splice(values.indexOf(chosen), 1);
    else if (way < 0.6) chosen[1] = random.pick(JSONS);
    else chosen[1] = editInside(JSON.parse(chosen[1]), random);
    return values;
}

function editInside(value, random) {
    const places = [];
    const walk = (node) => {
        if (node === null || typeof node !== 'object') return;
        for (const key of Object.keys(node)) {
            places.push([node, key]);
            walk(node[key]);
        }
    };
    walk(value);
    if (places.length === 0) return random.pick(JSONS);
    const [node, key] = random.pick(places);
    node[key] = '\u0001';
    return JSON.stringify(value).replace('"\\u0001"', random.pick(JSONS));
}

