import type { Locator, Page } from 'playwright-core';
import { doUntilSeen } from './patience.ts';

interface Row {
  readonly at: number;
  readonly level: number;
  readonly name: string;
}

/** Runs in the page, in one go: rows come and go. */
const readRows = `[...document.querySelectorAll('.explorer-folders-view .monaco-list-row')].map((row) => ({
  at: Number(row.dataset.index),
  level: Number(row.getAttribute('aria-level')),
  name: row.querySelector('.label-name')?.textContent ?? '',
}))`;

/** The tree of the opened folders. */
export class Explorer {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The row of a file or folder that is in sight. `level` tells equal names apart: 1 is directly below the opened folder. */
  row(name: string, level?: number): Locator {
    const label = this.#page.getByText(name, { exact: true });
    const rows = level === undefined ? '.monaco-list-row' : `.monaco-list-row[aria-level="${String(level)}"]`;
    return this.#page.locator(`.explorer-folders-view ${rows}`).filter({ has: label });
  }

  /** The names in sight, from top to bottom. */
  async names(): Promise<string[]> {
    return this.#page.locator('.explorer-folders-view .monaco-list-row .label-name').allInnerTexts();
  }

  /** Of all rows in sight, from top to bottom: the names from the uppermost row down, joined by `/`. */
  async paths(): Promise<string[]> {
    const rows = await this.#page.evaluate<Row[]>(readRows);
    const parents: string[] = [];
    return rows
      .sort((one, two) => one.at - two.at)
      .map(({ level, name }) => {
        parents.splice(level - 1, Infinity, name);
        return parents.join('/');
      });
  }

  /** Opens a file for good (not as a preview), or folds a folder open. */
  async open(name: string): Promise<void> {
    const row = this.row(name);
    if ((await row.getAttribute('aria-expanded')) === null) await row.dblclick();
    else await this.expand(name);
  }

  /** Again where the tree was just being listed anew and the click came to nothing. */
  async expand(name: string): Promise<void> {
    const row = this.row(name);
    for (let attempt = 1; ; attempt++) {
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
      try {
        await row.and(this.#page.locator('[aria-expanded="true"]')).waitFor({ timeout: 5000 });
        return;
      } catch (error) {
        if (attempt === 8) throw error;
      }
    }
  }

  async collapse(name: string): Promise<void> {
    const row = this.row(name);
    if ((await row.getAttribute('aria-expanded')) === 'true') await row.click();
    await row.and(this.#page.locator('[aria-expanded="false"]')).waitFor();
  }

  /** By a click, which also shows a file, and folds a folder. */
  async select(name: string): Promise<void> {
    await this.row(name).click();
  }

  async copy(name: string): Promise<void> {
    await this.select(name);
    await this.#page.keyboard.press('ControlOrMeta+c');
  }

  /** Into a folder, or beside a file. */
  async paste(into: string): Promise<void> {
    await this.select(into);
    await this.#page.keyboard.press('ControlOrMeta+v');
  }

  /** Drags a row onto another, a file or a folder onto a folder; resolves when VS Code asks whether it is to move. */
  async drag(name: string, onto: string): Promise<void> {
    await doUntilSeen(this.#page.locator('.monaco-dialog-box'), () => this.row(name).dragTo(this.row(onto), { timeout: 10_000 }));
  }

  /** F2, the new name, Enter. */
  async rename(name: string, to: string): Promise<void> {
    await this.select(name);
    await this.#page.keyboard.press('F2');
    await this.#fillName(to);
  }

  /** Asks nothing by itself; VS Code may. */
  async remove(name: string): Promise<void> {
    await this.select(name);
    await this.#page.keyboard.press('Delete');
  }

  /** Beside or within what is selected, by the buttons of the view's title. */
  async create(kind: 'File' | 'Folder', name: string): Promise<void> {
    await this.#page.locator('.explorer-folders-view').hover();
    await this.#page.locator(`.part.sidebar .action-label[aria-label^="New ${kind}"]`).click();
    await this.#fillName(name);
  }

  async refresh(): Promise<void> {
    await this.#page.locator('.explorer-folders-view').hover();
    await this.#page.locator('.part.sidebar .action-label[aria-label^="Refresh Explorer"]').click();
  }

  /** Nothing is being listed any more. */
  async settled(): Promise<void> {
    await this.#page.locator('.part.sidebar .monaco-progress-container.active').waitFor({ state: 'detached' });
    await this.#page.locator('.explorer-folders-view .codicon-tree-item-loading').first().waitFor({ state: 'detached' });
  }

  async #fillName(name: string): Promise<void> {
    const input = this.#page.locator('.explorer-folders-view .monaco-inputbox input');
    await input.fill(name);
    await input.press('Enter');
    await input.waitFor({ state: 'detached' });
  }
}
