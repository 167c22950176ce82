import { expect, type Locator, type Page } from "@playwright/test";
import { exactly, LABELS } from "./labels.ts";

/** «Annuaire», the dialog, as somebody uses it who is logged in. */
export class DirectoryDialog {
  private constructor(private readonly page: Page) {}

  /** Opens it from its icon. */
  static async open(page: Page, url: string): Promise<DirectoryDialog> {
    await page.goto(url);
    await page.getByRole("button", { name: LABELS.directory }).click();
    const dialog = new DirectoryDialog(page);
    await expect(dialog.self).toBeVisible();
    return dialog;
  }

  get self(): Locator {
    return this.page.getByRole("dialog", { name: LABELS.directory });
  }

  get search(): Locator {
    return this.self.getByRole("searchbox", { name: LABELS.directorySearch });
  }

  get entity(): Locator {
    return this.self.getByRole("combobox", { name: exactly("Entité") });
  }

  get table(): Locator {
    return this.self.getByRole("table");
  }

  get columns(): Locator {
    return this.table.getByRole("columnheader");
  }

  /** One for each who is found. */
  get rows(): Locator {
    return this.table.getByRole("row").filter({ has: this.page.getByRole("button") });
  }

  get status(): Locator {
    return this.self.getByRole("status");
  }

  /** The column's texts, from the top. */
  async cells(column: string): Promise<string[]> {
    const names = await this.columns.allInnerTexts();
    const index = names.findIndex((name) => exactly(column).test(name));
    return await this.rows.locator(`td:nth-child(${index + 1})`).allInnerTexts();
  }
}
