import type { Locator, Page } from 'playwright-core';

/** Quick picks and input boxes, one after another. */
export class QuickInput {
  readonly #page: Page;
  readonly widget: Locator;
  readonly #input: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.widget = page.locator('.quick-input-widget:visible');
    this.#input = this.widget.locator('.quick-input-box input');
  }

  /** Waits for the step whose title or prompt contains `text`. */
  async waitFor(text: string): Promise<void> {
    await this.widget.filter({ hasText: text }).waitFor();
  }

  async fill(text: string, timeout?: number): Promise<void> {
    await this.#input.fill(text, timeout === undefined ? {} : { timeout });
  }

  /** What stands in the box. */
  async value(): Promise<string> {
    return this.#input.inputValue();
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

/** What is said at the lower right. */
export class Notifications {
  readonly toasts: Locator;

  constructor(page: Page) {
    this.toasts = page.locator('.notifications-toasts .notification-list-item');
  }

  async waitFor(text: string | RegExp): Promise<void> {
    await this.toasts.filter({ hasText: text }).first().waitFor();
  }

  async texts(): Promise<string[]> {
    return this.toasts.locator('.notification-list-item-message').allInnerTexts();
  }

  /** Presses a button of the notification that says `text`. */
  async press(text: string | RegExp, button: string): Promise<void> {
    await this.toasts.filter({ hasText: text }).getByRole('button', { name: button, exact: true }).click();
  }

  /** Clicks a link in the text of the notification that says `text`. */
  async follow(text: string | RegExp, link: string): Promise<void> {
    await this.toasts.filter({ hasText: text }).locator('a[href]').getByText(link, { exact: true }).click();
  }
}

/** The menu of the right mouse button. */
export class ContextMenu {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async choose(target: Locator, item: string): Promise<void> {
    await target.click({ button: 'right' });
    const menu = this.#page.locator('.monaco-menu');
    const entry = menu.locator('.action-item').filter({ has: this.#page.getByText(item, { exact: true }) });
    await entry.click();
    // A menu that has just opened may take no click yet.
    await menu.waitFor({ state: 'detached', timeout: 2000 }).catch(() => entry.click());
  }
}
