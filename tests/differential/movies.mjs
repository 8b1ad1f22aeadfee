// The graph of the example `movies` on the reference implementation: the schema of its folder over the data of its folder.

import { readFileSync } from 'node:fs';
import {
    buildASTSchema,
    execute,
    getNullableType,
    GraphQLError,
    isNonNullType,
    Kind,
    parse,
    specifiedRules,
    validate,
    visit,
} from 'graphql';
import './specified.mjs';

const folder = new URL('../../examples/movies/', import.meta.url);
const data = JSON.parse(readFileSync(new URL('data.json', folder), 'utf8'));

export const schema = buildASTSchema(withoutSubscription(parse(readFileSync(new URL('schema.graphql', folder), 'utf8'))));

// Requests are answered once; subscriptions are another test's.
function withoutSubscription(document) {
    const definitions = narrowed(document.definitions)
        .filter((definition) => definition.name?.value !== 'Subscription')
        .map((definition) =>
            definition.kind === Kind.SCHEMA_DEFINITION
                ? { ...definition, operationTypes: definition.operationTypes.filter((type) => type.operation !== 'subscription') }
                : definition,
        );
    return { ...document, definitions };
}

// `--fields echoInt,echoFloat`: only these fields of the query, and the types that they need; no mutations.
function narrowed(definitions) {
    const at = process.argv.indexOf('--fields');
    if (at < 0) return definitions;
    const fields = process.argv[at + 1].split(',');
    const types = new Map(definitions.filter((definition) => definition.name).map((type) => [type.name.value, type]));
    const query = types.get('Query');
    types.set('Query', { ...query, fields: query.fields.filter((field) => fields.includes(field.name.value)) });
    const reached = new Set();
    const reach = (name) => {
        if (!types.has(name) || reached.has(name)) return;
        reached.add(name);
        visit(types.get(name), { NamedType: (type) => reach(type.name.value) });
    };
    reach('Query');
    return [...reached].map((name) => types.get(name));
}

const tables = { Character: data.characters, Actor: data.actors, Movie: data.movies };
const byId = new Map();
for (const [type, rows] of Object.entries(tables)) {
    for (const row of rows) {
        row.__typename = type;
        byId.set(row.id, row);
    }
}

const find = (id, type) => {
    const row = byId.get(id);
    return row && (type === undefined || row.__typename === type) ? row : null;
};
const atMost = (limit, list) => (limit == null ? list : list.slice(0, Math.max(0, limit)));
const upTo = (text, length) => Array.from(text).slice(0, Math.max(0, length)).join('');
const compareBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const compareNumbers = (a, b) => (a ?? -1) - (b ?? -1);
const sorts = {
    TITLE: (a, b) => compareBytes(a.title, b.title),
    YEAR: (a, b) => compareNumbers(a.year, b.year),
    RATING: (a, b) => compareNumbers(a.rating, b.rating),
};

function titleMatches(match, title) {
    if (match == null) return true;
    if (match.eq != null) return title === match.eq;
    if (match.contains != null) return title.includes(match.contains);
    return title.startsWith(match.prefix);
}

function movieMatches(filter, movie) {
    if (filter == null) return true;
    return (
        (filter.genre == null || filter.genre === movie.genre) &&
        (filter.genres == null || filter.genres.includes(movie.genre)) &&
        (filter.minYear == null || movie.year == null || movie.year >= filter.minYear) &&
        titleMatches(filter.title, movie.title) &&
        (filter.and == null || filter.and.every((each) => movieMatches(each, movie)))
    );
}

const castOf = (movie) => data.characters.filter((character) => character.movies.includes(movie.id));

