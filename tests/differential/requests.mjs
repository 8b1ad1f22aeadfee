// Random requests over a schema: documents as texts, variables as JSON texts (so that `2.0` stays `2.0`).

import {
    doTypesOverlap,
    getNamedType,
    getNullableType,
    isAbstractType,
    isCompositeType,
    isEnumType,
    isInputObjectType,
    isListType,
    isNonNullType,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
} from 'graphql';
import { respell } from './tokens.mjs';

const IDS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c8', 'c10', 'c12', 'a1', 'a2', 'a4', 'a8', 'a9', 'm1', 'm2', 'm4', 'm5', 'm7', 'm8', 'c999', 'x', ''];
const INTS = ['0', '1', '2', '3', '5', '10', '100', '1990', '2005', '-1', '-7', '2147483647', '-2147483648', '-0'];
const SMALL = ['0', '1', '2', '3', '7', '-1', '-5', '100'];
const FLOATS = ['0.0', '1.5', '-2.25', '1e3', '1E3', '1e+3', '12.5e-2', '0.1', '3.141592653589793', '1e-7', '123456789.125', '1e15', '-1.0e2', '5.0'];
const STRINGS = [
    '"abc"', '""', '"A"', '"Movie"', '"The"', '"e"', '"Actor"', '"with \\"quotes\\""', '"back\\\\slash \\/ \\b\\f\\n\\r\\t"', '"\\u00e9\\u4E2D"', '"\\u{1F600} \\u{e9}"',
    '"\\uD83D\\uDE00"', '"Zoë 😀 中"', '"# no comment"', '"tab\there"', '"""block"""', '"""\n    indented\n      more\n    less\n"""', '""""""', '"""with \\""" inside"""',
    '"""a "quoted" \\n word"""', '"""\r\n  one\r\n\r\n  two\r\n"""', '"""  first\n   second\n  third  """', '"null"', '"\\u0000"', '"$error"', '"\\u{10FFFF}"', '"line\u2028separator"',
];
const JSON_STRINGS = ['"abc"', '""', '"The"', '"a"', '"\\u00e9"', '"\\ud83d\\ude00"', '"Zoë"', '"q\\"q"', '"\\\\"', '"\\n\\t"', '"1"', '"null"', '"\\u0000"', '"\\u007f"', '"<&>"'];
const JSON_FLOATS = ['0', '1', '1.5', '-2.25', '1e3', '2.0', '0.1', '1e-7', '123456789.125', '9007199254740991', '-3', '1E2'];

/// What makes the answers of two implementations differ without either being wrong.
export const HIDDEN = new Set(['description', 'subscriptionType', 'specifiedByURL']);

export class Requests {
    /// `keen`: many variables, and fields that take arguments. `introspecting`: nothing but introspection, all of it.
    constructor(schema, random, keen = false, introspecting = false) {
        this.schema = schema;
        this.introspecting = introspecting;
        this.hidden = introspecting ? new Set() : HIDDEN;
        this.random = random;
        this.keen = keen;
        this.types = Object.values(schema.getTypeMap());
        this.composites = this.types.filter((type) => isCompositeType(type) && !type.name.startsWith('__'));
        this.fragments = [];
        this.names = 0;
    }

    /// A request that should be accepted; mostly it is.
    request() {
        const { random } = this;
        const count = random.chance(0.08) ? random.between(2, 3) : 1;
        const names = random.shuffle(['Alpha', 'beta', '_c', 'query', 'on', 'D1']).slice(0, count);
        const operations = names.map((name) => this.operation(name, count > 1));
        const chosen = random.pick(operations);
        let operationName = null;
        if (count > 1 || (chosen.named && random.chance(0.3))) operationName = chosen.name;
        if (random.chance(0.01)) operationName = 'Nobody';
        if (count > 1 && random.chance(0.03)) operationName = null;
        const definitions = random.chance(0.7)
            ? [...operations.map((operation) => operation.text), ...this.fragments.map((fragment) => fragment.text)]
            : random.shuffle([...operations, ...this.fragments]).map((definition) => definition.text);
        let query = definitions.join('\n');
        if (random.chance(0.5)) query = respell(query, random);
        return { query, variables: this.values(chosen.variables), operationName };
    }

