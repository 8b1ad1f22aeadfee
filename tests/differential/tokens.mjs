// Documents as texts: other spellings of the same tokens, and broken ones.

import { Lexer, Source, TokenKind } from 'graphql';

/// The tokens as they are written, without what is ignored.
export function tokensOf(text) {
    const lexer = new Lexer(new Source(text));
    const tokens = [];
    while (lexer.advance().kind !== TokenKind.EOF) tokens.push(text.slice(lexer.token.start, lexer.token.end));
    return tokens;
}

const word = (text) => /^[\w$@"-]/.test(text);
const wordEnd = (text) => /[\w"]$/.test(text);

function mustPart(left, right) {
    if (/^[$@]/.test(right)) return false;
    if (wordEnd(left) && word(right)) return true;
    return /^[-\d]/.test(left) && right.startsWith('.');
}

export function join(tokens, between) {
    let text = '';
    tokens.forEach((token, at) => {
        if (at > 0) text += between(tokens[at - 1], token);
        text += token;
    });
    return text;
}

const GAPS = [' ', '  ', '\n', '\r\n', '\r', '\t', ',', ' , ', ' # a comment "{ \n', '#é😀\n', '\uFEFF', ',,\n'];

/// The same tokens with other things between them.
export function respell(text, random) {
    const dense = random.chance(0.3);
    const between = (left, right) => {
        if (dense) return mustPart(left, right) ? random.pick([' ', ',', '\n']) : '';
        return random.chance(0.75) ? random.pick([' ', ' ', '\n']) : random.pick(GAPS);
    };
    let result = join(tokensOf(text), between);
    if (random.chance(0.1)) result = `\uFEFF${result}`;
    if (random.chance(0.1)) result = `# first\n${result}`;
    if (random.chance(0.1)) result += random.pick(['\n', ' # last', ',', '\n\n', '#']);
    return result;
}

const STRAYS = [
    '{', '}', '(', ')', '[', ']', ':', '=', '!', '$', '@', '|', '&', '...', '..', '.', '?', '%', '^', '\\', '~', ';', '"', '"""', '"x', "'x'", '01', '1.', '.5', '1e', '1.e3', '-', '+1', '1x', '0x1F',
    '00', '1_000', '"\\q"', '"\\u12"', '"\\uD800"', '"\\u{110000}"', '"\\u{}"', '"\n"', '\u0000', '\u0007', 'é', '€', '😀', 'on', 'fragment', 'query', 'null', 'true', '$$a', '$1', '@1', '{}', '()', '[]',
];

/// Tokens dropped, doubled, exchanged, replaced; letters dropped, doubled, put in.
export function breakTokens(text, random) {
    let tokens;
    try {
        tokens = tokensOf(text);
    } catch {
        return text;
    }
    const at = random.below(tokens.length);
    switch (random.below(8)) {
        case 0: tokens.splice(at, 1); break;
        case 1: tokens.splice(at, 0, tokens[at]); break;
        case 2: [tokens[at], tokens[(at + 1) % tokens.length]] = [tokens[(at + 1) % tokens.length], tokens[at]]; break;
        case 3: tokens.splice(at, 1, random.pick(STRAYS)); break;
        case 4: tokens.splice(at, 0, random.pick(STRAYS)); break;
        case 5: tokens.length = at; break;
        case 6: {
            const place = random.below(text.length);
            return wellFormed(text.slice(0, place) + random.pick(STRAYS) + text.slice(place));
        }
        default: {
            const place = random.below(text.length);
            return wellFormed(text.slice(0, place) + text.slice(place + 1));
        }
    }
    return join(tokens, () => random.pick([' ', ' ', '\n']));
}

/// Half of a pair of surrogates cannot be sent as UTF-8.
const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, '\uFFFD');
