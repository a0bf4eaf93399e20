import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Window } from './driver.ts';

/** A secret in the forms in which it might be lying about. */
function forms(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const texts = [
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ];
  return [bytes, Buffer.from(secret, 'utf16le'), Buffer.from(secret, 'latin1'), ...texts.map((text) => Buffer.from(text))];
}

interface Place {
  readonly name: string;
  readonly content: Buffer;
}

/** Where one of `secrets` can be read: in files below `folders`, in what `window` shows or keeps, in the clipboard, in any process. */
export async function tracesOf(secrets: readonly string[], folders: readonly string[], window: Window): Promise<string[]> {
  const wanted = secrets.flatMap((secret) => forms(secret).map((form) => ({ secret, form })));
  const places = [...folders.flatMap(filesIn), ...processes(), ...(await shown(window))];
  return places.flatMap(({ name, content }) =>
    wanted.filter(({ form }) => content.includes(form)).map(({ secret }) => `${secret} in ${name}`),
  );
}

/** But the extensions themselves: they are as they were installed. */
function filesIn(folder: string): Place[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !path.startsWith(join(folder, 'extensions')));
  return paths.flatMap((path) => read(path));
}

/** What everybody on this computer may see of a process, and what it hands on to those that it starts. */
function processes(): Place[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => [...read(`/proc/${id}/cmdline`), ...read(`/proc/${id}/environ`)]);
}

async function shown(window: Window): Promise<Place[]> {
  const page = [await window.page.content(), await window.page.locator('body').innerText()].join('\n');
  const stored = await window.stored();
  const clipboard = await window.page.evaluate<string>('navigator.clipboard.readText()');
  return Object.entries({ page, stored, clipboard, address: window.page.url() }).map(([name, text]) => ({
    name,
    content: Buffer.from(text),
  }));
}

function read(path: string): Place[] {
  try {
    return [{ name: path, content: readFileSync(path) }];
  } catch {
    // It was gone in the meantime, or is a process of somebody else.
    return [];
  }
}