    operation(name, mustBeNamed) {
        const { random, schema } = this;
        const mutation = random.chance(0.12) && schema.getMutationType() !== undefined && !this.introspecting;
        const type = mutation ? schema.getMutationType() : schema.getQueryType();
        this.variables = new Map();
        // How many lists of objects are around the place.
        this.lists = 0;
        this.budget = random.pick([4, 8, 15, 25, 40, 60]);
        this.ownFragments = this.fragments.filter((fragment) => fragment.alone);
        const selections = this.selectionSet(type, 0);
        const named = mustBeNamed || random.chance(0.5);
        const variables = [...this.variables.values()];
        const declared = variables.map((variable) => `$${variable.name}: ${variable.type}${variable.default ?? ''}`);
        let head = '';
        if (mutation || named || declared.length > 0 || random.chance(0.3)) {
            head = mutation ? 'mutation' : 'query';
            if (named) head += ` ${name}`;
            if (declared.length > 0) head += `(${declared.join(random.pick([', ', ' ', ',\n']))})`;
            head += ' ';
        }
        return { text: head + selections, name, named, variables };
    }

    selectionSet(type, depth) {
        const { random } = this;
        const wanted = depth === 0 ? random.between(1, 5) : random.between(1, 4);
        const selections = [];
        for (let at = 0; at < wanted && (at === 0 || this.budget > 0); at++) {
            const before = selections.length > 0 && random.chance(0.08) ? random.pick(selections) : null;
            selections.push(before ?? this.selection(type, depth));
        }
        return `{ ${selections.join(random.pick([' ', ', ', '\n', '\n  ']))} }`;
    }

    selection(type, depth) {
        const { random } = this;
        this.budget -= 1;
        const way = random.next();
        if (depth < 6 && this.budget > 0 && (way < 0.16 || (isAbstractType(type) && way < 0.7))) return this.fragment(type, depth);
        return this.field(type, depth);
    }

    fragment(type, depth) {
        const { random } = this;
        const way = random.next();
        if (way < 0.2) return `...${this.directives()} ${this.selectionSet(type, depth + 1)}`;
        const overlapping = this.composites.filter((other) => doTypesOverlap(this.schema, type, other));
        const condition = type.name.startsWith('__') || random.chance(0.4) ? type : random.pick(overlapping);
        if (way < 0.6) return `... on ${condition.name}${this.directives()} ${this.selectionSet(condition, depth + 1)}`;
        const known = this.ownFragments.filter((fragment) => doTypesOverlap(this.schema, type, fragment.type));
        if (known.length > 0 && random.chance(0.6)) return `...${random.pick(known).name}${this.directives()}`;
        const name = random.pick(['F', 'fragment', 'Parts', '_f', 'query']) + (this.names += 1);
        const selections = this.selectionSet(condition, depth + 1);
        const text = `fragment ${name} on ${condition.name} ${selections}`;
        const fragment = { name, type: condition, text, alone: !text.includes('$') && !text.includes('...') };
        this.fragments.push(fragment);
        this.ownFragments.push(fragment);
        return `...${name}${this.directives()}`;
    }

    directives() {
        const { random } = this;
        const names = random.chance(0.09) ? random.shuffle(['skip', 'include']).slice(0, random.chance(0.15) ? 2 : 1) : [];
        return names.map((name) => ` @${name}(if: ${this.condition(name)})`).join('');
    }

    condition(directive) {
        const { random } = this;
        if (random.chance(0.5)) return random.chance(0.8) ? String(directive === 'include') : random.pick(['true', 'false']);
        const name = random.pick(['yes', 'no', 'maybe']);
        if (!this.variables.has(name)) {
            const type = random.pick(['Boolean!', 'Boolean!', 'Boolean', 'Boolean!']);
            const fallback = type === 'Boolean' || random.chance(0.3) ? ` = ${random.chance(0.5)}` : undefined;
            const json = () => (random.chance(0.05) && type === 'Boolean' ? 'null' : random.pick(['true', 'false']));
            this.variables.set(name, { name, type, default: fallback, json, optional: fallback !== undefined });
        }
        return `$${name}`;
    }