const resolvers = {
    Query: {
        character: (_, { id }) => find(id, 'Character'),
        characters: (_, { limit, offset }) => atMost(limit, data.characters.slice(Math.max(0, offset))),
        actor: (_, { id }) => find(id, 'Actor'),
        actors: (_, { ids }) => (ids == null ? data.actors : ids.map((id) => find(id, 'Actor'))),
        movie: (_, { id }) => find(id, 'Movie'),
        movies: (_, { filter, sort }) => data.movies.filter((movie) => movieMatches(filter, movie)).sort(sorts[sort]),
        node: (_, { id }) => find(id),
        nodes: (_, { ids }) => ids.map((id) => find(id)),
        named: () => [...data.characters, ...data.actors],
        search: (_, { text, first }) =>
            atMost(first, [
                ...data.characters.filter((row) => row.name.includes(text)),
                ...data.actors.filter((row) => row.name.includes(text)),
                ...data.movies.filter((row) => row.title.includes(text)),
            ]),
        lookup: (_, { by }) => {
            if (by.character != null) return find(by.character, 'Character');
            if (by.actor != null) return find(by.actor, 'Actor');
            return find(by.movie, 'Movie');
        },
        echoInt: (_, { v }) => v,
        echoFloat: (_, { v }) => v,
        echoString: (_, { v }) => v,
        echoBool: (_, { v }) => v,
        echoId: (_, { v }) => v,
        echoGenre: (_, { v }) => v,
        echoInts: (_, { v }) => v,
        echoMatrix: (_, { v }) => v,
        echoPoint: (_, { p }) => p,
    },
    Character: {
        actor: (character) => find(character.actor, 'Actor'),
        movies: (character, { limit }) => atMost(limit, character.movies.map((id) => find(id, 'Movie'))),
        friends: (character) => character.friends && character.friends.map((id) => find(id, 'Character')),
    },
    Actor: {
        characters: (actor) => data.characters.filter((character) => character.actor === actor.id),
        bestMovie: (actor) => find(actor.bestMovie, 'Movie'),
    },
    Movie: {
        title: (movie, { upper }) => (upper ? movie.title.toUpperCase() : movie.title),
        characters: castOf,
        cast: (movie) => [...new Set(castOf(movie).map((row) => find(row.actor, 'Actor')).filter((actor) => actor))],
        related: (movie, { filter }) =>
            movie.year == null
                ? null
                : data.movies.filter((other) => other !== movie && other.genre === movie.genre && movieMatches(filter, other)),
        summary: (movie, { length }) => {
            const text = property(movie, 'summary');
            return text == null ? null : upTo(text, length);
        },
    },
    Mutation: {
        reset: (_, { to }, context) => (context.counter = to),
        bump: (_, { by }, context) => (context.counter += by),
        bumpFail: (_, __, context) => {
            context.counter += 1;
            throw new Error('bump failed');
        },
    },
};

function property(source, name) {
    const value = source[name];
    if (value !== null && typeof value === 'object' && '$error' in value) throw new Error(value.$error);
    return value;
}

// Cyclic links answer exponentially: what asks for more than this is no request of the test.
const MOST_FIELDS = 8000;

function count(context) {
    context.fields += 1;
    if (context.fields > MOST_FIELDS) throw new Error('too many fields');
}

for (const [type, fields] of Object.entries(resolvers)) {
    for (const [name, resolve] of Object.entries(fields)) {
        if (!schema.getType(type)?.getFields()[name]) continue;
        schema.getType(type).getFields()[name].resolve = (source, args, context) => {
            count(context);
            return resolve(source, args, context);
        };
    }
}

// A variable as the field of a OneOf input object must be non-null. graphql 16.15 asks that only where the input object itself
// is nullable: behind `Lookup!` it does not see the type of the parent.
function oneOfVariables(context) {
    let definitions = new Map();
    return {
        OperationDefinition: {
            enter() {
                definitions = new Map();
            },
            leave(operation) {
                for (const { node, parentType } of context.getRecursiveVariableUsages(operation)) {
                    const definition = definitions.get(node.name.value);
                    if (!definition || !isNonNullType(parentType) || !getNullableType(parentType).isOneOf) continue;
                    if (definition.type.kind === Kind.NON_NULL_TYPE) continue;
                    const [name, type] = [node.name.value, getNullableType(parentType)];
                    const message = `Variable "$${name}" must be non-nullable to be used for OneOf Input Object "${type}".`;
                    context.reportError(new GraphQLError(message, { nodes: [definition, node] }));
                }
            },
        },
        VariableDefinition(node) {
            definitions.set(node.variable.name.value, node);
        },
    };
}

const plain = (error) => JSON.parse(JSON.stringify(error));

/// What the reference implementation answers: `stage` says how far the request came, `large` that it was not followed.
export function answer({ query, variables, operationName }) {
    let document;
    try {
        document = parse(query);
    } catch (error) {
        return { stage: 'syntax', errors: [plain(error)] };
    }
    const invalid = validate(schema, document, [...specifiedRules, oneOfVariables]);
    if (invalid.length > 0) return { stage: 'validation', errors: invalid.map(plain), document };
    const context = { counter: 0, fields: 0 };
    const result = execute({
        schema,
        document,
        variableValues: variables,
        operationName,
        contextValue: context,
        fieldResolver: (source, _, __, info) => {
            count(context);
            return property(source, info.fieldName);
        },
    });
    if (typeof result.then === 'function') throw new Error('a resolver is asynchronous');
    if (context.fields > MOST_FIELDS) return { stage: 'large', errors: [] };
    const errors = (result.errors ?? []).map(plain);
    if (result.data === undefined) return { stage: 'request', errors, document };
    return { stage: 'executed', errors, data: result.data, document };
}
