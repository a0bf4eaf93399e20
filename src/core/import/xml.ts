import { t } from '../l10n.ts';
import { ImportError } from './imported.ts';

/** An element of XML: what files of settings need of it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly in it, trimmed. */
  readonly text: string;
  /** Where it is in the text that it was read from, its tags included. */
  readonly start: number;
  readonly end: number;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
  end: number;
}

const deepest = 100;
const mostElements = 200_000;

const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

const tag = /<(\/?)([^\s/<>"'=]{1,200})((?:\s+[^\s/<>"'=]{1,200}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const attribute = /([^\s/<>"'=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * The outermost element of a text. No document types, and so no entities of a file's own: those that XML has by itself and characters by
 * their numbers are all that there is. Throws `ImportError` for what is no such text.
 */
export function parseXml(text: string): XmlElement {
  const document = openElement('', '', 0);
  const open: OpenElement[] = [document];
  let count = 0;
  let at = 0;
  while (at < text.length) {
    const here = open[open.length - 1] ?? document;
    if (text[at] !== '<') {
      const end = positionOf(text, '<', at);
      here.text += unescaped(text.slice(at, end));
      at = end;
      continue;
    }
    const aside = asideAt(text, at);
    if (aside !== undefined) {
      here.text += aside.text;
      at = aside.end;
      continue;
    }
    const start = (tag.lastIndex = at);
    const match = tag.exec(text);
    if (match === null) throw broken();
    at = tag.lastIndex;
    const [, closing, name = '', attributes = '', empty] = match;
    if (closing === '/') {
      if (open.length === 1 || here.name !== name) throw broken();
      here.text = here.text.trim();
      here.end = at;
      open.pop();
      continue;
    }
    count += 1;
    if (count > mostElements || open.length > deepest) throw broken();
    const element = openElement(name, attributes, start);
    element.end = at;
    here.children.push(element);
    if (empty !== '/') open.push(element);
  }
  const [root, ...others] = document.children;
  if (root === undefined || others.length > 0 || open.length > 1) throw broken();
  return root;
}

function openElement(name: string, attributes: string, start: number): OpenElement {
  return { name, attributes: attributesOf(attributes), children: [], text: '', start, end: start };
}

/** Comments, instructions and unescaped text, none of which hold elements. */
function asideAt(text: string, at: number): { readonly text: string; readonly end: number } | undefined {
  const upTo = (end: string, from: number) => {
    const found = text.indexOf(end, from);
    if (found < 0) throw broken();
    return found;
  };
  if (text.startsWith('<!--', at)) return { text: '', end: upTo('-->', at + 4) + 3 };
  if (text.startsWith('<?', at)) return { text: '', end: upTo('?>', at + 2) + 2 };
  if (!text.startsWith('<![CDATA[', at)) {
    if (text.startsWith('<!', at))
      throw new ImportError(t('The file declares a type of its own, which no list of hosts needs. It is not read.'));
    return undefined;
  }
  const end = upTo(']]>', at + 9);
  return { text: text.slice(at + 9, end), end: end + 3 };
}

function positionOf(text: string, character: string, from: number): number {
  const found = text.indexOf(character, from);
  return found < 0 ? text.length : found;
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(attribute)].map(([, name = '', double, single]) => [name, unescaped(double ?? single ?? '')]));
}

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,10}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return entities.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** The text of the first child of that name; empty without one. */
export function textIn(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? '';
}

function broken(): ImportError {
  return new ImportError(t('The file is not whole XML.'));
}
