import type { Locator, Page } from 'playwright-core';
import { escapeRegExp } from './escapeRegExp.ts';

/** The open editors. */
export class EditorArea {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** By what is written on it, or, where that is in parts because another tab has the same name, by its name for screen readers. */
  tab(name: string): Locator {
    const tabs = this.#page.locator('.part.editor .tab');
    const label = new RegExp(`^${escapeRegExp(name)}(?:,.*)?$`);
    return tabs.filter({ has: this.#page.getByText(name, { exact: true }) }).or(tabs.and(this.#page.getByRole('tab', { name: label })));
  }

  /** Resolves when the file's editor is in front. */
  async waitForTab(name: string): Promise<void> {
    await this.tab(name).and(this.#page.locator('.active')).waitFor();
  }

  /** Resolves when the file's text is shown. */
  async waitFor(name: string): Promise<void> {
    await this.waitForTab(name);
    await this.#active().locator('.view-line').first().waitFor();
  }

  /** The text in sight of the active editor. */
  async text(): Promise<string> {
    const text = await this.#active().locator('.view-lines').innerText();
    return text.replaceAll('\u00a0', ' ');
  }

  /** Types at the very start, as a person would: key by key. */
  async typeAtStart(text: string): Promise<void> {
    await this.#focus();
    await this.#page.keyboard.press('ControlOrMeta+Home');
    await this.#page.keyboard.type(text);
  }

  /** Replaces everything. */
  async replaceAll(text: string): Promise<void> {
    await this.#focus();
    await this.#page.keyboard.press('ControlOrMeta+a');
    await this.#page.keyboard.insertText(text);
  }

  /** Ctrl+S; does not wait. */
  async pressSave(): Promise<void> {
    await this.#page.keyboard.press('ControlOrMeta+s');
  }

  /** Ctrl+S, and waits until the tab's dot is gone. */
  async save(name: string): Promise<void> {
    await this.pressSave();
    await this.waitUntilSaved(name);
  }

  async waitUntilDirty(name: string): Promise<void> {
    await this.tab(name).and(this.#page.locator('.dirty')).waitFor();
  }

  async waitUntilSaved(name: string): Promise<void> {
    await this.tab(name).and(this.#page.locator(':not(.dirty)')).waitFor();
  }

  async close(name: string): Promise<void> {
    await this.tab(name).locator('.action-label[aria-label^="Close"]').click();
  }

  async #focus(): Promise<void> {
    await this.#active().locator('.view-lines').click();
  }

  #active(): Locator {
    return this.#page.locator('.part.editor .editor-group-container.active .editor-instance .monaco-editor').first();
  }
}