    field(type, depth) {
        const { random } = this;
        if (random.chance(0.08) || !('getFields' in type)) return `${this.alias(0.2)}__typename${this.directives()}`;
        let fields = Object.values(type.getFields()).filter((field) => !this.hidden.has(field.name));
        if (type === this.schema.getQueryType() && random.chance(this.introspecting ? 1 : 0.05)) fields = [SchemaMetaFieldDef, TypeMetaFieldDef];
        const composite = (field) => isCompositeType(getNamedType(field.type));
        const many = (field) => composite(field) && isListType(getNullableType(field.type));
        if (this.lists >= 2 && !type.name.startsWith('__')) fields = fields.filter((field) => !many(field));
        const leaves = fields.filter((field) => !composite(field));
        if ((depth >= 6 || this.budget <= 0) && leaves.length > 0) fields = leaves;
        else if (random.chance(0.35) && fields.some(composite)) fields = fields.filter(composite);
        const given = fields.filter((field) => field.args.some((arg) => isListType(getNullableType(arg.type)) || isInputObjectType(getNamedType(arg.type))));
        if (this.keen && given.length > 0 && random.chance(0.6)) fields = given;
        const field = random.pick(fields);
        // Lists of lists of types are what the oracle refuses for their depth: seldom.
        if (type.name.startsWith('__') && depth >= 5 && composite(field)) return '__typename';
        const args = this.args(field);
        if (many(field)) this.lists += 1;
        let selections = composite(field) ? ` ${this.selectionSet(getNamedType(field.type), depth + 1)}` : '';
        // The names tell which types are to be compared.
        if (field.name === 'types' && !this.introspecting) selections = selections.replace('{', '{ name');
        if (many(field)) this.lists -= 1;
        const alias = this.alias(args === '' && selections === '' ? 0.15 : args === '' ? 0.3 : 0.75);
        return `${alias}${field.name}${args}${this.directives()}${selections}`;
    }

    alias(probability) {
        const { random } = this;
        if (!random.chance(probability)) return '';
        if (random.chance(0.05)) return random.pick(['id: ', 'name: ', 'query: ', 'true: ', '_: ']);
        return `${random.pick(['a', 'B', 'on', '_x', 'null', 'k'])}${(this.names += 1)}: `;
    }

    args(field) {
        const { random } = this;
        const given = [];
        for (const arg of field.args) {
            const required = isNonNullType(arg.type) && arg.defaultValue === undefined;
            if (!required && random.chance(this.keen ? 0.15 : 0.45)) continue;
            if (field.name === '__type' && this.introspecting && random.chance(0.7)) {
                given.push(`name: "${random.pick(this.types).name}"`);
                continue;
            }
            if (field.name === '__type' && !(this.introspecting && random.chance(0.3))) {
                given.push(`name: "${random.pick([...this.composites.map((type) => type.name), 'Genre', 'Int', 'MovieFilter', 'Lookup', '__Type', 'Nothing'])}"`);
                continue;
            }
            const small = arg.name === 'by' || arg.name === 'to';
            given.push(`${arg.name}: ${this.value(arg.type, { name: arg.name, small, fallback: arg.defaultValue !== undefined, depth: 0 })}`);
        }
        return given.length > 0 ? `(${random.shuffle(given).join(random.pick([', ', ' ']))})` : '';
    }

    /// A literal or a variable of this type.
    value(type, place) {
        const { random } = this;
        if (place.variables !== false && random.chance(this.keen ? 0.6 : 0.22)) return this.variable(type, place);
        if (!isNonNullType(type) && random.chance(0.08)) return 'null';
        return this.literal(getNullableType(type), place);
    }

    literal(type, place) {
        const { random } = this;
        const inner = { ...place, fallback: false, depth: place.depth + 1 };
        if (isListType(type)) {
            if (random.chance(0.12)) return this.literal(getNullableType(type.ofType), inner);
            const items = Array.from({ length: random.between(0, 3) }, () => this.value(type.ofType, inner));
            return `[${items.join(random.pick([', ', ' ']))}]`;
        }
        if (isInputObjectType(type)) {
            const fields = Object.values(type.getFields());
            let chosen = fields.filter((field) => random.chance(place.depth > 2 ? 0.2 : 0.5));
            if (type.isOneOf) chosen = [random.pick(fields)];
            const texts = random.shuffle(chosen).map((field) => {
                const fieldType = field.type;
                if (type.isOneOf) {
                    const given = place.variables !== false && random.chance(0.2);
                    return `${field.name}: ${given ? this.variable(fieldType, { ...inner, name: field.name, notNull: true }) : this.literal(fieldType, { ...inner, name: field.name })}`;
                }
                return `${field.name}: ${this.value(fieldType, { ...inner, name: field.name, fallback: field.defaultValue !== undefined })}`;
            });
            return `{${texts.join(', ')}}`;
        }
        if (isEnumType(type)) return random.pick(type.getValues()).name;
        switch (type.name) {
            case 'Int': return random.pick(place.small ? SMALL : INTS);
            // Not `-0`: JSON.stringify has no text for it.
            case 'Float': return random.pick(random.chance(0.4) ? INTS.filter((text) => text !== '-0') : FLOATS);
            case 'Boolean': return random.pick(['true', 'false']);
            case 'ID': return random.chance(0.06) ? random.pick(['1', '42', '-3', '0']) : this.id(place.name);
            default: return random.pick(STRINGS);
        }
    }

