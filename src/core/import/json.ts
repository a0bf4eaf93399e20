import { t } from '../l10n.ts';
import { ImportError, type JsonPath } from './imported.ts';

/** A value of JSON with comments and trailing commas, and where it is in the text: from `start` up to `end`. */
export type JsonNode = JsonObject | JsonList | JsonLeaf;

interface Span {
  readonly start: number;
  readonly end: number;
}

export interface JsonMember {
  readonly key: string;
  /** Where the key begins. */
  readonly start: number;
  readonly node: JsonNode;
}

export interface JsonObject extends Span {
  readonly kind: 'object';
  /** In the order of the file, also those that a later one of the same key overrides. */
  readonly members: readonly JsonMember[];
}

export interface JsonList extends Span {
  readonly kind: 'list';
  readonly items: readonly JsonNode[];
}

export interface JsonLeaf extends Span {
  readonly kind: 'leaf';
  readonly value: string | number | boolean | null;
}

const deepest = 100;

/** Throws `ImportError` for what is no JSON. */
export function parseJson(text: string): JsonNode {
  const reader = new JsonReader(text);
  const node = reader.value(0);
  reader.finish();
  return node;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    if (depth > deepest) throw broken();
    this.#blank();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    return first === '[' ? this.#list(depth) : this.#leaf();
  }

  finish(): void {
    this.#blank();
    if (this.#at < this.#text.length) throw broken();
  }

  #object(depth: number): JsonObject {
    const start = this.#at++;
    const members: JsonMember[] = [];
    while (!this.#ends('}')) {
      const keyStart = this.#at;
      const key = this.#string();
      this.#blank();
      if (this.#text[this.#at++] !== ':') throw broken();
      members.push({ key, start: keyStart, node: this.value(depth + 1) });
      this.#separator('}');
    }
    return { kind: 'object', members, start, end: this.#at };
  }

  #list(depth: number): JsonList {
    const start = this.#at++;
    const items: JsonNode[] = [];
    while (!this.#ends(']')) {
      items.push(this.value(depth + 1));
      this.#separator(']');
    }
    return { kind: 'list', items, start, end: this.#at };
  }

  #leaf(): JsonLeaf {
    const start = this.#at;
    if (this.#text[start] === '"') return { kind: 'leaf', value: this.#string(), start, end: this.#at };
    const word = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
    word.lastIndex = start;
    const [found] = word.exec(this.#text) ?? [];
    if (found === undefined) throw broken();
    this.#at += found.length;
    return { kind: 'leaf', value: JSON.parse(found) as JsonLeaf['value'], start, end: this.#at };
  }

  #string(): string {
    if (this.#text[this.#at] !== '"') throw broken();
    let end = this.#at + 1;
    while (this.#text[end] !== '"') {
      if (end >= this.#text.length || this.#text[end] === '\n') throw broken();
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    const literal = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    try {
      return JSON.parse(literal) as string;
    } catch {
      throw broken();
    }
  }

  /** Past the end of what is open here, if that is what comes. */
  #ends(close: string): boolean {
    this.#blank();
    if (this.#text[this.#at] !== close) return false;
    this.#at += 1;
    return true;
  }

  #separator(close: string): void {
    this.#blank();
    if (this.#text[this.#at] === ',') this.#at += 1;
    else if (this.#text[this.#at] !== close) throw broken();
    this.#blank();
  }

  #blank(): void {
    this.#at = afterBlank(this.#text, this.#at);
  }
}

/** The first place from `at` on that is neither blank nor in a comment. */
export function afterBlank(text: string, at: number): number {
  const blank = /[\s\ufeff]*/y;
  for (let here = at; ;) {
    blank.lastIndex = here;
    blank.exec(text);
    here = blank.lastIndex;
    const opening = text.slice(here, here + 2);
    if (opening !== '//' && opening !== '/*') return here;
    const end = opening === '//' ? text.indexOf('\n', here) : text.indexOf('*/', here + 2);
    if (end < 0) {
      if (opening === '/*') throw broken();
      return text.length;
    }
    here = opening === '//' ? end : end + 2;
  }
}

/** The member that holds for a key: the last one. */
export function memberOf(node: JsonNode | undefined, key: string): JsonMember | undefined {
  return node?.kind === 'object' ? node.members.findLast((member) => member.key === key) : undefined;
}

/** What a path leads to. */
export function nodeAt(root: JsonNode, path: JsonPath): JsonNode | undefined {
  return path.reduce<JsonNode | undefined>((node, step) => {
    if (typeof step === 'string') return memberOf(node, step)?.node;
    return node?.kind === 'list' ? node.items[step] : undefined;
  }, root);
}

function broken(): ImportError {
  return new ImportError(t('The file is not whole JSON.'));
}
