// Numbers that are the same on every machine: mulberry32.

export class Random {
    constructor(seed, stream = 0) {
        this.state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) >>> 0;
        this.next();
        this.next();
    }

    next() {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let mixed = this.state;
        mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    }

    /// From 0, below `end`.
    below(end) {
        return Math.floor(this.next() * end);
    }

    between(first, last) {
        return first + this.below(last - first + 1);
    }

    chance(probability) {
        return this.next() < probability;
    }

    pick(list) {
        return list[this.below(list.length)];
    }

    some(list, probability) {
        return list.filter(() => this.chance(probability));
    }

    shuffle(list) {
        const copy = [...list];
        for (let at = copy.length - 1; at > 0; at--) {
            const other = this.below(at + 1);
            [copy[at], copy[other]] = [copy[other], copy[at]];
        }
        return copy;
    }
}
