import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { filesIn, namesIn } from './contentFolder.ts';

const day = 24 * 3600_000;
/** A save fills a draft within moments; one so old, in ms, is what a crash left before the server's file was touched. */
const draftAge = day;
/** Notes of a host that nobody connects to any more are forgotten after so long, in ms. */
const noteAge = 90 * day;
/** So many are remembered of each host; the oldest are forgotten. */
const noteLimit = 1000;

const draftPattern = /^[0-9a-z]+-[0-9a-f]{16}\.draft$/;

/**
 * Removes from the journal at `root` what no later connection will ask for: drafts of contents that a crash left, and notes of temporaries
 * and looks that are very old or very many. Contents that are kept for the person stay until the person says so. Folders stay, because a
 * save may be about to write in one.
 */
export async function tidyJournal(root: string): Promise<void> {
  for (const place of await namesIn(join(root, 'copies'))) await tidyDrafts(join(root, 'copies', place));
  for (const place of await namesIn(join(root, 'temporaries')))
    await tidyNotes(join(root, 'temporaries', place), (name) => name.endsWith('.json'));
  for (const place of await namesIn(join(root, 'looks'))) await tidyNotes(join(root, 'looks', place), () => true);
}

async function tidyDrafts(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const draft = join(folder, name);
    const found = draftPattern.test(name) ? await stat(draft).catch(() => undefined) : undefined;
    if (found !== undefined && found.mtimeMs < Date.now() - draftAge) await rm(draft, { recursive: true, force: true });
  }
}

async function tidyNotes(folder: string, isNote: (name: string) => boolean): Promise<void> {
  const notes = (await filesIn(folder)).filter(({ name }) => isNote(name)).toSorted((one, other) => other.mtime - one.mtime);
  for (const [index, { path, mtime }] of notes.entries())
    if (index >= noteLimit || mtime < Date.now() - noteAge) await rm(path, { force: true });
}
