import { t } from '../l10n.ts';
import { safeText } from '../text.ts';
import type { HostSketch, ImportedHop } from './hostSketch.ts';
import type { JsonPath, JsonPlace, SecretPlace } from './imported.ts';
import { type JsonNode, memberOf } from './json.ts';

/** An object of JSON, and where it is in its file. */
export interface JsonLayer {
  readonly node: JsonNode;
  readonly path: JsonPath;
}

/** How an extension of VS Code calls what a host needs. */
export interface FieldNames {
  readonly password: string;
  readonly passphrase: string;
  readonly key: string;
  readonly agent: string;
  readonly user: string;
  readonly root: string;
  /** What makes the extension ask for a secret. */
  readonly asks: JsonPlace['instead'];
}

/** A host in the words of an extension of VS Code: the first layer that has a key decides, as a profile goes before what all have. */
export class ConfigFields {
  readonly #layers: readonly JsonLayer[];
  readonly #used = new Set<string>();

  constructor(layers: readonly JsonLayer[]) {
    this.#layers = layers;
  }

  /** A text or number as text; undefined for anything else. */
  text(key: string): string | undefined {
    const value = this.value(key);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  }

  number(key: string): number | undefined {
    const value = this.value(key);
    if (typeof value === 'string' && /^\d{1,5}$/.test(value)) return Number(value);
    return typeof value === 'number' ? value : undefined;
  }

  /** A text, number, truth value or null; undefined for anything else and for nothing. */
  value(key: string): string | number | boolean | null | undefined {
    this.#used.add(key);
    const node = this.#find(key)?.node;
    return node?.kind === 'leaf' ? node.value : undefined;
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  place(key: string, instead: JsonPlace['instead']): SecretPlace | undefined {
    const path = this.#find(key)?.path;
    return path === undefined ? undefined : { path, instead };
  }

  /** The value of a key, where it is an object or list of them. */
  layers(key: string): readonly JsonLayer[] {
    const found = this.#find(key);
    if (found === undefined) return [];
    this.#used.add(key);
    return objectsIn(found);
  }

  /** As a host to go through. */
  hop(names: FieldNames): ImportedHop {
    const password = this.value(names.password);
    return {
      user: this.text(names.user)?.trim(),
      address: this.text('host')?.trim() ?? '',
      port: this.number('port'),
      password: typeof password === 'string' ? password : undefined,
      place: this.place(names.password, names.asks),
      hasKey: this.text(names.key) !== undefined,
    };
  }

  /** Who logs in how. */
  logIn(sketch: HostSketch, names: FieldNames): void {
    sketch.user(this.text(names.user)?.trim());
    sketch.root(this.text(names.root)?.trim());
    const agent = this.value(names.agent);
    sketch.agent(typeof agent === 'string' || agent === false ? agent : undefined);
    const file = sketch.key(this.text(names.key));
    const secret = (key: string) => {
      const value = this.value(key);
      return typeof value === 'string' ? value : undefined;
    };
    sketch.password(secret(names.password), this.place(names.password, names.asks));
    sketch.passphrase(secret(names.passphrase), file, this.place(names.passphrase, names.asks));
  }

  /** Names what nobody asked for, but for `harmless` keys, which say nothing about how the server is reached. */
  sayTheRest(sketch: HostSketch, harmless: readonly string[]): void {
    const keys = this.#layers.flatMap(({ node }) => (node.kind === 'object' ? node.members.map(({ key }) => key) : []));
    const rest = [...new Set(keys)].filter((key) => !this.#used.has(key) && !harmless.includes(key));
    if (rest.length === 0) return;
    const shown = rest.slice(0, 12).map((key) => safeText(key, 40));
    sketch.note(t('Left out: {0}.', rest.length > shown.length ? `${shown.join(', ')} …` : shown.join(', ')));
  }

  #find(key: string): JsonLayer | undefined {
    for (const { node, path } of this.#layers) {
      const member = memberOf(node, key);
      if (member !== undefined) return { node: member.node, path: [...path, key] };
    }
    return undefined;
  }
}

/** The objects of a list, or the one object. */
export function objectsIn({ node, path }: JsonLayer): readonly JsonLayer[] {
  if (node.kind === 'list') return node.items.flatMap((item, index) => objectsIn({ node: item, path: [...path, index] }));
  return node.kind === 'object' ? [{ node, path }] : [];
}

/** An FTP extension's words for encryption. */
export function setFtpProtocol(sketch: HostSketch, secure: unknown): void {
  if (secure === true || secure === 'true' || secure === 'control' || secure === 'implicit') {
    sketch.set('protocol', 'ftps');
    if (secure === 'implicit') sketch.set('tls', 'implicit');
    if (secure === 'control') sketch.note(t('Only the commands were encrypted here; Ferry encrypts the files too.'));
  } else sketch.set('protocol', 'ftp');
}
