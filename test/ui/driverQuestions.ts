import type { Locator, Page } from 'playwright-core';
import { isSoonSeen, patienceMs } from './patience.ts';

/** Then it is looked anew where it is. */
const soon = { timeout: 5000 };

/** Quick picks and input boxes, one after another. */
export class QuickInput {
  readonly #page: Page;
  readonly widget: Locator;
  readonly #input: Locator;

  constructor(page: Page) {
    this.#page = page;
    // One that is answered is still to be seen as it fades.
    this.widget = page.locator('.quick-input-widget:not(.quick-input-widget-closing):visible');
    this.#input = this.widget.locator('.quick-input-box input');
  }

  /** Waits for the step whose title or prompt contains `text`. */
  async waitFor(text: string): Promise<void> {
    await this.widget.filter({ hasText: text }).waitFor();
  }

  async fill(text: string, timeout?: number): Promise<void> {
    await this.#input.fill(text, timeout === undefined ? {} : { timeout });
  }

  /** What stands in the box; fails soon where there is none. */
  async value(): Promise<string> {
    return this.#input.inputValue(soon);
  }

  /** Enter. */
  async accept(): Promise<void> {
    await this.#input.press('Enter');
  }

  /** Chooses the item with exactly this label. */
  async pick(label: string, timeout?: number): Promise<void> {
    await this.item(label).click(timeout === undefined ? {} : { timeout });
  }

  item(label: string): Locator {
    return this.widget
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.#page.locator('.label-name').getByText(label, { exact: true }) })
      .first();
  }

  /** A button of the title (Back) or beside the box, by what it says. */
  async press(button: string): Promise<void> {
    await this.widget.locator(`.action-label[aria-label^="${button}"], .monaco-custom-toggle[aria-label^="${button}"]`).first().click();
  }

  /** What the box says of a value that it does not take. */
  async message(): Promise<string> {
    return this.widget.locator('.quick-input-message').innerText();
  }

  async cancel(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.gone().catch(() => {});
  }

  async gone(): Promise<void> {
    await this.widget.waitFor({ state: 'detached' });
  }
}

/** A modal question. */
export class Dialog {
  readonly box: Locator;

  constructor(page: Page) {
    this.box = page.locator('.monaco-dialog-box');
  }

  /** Its message and detail. */
  async text(): Promise<string> {
    return this.box.locator('.dialog-message-container').innerText();
  }

  /** Presses the button with exactly this label, and waits until this box is gone; there may be another one by then. */
  async press(button: string): Promise<void> {
    const box = await this.box.elementHandle();
    await this.box.locator('.dialog-buttons').getByText(button, { exact: true }).click();
    await box.waitForElementState('hidden');
  }
}

/** What is said at the lower right. Most of it VS Code hides behind its bell after 10 to 15 s, which is soon on a busy machine. */
export class Notifications {
  readonly toasts: Locator;
  readonly #list: Locator;
  readonly #listed: Locator;
  readonly #bell: Locator;

  constructor(page: Page) {
    this.toasts = page.locator('.notifications-toasts .notification-list-item');
    this.#list = page.locator('.notifications-center.visible');
    this.#listed = this.#list.locator('.notification-list-item');
    this.#bell = page.locator('.part.statusbar [id="status.notifications"]');
  }

  /** Resolves to when it was seen, as of `performance.now()`. */
  async waitFor(text: string | RegExp): Promise<number> {
    return this.#with(text, () => Promise.resolve());
  }

  async texts(): Promise<string[]> {
    return this.toasts.locator('.notification-list-item-message').allInnerTexts();
  }

  /** Presses a button of the notification that says `text`; resolves to when it was pressed, as of `performance.now()`. */
  async press(text: string | RegExp, button: string): Promise<number> {
    return this.#with(text, (said) => said.getByRole('button', { name: button, exact: true }).click(soon));
  }

  /** Clicks a link in the text of the notification that says `text`. */
  async follow(text: string | RegExp, link: string): Promise<void> {
    await this.#with(text, (said) => said.locator('a[href]').getByText(link, { exact: true }).click(soon));
  }

  /** Others that come and go move what is said, or hide it. */
  async #with(text: string | RegExp, act: (said: Locator) => Promise<void>): Promise<number> {
    const said = this.toasts.or(this.#listed).filter({ hasText: text }).first();
    const deadline = performance.now() + patienceMs;
    for (let looked = 0; ; looked += 1) {
      try {
        // What was in the list when it closed is behind the bell, and the bell does not tell.
        if (!(await isSoonSeen(said)) && (looked > 1 || (await this.#isHiding()))) await this.#bell.click(soon);
        await said.waitFor(soon);
        await act(said);
        const done = performance.now();
        if (await this.#list.isVisible()) await this.#bell.click(soon).catch(() => {});
        return done;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }

  /** Whether the list has something, or is open: what is said meanwhile is nowhere else. */
  async #isHiding(): Promise<boolean> {
    return (await this.#list.isVisible()) || (await this.#bell.locator('.codicon-bell-dot').isVisible());
  }
}

/** The menu of the right mouse button. */
export class ContextMenu {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async choose(target: Locator, item: string): Promise<void> {
    const menu = this.#page.locator('.monaco-menu').first();
    const entry = menu.locator('.action-item').filter({ has: this.#page.getByText(item, { exact: true }) });
    const deadline = performance.now() + patienceMs;
    for (let isChosen = false; ;) {
      try {
        if (!isChosen && !(await menu.isVisible())) await target.click({ button: 'right' });
        // A menu that has just opened may take no click yet.
        if (!isChosen || (await entry.isVisible())) await entry.click(soon);
        isChosen = true;
        await menu.waitFor({ state: 'detached', ...soon });
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }
}
