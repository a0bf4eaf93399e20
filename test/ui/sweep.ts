import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Window } from './driver.ts';
import { patienceMs } from './patience.ts';

/* Looks at what is shown with the eyes of somebody who wants a person to click on it. */

/** What VS Code makes a click do something; its own buttons are no links. */
const links = 'a[href]:not([href=""]):not([href="#"]):not(.action-label), [data-href], .monaco-link, .detected-link';

/** The payload's own words in whatever form are fine, as long as nothing in them works. */
interface Shown {
  readonly text: string;
  readonly html: string;
  readonly links: readonly string[];
  readonly icons: number;
  readonly foreign: readonly string[];
}

/** An element of the page, as far as it is looked at. */
interface Part {
  readonly innerText: string;
  readonly outerHTML: string;
  readonly textContent: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<Part>;
}

/** Runs in the page. */
function readAll(elements: unknown, selector: string): Shown[] {
  return (elements as Part[]).map((part) => ({
    text: part.innerText,
    html: part.outerHTML.slice(0, 3000),
    links: [...part.querySelectorAll(selector)].map((link) => link.dataset['href'] ?? link.getAttribute('href') ?? link.textContent),
    icons: [...part.querySelectorAll('.codicon-bug')].length,
    foreign: [...part.querySelectorAll('img[src^="command"], img[src="x"], iframe, script')].map((one) => one.outerHTML),
  }));
}

/**
 * Clicks every link in `sink` but Ferry's own, and the words that were to be one; fails for a link, an icon or a character that does
 * something. `raw`: names that VS Code shows by itself, whose letters it does not change. `allowed`: links that
 * VS Code makes by itself.
 */
export async function sweep(sink: Locator, { raw = false, click = true, allowed = /^$/ } = {}): Promise<void> {
  await sink.first().waitFor();
  // All at once: what is said may be hidden while what is beside it is clicked on.
  for (const [index, shown] of (await sink.evaluateAll(readAll, links)).entries()) {
    const one = sink.nth(index);
    const where = `${shown.text}\n${shown.html}`;
    const risky = shown.links.some((link) => !isOurs(link) && !allowed.test(link));
    if (risky) for (const link of await one.locator(links).all()) await clickLink(link);
    if (click) await clickWords(one);
    assert.deepEqual(
      shown.links.filter((link) => !isOurs(link) && !allowed.test(link)),
      [],
      where,
    );
    assert.equal(shown.icons, 0, where);
    assert.deepEqual(shown.foreign, [], where);
    if (!raw) assert.doesNotMatch(shown.text, /[\u001b\u009b\u202a-\u202e\u2066-\u2069]|\]\(command:/, where);
  }
}

/** As a person would, with and without the key that editors want; what a click took away needs no other. */
async function clickLink(link: Locator): Promise<void> {
  const soon = { timeout: 1000 };
  const target = await link.getAttribute('data-href', soon).catch(() => null);
  if (isOurs(target ?? (await link.getAttribute('href', soon).catch(() => null)) ?? '')) return;
  await link.click({ modifiers: ['ControlOrMeta'], force: true, ...soon }).catch(() => {});
  await link.click({ force: true, ...soon }).catch(() => {});
}

function isOurs(link: string): boolean {
  return link.startsWith('command:ferry.');
}

/** Where a person would click who believes the words. */
async function clickWords(sink: Locator): Promise<void> {
  const words = sink.getByText(/click me/).last();
  if (await words.isVisible()) await words.click({ force: true, timeout: 2000 }).catch(() => {});
}

/** The tooltip of what is hovered over, which contains `text`. */
export async function tooltipOf(window: Window, target: Locator, text: string): Promise<Locator> {
  const tooltips = window.page.locator('.workbench-hover:visible, .monaco-hover:visible');
  // One that still shows may cover the target.
  await window.page.mouse.move(800, 300);
  await tooltips.first().waitFor({ state: 'detached' });
  const tooltip = tooltips.filter({ hasText: text }).first();
  const deadline = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    await target.hover();
    try {
      await tooltip.waitFor({ timeout: 5000 });
      return tooltip;
    } catch (error) {
      // A list that was just made anew forgets who points at it.
      if (performance.now() > deadline) throw error;
      await window.page.mouse.move(800, 300 + attempt);
    }
  }
}