    id(place) {
        const { random } = this;
        const letter = { character: 'c', actor: 'a', movie: 'm' }[place];
        const ids = letter ? IDS.filter((id) => id.startsWith(letter)) : IDS;
        return JSON.stringify(random.pick(ids));
    }

    /// A new variable, or one of this type that is there.
    variable(type, place) {
        const { random } = this;
        const nullable = getNullableType(type);
        const same = [...this.variables.values()].filter((variable) => variable.type === `${nullable}!`);
        if (same.length > 0 && random.chance(0.4)) return `$${random.pick(same).name}`;
        const name = `${random.pick(['v', 'input', 'on', 'n_', 'query'])}${(this.names += 1)}`;
        const needed = isNonNullType(type) || place.notNull === true;
        const variable = { name, optional: false };
        const fallback = () => ` = ${this.literal(nullable, { ...place, variables: false })}`;
        if (needed && random.chance(0.35)) {
            variable.type = String(nullable);
            // With a default on either side the nullable variable stands in a place that is not.
            if (!place.fallback || random.chance(0.6)) variable.default = fallback();
            if (place.notNull) variable.type = `${nullable}!`;
        } else if (needed || random.chance(0.3)) {
            variable.type = `${nullable}!`;
            if (random.chance(0.2)) variable.default = fallback();
        } else {
            variable.type = String(nullable);
            if (random.chance(0.3)) variable.default = random.chance(0.1) ? ' = null' : fallback();
        }
        const nullables = !variable.type.endsWith('!');
        variable.optional = nullables || variable.default !== undefined;
        variable.json = () => (nullables && random.chance(0.12) ? 'null' : this.json(nullable, place));
        this.variables.set(name, variable);
        return `$${name}`;
    }

    json(type, place) {
        const { random } = this;
        const inner = { ...place, depth: place.depth + 1 };
        const maybe = (of, then) => (!isNonNullType(of) && random.chance(0.1) ? 'null' : this.json(getNullableType(of), then));
        if (isListType(type)) {
            if (random.chance(0.12)) return this.json(getNullableType(type.ofType), inner);
            return `[${Array.from({ length: random.between(0, 3) }, () => maybe(type.ofType, inner)).join(',')}]`;
        }
        if (isInputObjectType(type)) {
            const fields = Object.values(type.getFields());
            let chosen = fields.filter(() => random.chance(place.depth > 2 ? 0.2 : 0.5));
            if (type.isOneOf) chosen = [random.pick(fields)];
            const texts = random.shuffle(chosen).map((field) => {
                const then = { ...inner, name: field.name };
                return `"${field.name}":${type.isOneOf ? this.json(field.type, then) : maybe(field.type, then)}`;
            });
            return `{${texts.join(',')}}`;
        }
        if (isEnumType(type)) return `"${random.pick(type.getValues()).name}"`;
        switch (type.name) {
            case 'Int': return random.chance(0.05) ? '2.0' : random.pick(place.small ? SMALL : INTS.filter((text) => text !== '-0'));
            case 'Float': return random.pick(JSON_FLOATS);
            case 'Boolean': return random.pick(['true', 'false']);
            case 'ID': return random.chance(0.1) ? random.pick(['1', '42', '-3']) : this.id(place.name);
            default: return random.pick(JSON_STRINGS);
        }
    }

    values(variables) {
        const { random } = this;
        const given = [];
        for (const variable of variables) {
            if (variable.optional && random.chance(0.3)) continue;
            if (random.chance(0.01)) continue;
            given.push([variable.name, variable.json()]);
        }
        if (random.chance(0.03)) given.push(['unknown', '1']);
        return given;
    }
}

/// As a JSON text.
export const variablesText = (given) => `{${given.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
