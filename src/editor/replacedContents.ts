import { isSameContent } from '../core/bytes.ts';
import type { Version } from '../core/operations/version.ts';
import type { History } from './history.ts';
import type { Location } from './uri.ts';

/** What one save knows of the file's content before and after it. */
export interface SavedContent {
  readonly content: Uint8Array;
  readonly version: Version;
  /** What the save was based on. */
  readonly base: Version | undefined;
  /** What the save itself read of the file, last. */
  readonly seen: Uint8Array | undefined;
}

/** Keeps what a save replaced, where that is at hand: nothing is read for it. */
export function keepReplaced(history: History, location: Location, { content, version, base, seen }: SavedContent): void {
  history.hold(location.key, version, content);
  const known = base === undefined ? undefined : history.held(location.key, base);
  // A save that was repeated after a lost connection may have met with its own content.
  const old = [seen, known].find((bytes) => bytes !== undefined && !isSameContent(bytes, content));
  if (old !== undefined) history.add(location, old, 'saved');
}
